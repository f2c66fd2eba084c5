/** The Monitor's own chain: who did what. For admins. */
import * as z from "zod";
import { type ExportedEntry, exportAudit, readAudit } from "../../access/audit-log.ts";
import { ledgerFault } from "../../monitor/verify.ts";
import { isoTime } from "../../wire/envelope.ts";
import { csvRow } from "../csv.ts";
import { defineRoute } from "../route.ts";
import { actor, DEFAULT_LIMIT, MAX_LIMIT, pageOf, text, timeQuery } from "./common.ts";

const tags = ["audit"];

export const auditItem = z.strictObject({
  id: z.string(),
  seq: z.number().int(),
  at: isoTime,
  actor: z
    .string()
    .describe("`user:NAME`, `key:NAME`, `node:NAME`, `local`, or `nobody` for who did not get in"),
  kind: z.string(),
  payload: z.unknown(),
  hash: z.string(),
});

const filters = {
  actor: text("Whose acts, as in the entries: user:NAME, key:NAME, local"),
  kind: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)*$/)
    .max(100)
    .optional()
    .describe("A kind, or its first words: `auth` holds auth.login, auth.logout, …"),
  from: timeQuery("At or after"),
  to: timeQuery("At or before"),
  text: text("Part of actor, kind or content, whatever its case"),
  object: text("Id of what it was done to: a user, key, node, session, …"),
};

export const auditRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/audit",
    access: { permission: "audit.read", scope: "tree" },
    operationId: "listAudit",
    summary: "The Monitor's own chain: who did what, newest first",
    tags,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(MAX_LIMIT).optional(),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional()
        .describe("`next` of the page before"),
      ...filters,
    }),
    response: pageOf(auditItem),
    handler: ({ services, query: { limit, cursor, ...filter } }) =>
      readAudit(
        services.monitor.store,
        filter,
        limit ?? DEFAULT_LIMIT,
        cursor === undefined ? undefined : Number(cursor),
      ),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/audit/export",
    access: { permission: "audit.read", scope: "tree", rate: "export" },
    operationId: "exportAudit",
    summary: "The chain, oldest first, as JSON Lines with all that is hashed, or as CSV for spreadsheets",
    tags,
    query: z.strictObject({
      format: z.enum(["jsonl", "csv"]).optional().describe("Default jsonl"),
      ...filters,
    }),
    response: { mediaType: "application/jsonl", description: "One entry per line; text/csv for format csv" },
    handler({ services, principal, query: { format = "jsonl", ...filter } }) {
      const { store } = services.monitor;
      // Before the first byte leaves, and so the last line of an export without filters is about itself.
      services.access.audit("audit.exported", actor(principal), { format, ...filter });
      const pages = exportAudit(store, filter);
      const body = format === "csv" ? csvOf(pages) : linesOf(pages);
      const type = format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
      return new Response(body, {
        headers: { "content-type": type, "content-disposition": `attachment; filename="audit.${format}"` },
      });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/audit/verify",
    access: { permission: "audit.read", scope: "tree", rate: "verify" },
    operationId: "verifyAudit",
    summary: "Hash every entry of the Monitor's own chain again and compare it with the signed checkpoints",
    tags,
    response: z.strictObject({
      ok: z.boolean(),
      entries: z.number().int().nonnegative(),
      firstBroken: ledgerFault.nullable(),
    }),
    async handler({ services }) {
      const { entries, fault } = await services.monitor.store.ledger.verify();
      return { ok: fault === null, entries, firstBroken: fault };
    },
  }),
];

const CSV_HEAD = ["seq", "at", "actor", "kind", "payload", "hash"] as const;

const csvOf = (pages: Iterable<ExportedEntry[]>) =>
  streamOf(csvRow(CSV_HEAD), pages, ({ seq, at, actor: who, kind, payloadText, hash }) =>
    csvRow([seq, at, who, kind, payloadText, hash]),
  );

const linesOf = (pages: Iterable<ExportedEntry[]>) =>
  streamOf("", pages, ({ id: _id, ...entry }) => `${JSON.stringify(entry)}\n`);

/** One page in memory at a time, read when the client has taken the one before. */
function streamOf(
  head: string,
  pages: Iterable<ExportedEntry[]>,
  line: (entry: ExportedEntry) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = pages[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (head !== "") controller.enqueue(encoder.encode(head));
    },
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value.map(line).join("")));
    },
  });
}
