/** Users. For admins. */
import * as z from "zod";
import type { UserRow } from "../../store/monitor/access.schema.ts";
import { isoTime, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import {
  BOTH,
  emptyScopes,
  emptyScopesOf,
  grantedRole,
  grantFields,
  grants,
  grantsOf,
  oneOfThem,
} from "./grants.ts";
import { DONE, done, pageOf } from "./common.ts";

const params = z.strictObject({ id: z.string().min(1).max(100) });
const secret = z.string().min(1).max(256);

export const userItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: grantedRole.describe("The highest one among the grants"),
  grants,
  emptyScopes,
  disabled: z.boolean(),
  createdAt: isoTime,
  lastLoginAt: isoTime.nullable(),
  secondFactor: z.boolean().optional().describe("In lists: whether a login needs a second factor"),
});
const shownUser = (user: UserRow, { monitor }: Services): z.infer<typeof userItem> => ({
  id: user.id,
  name: user.name,
  role: user.role,
  grants: user.grants,
  emptyScopes: emptyScopesOf(user.grants, monitor.nodes),
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
      items: services.monitor.store.access.users.all().map((user) => ({
        ...shownUser(user, services),
        secondFactor: services.access.factors.list(user.id).some(({ kind }) => kind === "second"),
      })),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/users",
    access: { permission: "people.manage", scope: "tree", recent: true },
    operationId: "createUser",
    summary: "Make a user",
    tags: ["accounts"],
    body: z
      .strictObject({ name: secret, password: secret, ...grantFields })
      .refine(oneOfThem, BOTH)
      .refine((given) => grantsOf(given) !== undefined, "give a role or grants"),
    response: userItem,
    status: 201,
    handler: async ({ services, principal, body }) =>
      shownUser(
        await services.access.accounts.createUser(body.name, grantsOf(body)!, body.password, principal),
        services,
      ),
  }),
  defineRoute({
    method: "PATCH",
    path: "/api/v1/users/:id",
    access: { permission: "people.manage", scope: "tree", recent: true },
    operationId: "changeUser",
    summary: "Change grants or password, or shut a user out; ends the user's sessions",
    tags: ["accounts"],
    params,
    body: z
      .strictObject({
        ...grantFields,
        password: secret.optional(),
        disabled: z.boolean().optional(),
      })
      .refine(oneOfThem, BOTH),
    response: userItem,
    handler: async ({ services, principal, params: { id }, body }) => {
      const { password, disabled } = body;
      const change = { grants: grantsOf(body), password, disabled };
      return shownUser(await services.access.accounts.changeUser(id, change, principal), services);
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/users/:id",
    access: { permission: "people.manage", scope: "tree", recent: true },
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
