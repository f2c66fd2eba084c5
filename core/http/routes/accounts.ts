/** Users. For admins. */
import * as z from "zod";
import type { UserRow } from "../../store/monitor/schema.ts";
import { isoTime, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";

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
];
