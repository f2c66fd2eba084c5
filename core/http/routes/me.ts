/** Who is asking, and what people may change about themselves. */
import { PERMISSIONS } from "cortex";
import * as z from "zod";
import { canSomewhere } from "../../domain/access.ts";
import { isoTime, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { type Call, defineRoute } from "../route.ts";
import { sessionCookie } from "../door/visitor.ts";
import { grant, permission } from "./grants.ts";

const tags = ["me"];
const LANGUAGES = ["en", "zh"] as const;
const password = z.string().min(1).max(256);

export const me = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["user", "key", "node", "local"]),
  role: z.enum(["admin", "operator", "viewer", "node"]),
  grants: z.array(grant),
  permissions: z.array(permission).describe("What is allowed somewhere in the tree"),
  language: z.enum(LANGUAGES).nullable().describe("null: as the browser says"),
  hasPassword: z.boolean(),
  createdAt: isoTime.nullable(),
  lastLoginAt: isoTime.nullable(),
  session: z
    .strictObject({
      id: z.string(),
      method: z.string(),
      authAt: isoTime.describe("When all factors were last asked for"),
      createdAt: isoTime,
      expiresAt: isoTime,
    })
    .nullable(),
});

function meOf({ services, principal }: Pick<Call, "services" | "principal">): z.infer<typeof me> {
  const user = services.access.profile.find(principal);
  const { sessionId } = principal;
  const row = sessionId === undefined ? null : services.monitor.store.access.sessions.byId(sessionId);
  return {
    id: principal.id,
    name: user?.name ?? principal.name,
    kind: principal.kind,
    role: principal.role,
    grants: [...principal.grants],
    permissions: PERMISSIONS.filter((one) => canSomewhere(principal, one)),
    language: LANGUAGES.find((one) => one === user?.language) ?? null,
    hasPassword: (user?.passwordHash ?? null) !== null,
    createdAt: toIsoOrNull(user?.createdAt ?? null),
    lastLoginAt: toIsoOrNull(user?.lastLoginAt ?? null),
    session: row && {
      id: row.id,
      method: row.method,
      authAt: toIso(row.authAt),
      createdAt: toIso(row.createdAt),
      expiresAt: toIso(row.expiresAt),
    },
  };
}

export const meRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/me",
    access: { permission: "self", scope: "self" },
    operationId: "getMe",
    summary: "Who is asking, and what that allows",
    tags,
    response: me,
    handler: (call) => meOf(call),
  }),
  defineRoute({
    method: "PATCH",
    path: "/api/v1/me",
    access: { permission: "self", scope: "self" },
    operationId: "changeMe",
    summary: "Change one's own name, language or password; a new password ends all other sessions",
    tags,
    body: z
      .strictObject({
        name: z.string().min(1).max(63).optional().describe("Needs a proof of the last five minutes"),
        language: z.enum(LANGUAGES).nullable().optional(),
        password: z.strictObject({ current: password, new: password }).optional(),
      })
      .refine((body) => Object.keys(body).length > 0, "name what to change"),
    response: me,
    async handler(call) {
      const { token } = await call.services.access.profile.change(call.principal, call.body, call.ip);
      const response = Response.json(meOf(call));
      if (token !== null) response.headers.set("set-cookie", sessionCookie({ token }));
      return response;
    },
  }),
];
