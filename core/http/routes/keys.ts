/** API keys. For admins. */
import type { Grant } from "cortex";
import * as z from "zod";
import { keyErrors, MAX_GRACE_MS } from "../../access/keys.ts";
import type { KeyRow } from "../../store/monitor/access.schema.ts";
import { fromIso, isoTime, nodeId, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";
import type { Services } from "../services.ts";
import { emptyScopes, emptyScopesOf, grant, permission } from "./grants.ts";

const tags = ["keys"];
const params = z.strictObject({ id: z.string().min(1).max(100) });

export const keyItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(["admin", "operator", "viewer", "node"]).describe("The highest one among the grants"),
  grants: z.array(grant),
  emptyScopes,
  permissions: z.array(permission).nullable().describe("Of what the grants allow, only these; null: all"),
  nodeId: z.string().nullable(),
  addresses: z.array(z.string()).nullable().describe("Ranges from which it is taken; null: from anywhere"),
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
  rotatedAt: isoTime.nullable(),
  formerUntil: isoTime.nullable().describe("Until then the secret before the last rotation is taken, too"),
  lastUsedAt: isoTime.nullable(),
  lastAddress: z.string().nullable(),
});
const shownKey = (key: KeyRow, { monitor }: Services): z.infer<typeof keyItem> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  grants: key.grants,
  emptyScopes: emptyScopesOf(key.grants, monitor.nodes),
  permissions: key.permissions,
  nodeId: key.nodeId,
  addresses: key.addresses,
  createdBy: key.createdBy,
  createdAt: toIso(key.createdAt),
  expiresAt: toIsoOrNull(key.expiresAt),
  rotatedAt: toIsoOrNull(key.rotatedAt),
  formerUntil: toIsoOrNull(key.formerUntil),
  lastUsedAt: toIsoOrNull(key.lastUsedAt),
  lastAddress: key.lastAddress,
});
const madeKey = keyItem.extend({ secret: z.string().describe("The key itself; not shown again") });

const newKey = z.strictObject({
  name: z.string().min(1).max(100),
  role: z
    .enum(["admin", "operator", "viewer", "node"])
    .optional()
    .describe("Short for this role on the whole tree; node for a key that speaks for one node"),
  grants: z.array(grant).min(1).max(50).optional(),
  permissions: z.array(permission).min(1).optional().describe("Of what the grants allow, only these"),
  node: nodeId.optional().describe("For role node: the only node the key may speak for"),
  expiresAt: isoTime.nullable().optional().describe("Default: a year from now; null: never"),
  addresses: z
    .array(z.string().max(60))
    .min(1)
    .max(50)
    .optional()
    .describe("Taken only from these ranges: 192.0.2.0/24, 2001:db8::/32"),
});

/** Exactly one of role and grants says what the key may do; a node's key speaks for its node. */
function grantsOf({ role, grants, node }: z.infer<typeof newKey>): Grant[] {
  if ((role === undefined) === (grants === undefined))
    throw keyErrors.key_grants("say what the key may do: either a role, or a list of grants");
  if ((role === "node") !== (node !== undefined))
    throw keyErrors.key_node("a key of role node needs the id of its node, other keys have none");
  if (role === "node") return [];
  return grants ?? [{ role: role!, scope: "*" }];
}

export const keyRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/keys",
    access: { permission: "keys.manage", scope: "tree" },
    operationId: "listKeys",
    summary: "API keys, without their secrets",
    tags,
    response: pageOf(keyItem),
    handler: ({ services }) => ({
      items: services.monitor.store.access.keys.all().map((key) => shownKey(key, services)),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/keys",
    access: { permission: "keys.manage", scope: "tree", recent: true },
    operationId: "createKey",
    summary: "Make an API key; its secret is shown in this answer only",
    tags,
    body: newKey,
    response: madeKey,
    status: 201,
    async handler({ services, principal, body }) {
      const { expiresAt } = body;
      const { key, secret } = await services.access.keys.create(
        {
          name: body.name,
          grants: grantsOf(body),
          permissions: body.permissions ?? null,
          nodeId: body.node ?? null,
          addresses: body.addresses ?? null,
          ...(expiresAt !== undefined && { expiresAt: expiresAt === null ? null : fromIso(expiresAt) }),
        },
        principal,
      );
      return { ...shownKey(key, services), secret };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/keys/:id/rotate",
    access: { permission: "keys.manage", scope: "tree", recent: true },
    operationId: "rotateKey",
    summary: "A new secret for a key; the old one ends at once, or goes on for a while",
    tags,
    params,
    body: z.strictObject({
      graceSeconds: z
        .number()
        .int()
        .min(0)
        .max(MAX_GRACE_MS / 1000)
        .optional()
        .describe("How long the old secret is still taken; default 0, at most a day"),
    }),
    response: madeKey,
    async handler({ services, principal, params: { id }, body }) {
      const graceMs = (body.graceSeconds ?? 0) * 1000;
      const { key, secret } = await services.access.keys.rotate(id, graceMs, principal);
      return { ...shownKey(key, services), secret };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/keys/:id",
    access: { permission: "keys.manage", scope: "tree", recent: true },
    operationId: "deleteKey",
    summary: "Delete an API key; it stops working at once",
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.keys.remove(id, principal);
      return DONE;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/token",
    access: { permission: "self", scope: "self" },
    operationId: "createToken",
    summary: "A token of at most 15 minutes for the API key that asks; it ends with the key at the latest",
    tags,
    body: z.strictObject({}),
    response: z.strictObject({ token: z.string(), expiresAt: isoTime }),
    status: 201,
    async handler({ services, principal }) {
      const { token, expiresAt } = await services.access.tokens.create(principal);
      return { token, expiresAt: toIso(expiresAt) };
    },
  }),
];
