/** Who is signed in, and how that is ended. Ending sessions asks for a proof of the last five minutes (ASVS 7.5.2). */
import * as z from "zod";
import { isoTime, toIso } from "../../wire/envelope.ts";
import type { SessionRow } from "../../store/monitor/access.schema.ts";
import { type Call, defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";

const tags = ["sessions"];
const params = z.strictObject({ id: z.string().min(1).max(100) });

export const sessionItem = z.strictObject({
  id: z.string(),
  user: z.string().describe("Name of the user"),
  current: z.boolean(),
  method: z.string().describe("How it was opened: password, password+totp, passkey, …"),
  ip: z.string(),
  userAgent: z.string(),
  createdAt: isoTime,
  lastUsedAt: isoTime,
  expiresAt: isoTime,
});
const ended = z.strictObject({ ended: z.number().int().nonnegative().describe("How many sessions") });

function listed({ services, principal }: Pick<Call, "services" | "principal">, everybody: boolean) {
  const { users } = services.monitor.store.access;
  const item = (row: SessionRow): z.infer<typeof sessionItem> => ({
    id: row.id,
    user: users.get(row.userId)?.name ?? "",
    current: row.id === principal.sessionId,
    method: row.method,
    ip: row.ip,
    userAgent: row.userAgent,
    createdAt: toIso(row.createdAt),
    lastUsedAt: toIso(row.lastUsedAt),
    expiresAt: toIso(row.expiresAt),
  });
  return { items: services.access.sessions.of(principal, everybody).map(item), next: null };
}

export const sessionRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/sessions",
    access: { permission: "self", scope: "self" },
    operationId: "listSessions",
    summary: "Open sessions: one's own, or everybody's for who manages people",
    tags,
    response: pageOf(sessionItem),
    handler: (call) => listed(call, true),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/sessions",
    access: { permission: "people.manage", scope: "tree", recent: true },
    operationId: "endAllSessions",
    summary: "End everybody's sessions but the one that asks",
    tags,
    response: ended,
    handler: ({ services, principal }) => ({ ended: services.access.sessions.endAll(principal, null) }),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/sessions/:id",
    access: { permission: "self", scope: "self", recent: true },
    operationId: "revokeSession",
    summary: "End a session: one's own, or anybody's for who manages people",
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.sessions.end(id, principal);
      return DONE;
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/users/:id/sessions",
    access: { permission: "people.manage", scope: "tree", recent: true },
    operationId: "endSessionsOfUser",
    summary: "End all sessions of a user",
    tags,
    params,
    response: ended,
    handler({ services: { access }, principal, params: { id } }) {
      access.accounts.assertMayChange(id, principal);
      return { ended: access.sessions.endAll(principal, id) };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/me/sessions",
    access: { permission: "self", scope: "self" },
    operationId: "listOwnSessions",
    summary: "One's own open sessions",
    tags,
    response: pageOf(sessionItem),
    handler: (call) => listed(call, false),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/me/sessions",
    access: { permission: "self", scope: "self", recent: true },
    operationId: "endOwnSessions",
    summary: "End all of one's own sessions but this one",
    tags,
    response: ended,
    handler: ({ services, principal }) => ({
      ended: services.access.sessions.endAll(principal, principal.id),
    }),
  }),
];
