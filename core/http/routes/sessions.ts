/** Who is signed in, and how that is ended. */
import * as z from "zod";
import { canOnTree } from "../../domain/access.ts";
import { isoTime, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";

const tags = ["sessions"];
const params = z.strictObject({ id: z.string().min(1).max(100) });

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

export const sessionRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/sessions",
    access: { permission: "self", scope: "self" },
    operationId: "listSessions",
    summary: "Open sessions: one's own, or for admins everybody's",
    tags,
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
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.access.revokeSession(id, principal);
      return DONE;
    },
  }),
];
