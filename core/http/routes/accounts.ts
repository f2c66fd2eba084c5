/** Users, keys, sessions and the audit chain. For admins. */
import * as z from "zod";
import { accountErrors } from "../../access/accounts.ts";
import { readAudit } from "../../access/audit.ts";
import { canOnTree } from "../../domain/access.ts";
import type { KeyRow, UserRow } from "../../store/monitor/schema.ts";
import { fromIso, isoTime, nodeId, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { DEFAULT_LIMIT, DONE, done, MAX_LIMIT, pageOf } from "./common.ts";

const role = z.enum(["admin", "operator", "viewer"]);
const params = z.strictObject({ id: z.string().min(1).max(100) });
const secret = z.string().min(1).max(256);

export const userItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  role,
  disabled: z.boolean(),
  createdAt: isoTime,
  lastLoginAt: isoTime.nullable(),
});
const shownUser = (user: UserRow): z.infer<typeof userItem> => ({
  id: user.id,
  name: user.name,
  role: user.role,
  disabled: user.disabled,
  createdAt: toIso(user.createdAt),
  lastLoginAt: toIsoOrNull(user.lastLoginAt),
});

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

export const sessionItem = z.strictObject({
  id: z.string(),
  user: z.string().describe("Name of the user"),
  current: z.boolean(),
  ip: z.string(),
  userAgent: z.string(),
  createdAt: isoTime,
  lastUsedAt: isoTime,
  expiresAt: isoTime,
});

export const auditItem = z.strictObject({
  id: z.string(),
  seq: z.number().int(),
  at: isoTime,
  actor: z.string(),
  kind: z.string(),
  payload: z.unknown(),
  hash: z.string(),
});

export const accountRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/users",
    access: { permission: "people.manage", scope: "tree" },
    operationId: "listUsers",
    summary: "Users by name",
    tags: ["accounts"],
    response: pageOf(userItem),
    handler: ({ services }) => ({
      items: services.monitor.store.access.users.all().map(shownUser),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/users",
    access: { permission: "people.manage", scope: "tree" },
    operationId: "createUser",
    summary: "Make a user",
    tags: ["accounts"],
    body: z.strictObject({ name: secret, password: secret, role }),
    response: userItem,
    status: 201,
    handler: async ({ services, principal, body }) =>
      shownUser(
        await services.access.accounts.createUser(
          body.name,
          [{ role: body.role, scope: "*" }],
          body.password,
          principal,
        ),
      ),
  }),
  defineRoute({
    method: "PATCH",
    path: "/api/v1/users/:id",
    access: { permission: "people.manage", scope: "tree" },
    operationId: "changeUser",
    summary: "Change role or password, or shut a user out; ends the user's sessions",
    tags: ["accounts"],
    params,
    body: z.strictObject({
      role: role.optional(),
      password: secret.optional(),
      disabled: z.boolean().optional(),
    }),
    response: userItem,
    handler: async ({ services, principal, params: { id }, body: { role: wanted, ...change } }) =>
      shownUser(
        await services.access.accounts.changeUser(
          id,
          { ...change, ...(wanted && { grants: [{ role: wanted, scope: "*" }] }) },
          principal,
        ),
      ),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/users/:id",
    access: { permission: "people.manage", scope: "tree" },
    operationId: "deleteUser",
    summary: "Delete a user and end the user's sessions",
    tags: ["accounts"],
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.accounts.removeUser(id, principal);
      return DONE;
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/keys",
    access: { permission: "keys.manage", scope: "tree" },
    operationId: "listKeys",
    summary: "API keys, without their secrets",
    tags: ["accounts"],
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
    tags: ["accounts"],
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
    tags: ["accounts"],
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.accounts.removeKey(id, principal);
      return DONE;
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/sessions",
    access: { permission: "self", scope: "self" },
    operationId: "listSessions",
    summary: "Open sessions: one's own, or for admins everybody's",
    tags: ["accounts"],
    response: pageOf(sessionItem),
    handler({ services, principal }) {
      const { users, sessions } = services.monitor.store.access;
      const rows = sessions
        .all()
        .filter((row) => row.userId === principal.id || canOnTree(principal, "people.manage"))
        .filter((row) => services.access.isOpen(row.id));
      const items = rows.map((row) => ({
        id: row.id,
        user: users.get(row.userId)?.name ?? "",
        current: row.id === principal.sessionId,
        ip: row.ip,
        userAgent: row.userAgent,
        createdAt: toIso(row.createdAt),
        lastUsedAt: toIso(row.lastUsedAt),
        expiresAt: toIso(row.expiresAt),
      }));
      return { items, next: null };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/sessions/:id",
    access: { permission: "self", scope: "self" },
    operationId: "revokeSession",
    summary: "End a session: one's own, or for admins anybody's",
    tags: ["accounts"],
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.revokeSession(id, principal);
      return DONE;
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/audit",
    access: { permission: "audit.read", scope: "tree" },
    operationId: "listAudit",
    summary: "The Monitor's own chain: who did what, newest first",
    tags: ["accounts"],
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(MAX_LIMIT).optional(),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
    response: pageOf(auditItem),
    handler: ({ services, query }) =>
      readAudit(
        services.monitor.store,
        query.limit ?? DEFAULT_LIMIT,
        query.cursor === undefined ? undefined : Number(query.cursor),
      ),
  }),
];
