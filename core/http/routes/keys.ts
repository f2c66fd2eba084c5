/** API keys. For admins. */
import * as z from "zod";
import { accountErrors } from "../../access/accounts.ts";
import type { KeyRow } from "../../store/monitor/schema.ts";
import { fromIso, isoTime, nodeId, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";

const tags = ["keys"];
const params = z.strictObject({ id: z.string().min(1).max(100) });

export const keyItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(["admin", "operator", "viewer", "node"]),
  nodeId: z.string().nullable(),
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable(),
});
const shownKey = (key: KeyRow): z.infer<typeof keyItem> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  nodeId: key.nodeId,
  createdBy: key.createdBy,
  createdAt: toIso(key.createdAt),
  expiresAt: toIsoOrNull(key.expiresAt),
  lastUsedAt: toIsoOrNull(key.lastUsedAt),
});

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
      items: services.monitor.store.access.keys.all().map(shownKey),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/keys",
    access: { permission: "keys.manage", scope: "tree" },
    operationId: "createKey",
    summary: "Make an API key; its secret is shown in this answer only",
    tags,
    body: z.strictObject({
      name: z.string().min(1).max(100),
      role: z.enum(["admin", "operator", "viewer", "node"]),
      node: nodeId.optional().describe("For role node: the only node the key may speak for"),
      expiresAt: isoTime.nullable().optional().describe("Default: never"),
    }),
    response: keyItem.extend({ secret: z.string().describe("The key itself; not shown again") }),
    status: 201,
    async handler({ services, principal, body: { name, role: keyRole, node, expiresAt } }) {
      if ((keyRole === "node") !== (node !== undefined))
        throw accountErrors.key_node("a key of role node needs the id of its node, other keys have none");
      const { key, secret: shown } = await services.access.accounts.createKey(
        {
          name,
          grants: keyRole === "node" ? [] : [{ role: keyRole, scope: "*" }],
          permissions: null,
          nodeId: node ?? null,
          expiresAt: expiresAt ? fromIso(expiresAt) : null,
        },
        principal,
      );
      return { ...shownKey(key), secret: shown };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/keys/:id",
    access: { permission: "keys.manage", scope: "tree" },
    operationId: "deleteKey",
    summary: "Delete an API key; it stops working at once",
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.accounts.removeKey(id, principal);
      return DONE;
    },
  }),
];
