import * as z from "zod";
import { recorded } from "../../access/audit.ts";
import { nodesOf, sees } from "../../access/node-scope.ts";
import { INTENT_STATES } from "../../domain/intent.ts";
import { intentItem, withNode } from "../../monitor/items.ts";
import { verification, verifyChains } from "../../monitor/verify.ts";
import { nodeId, uuid } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import {
  actor,
  ask,
  DEFAULT_LIMIT,
  idQuery,
  listOf,
  named,
  nodeQuery,
  oneNode,
  pageOf,
  pageQuery,
  routeErrors,
  text,
  timeQuery,
} from "./common.ts";

const tags = ["intents"];
const DAY_MS = 86_400_000;

const filters = {
  id: idQuery,
  state: listOf(INTENT_STATES, "State"),
  kind: listOf(["repair", "note", "milestone", "blocker"], "Kind"),
  level: listOf(["L1", "L2", "L3"], "Level"),
  node: nodeQuery,
  problemId: uuid.optional().describe("Only about this problem"),
  target: text("Target"),
  repair: text("Repair"),
  category: text("Category"),
  text: text("Part of summary, text or target"),
  since: timeQuery("Created at or after"),
  until: timeQuery("Created at or before"),
};

export const intentRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/intents",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listIntents",
    summary: "Intents and entries, newest first",
    tags,
    query: z.strictObject({ ...pageQuery, ...filters }),
    response: pageOf(intentItem),
    handler({ services: { monitor }, scope, query }) {
      const { items, next } = monitor.store.intents.find({
        ...query,
        nodes: nodesOf(scope),
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      return { items: items.map((row) => withNode(row, monitor.nodes.nameOf)), next };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/intents/statistics",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getIntentStatistics",
    summary: "Counts per kind, level and state",
    tags,
    query: z.strictObject({ since: timeQuery("Created at or after; default 30 days ago") }),
    response: z.strictObject({
      since: z.string(),
      items: z.array(
        z.strictObject({ kind: z.string(), level: z.string(), state: z.string(), count: z.number().int() }),
      ),
    }),
    handler({ services, scope, query }) {
      const since = query.since ?? services.clock.now() - 30 * DAY_MS;
      return {
        since: new Date(since).toISOString(),
        items: services.monitor.store.intents.statistics(since, nodesOf(scope)),
      };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/intents",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => named(body.node),
    operationId: "addEntry",
    summary: "Add a note, milestone or blocker to a node's ledger",
    tags,
    body: z.strictObject({
      node: nodeId.optional().describe("May be left out when there is one node"),
      kind: z.enum(["note", "milestone", "blocker"]),
      level: z.enum(["L1", "L2", "L3"]).optional().describe("Default L1"),
      summary: z.string().min(1).max(1000),
      text: z.string().max(100_000).optional(),
      category: z.string().min(1).max(100).nullable().optional(),
    }),
    response: z.strictObject({ id: uuid, node: z.string() }),
    status: 201,
    async handler({ services, principal, scope, body }) {
      const node = oneNode(scope, body.node);
      const id = services.newId();
      const { kind, summary } = body;
      await recorded(
        services.access.audit,
        ["entry.added", actor(principal), { id, node, kind, summary }],
        () =>
          ask(services, node, {
            type: "entry.add",
            id,
            kind: body.kind,
            level: body.level ?? "L1",
            summary: body.summary,
            text: body.text ?? "",
            category: body.category ?? null,
            actor: actor(principal),
          }),
      );
      return { id, node };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/intents/verify",
    access: { permission: "fleet.read", scope: "objects", rate: "verify" },
    objects: ({ query }) => named(query.node),
    operationId: "verifyLedgers",
    summary: "Hash every entry again: the Monitor's own chain and those of the nodes, or of one node",
    tags,
    query: z.strictObject({ node: nodeQuery }),
    response: verification,
    handler: ({ services, principal, scope, query }) =>
      verifyChains(services.monitor, actor(principal), scope, query.node),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/intents/export",
    access: { permission: "ledger.export", scope: "objects" },
    objects: ({ query }) => named(query.node),
    operationId: "exportLedger",
    summary: "Entries of a node's ledger as JSON Lines; continue with `after`",
    tags,
    query: z.strictObject({
      node: nodeQuery,
      after: z.coerce.number().int().min(0).optional().describe("Number of the last entry already had"),
      limit: z.coerce.number().int().min(1).max(1000).optional().describe("Default 1000"),
    }),
    response: { mediaType: "application/jsonl", description: "One ledger entry per line" },
    async handler({ services, principal, scope, query }) {
      const node = oneNode(scope, query.node);
      const after = query.after ?? 0;
      const data = await recorded(
        services.access.audit,
        ["ledger.exported", actor(principal), { node, after }],
        () =>
          ask(services, node, {
            type: "ledger.export",
            after: after,
            limit: query.limit ?? 1000,
            actor: actor(principal),
          }),
      );
      const { entries } = z.object({ entries: z.array(z.unknown()) }).parse(data);
      const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
      return new Response(lines, { headers: { "content-type": "application/jsonl; charset=utf-8" } });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/intents/:id",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getIntent",
    summary: "One intent: plan, decisions, outcome",
    tags,
    params: z.strictObject({ id: uuid }),
    query: z.strictObject({ node: nodeQuery }),
    response: intentItem,
    handler({ services: { monitor }, scope, params, query }) {
      const row = monitor.store.intents.get(params.id, query.node, sees(scope));
      if (!row) throw routeErrors.not_found("no intent has this id; see the list of intents");
      return withNode(row, monitor.nodes.nameOf);
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/evidence/:id",
    access: { permission: "fleet.read", scope: "objects" },
    objects: ({ query }) => named(query.node),
    operationId: "getEvidence",
    summary: "One evidence bundle, fetched from the node that keeps it",
    tags: ["evidence"],
    params: z.strictObject({ id: uuid }),
    query: z.strictObject({ node: nodeQuery }),
    response: z
      .looseObject({ id: z.string(), problemId: z.string(), parts: z.record(z.string(), z.string()) })
      .describe("Collector name → text"),
    handler: ({ services, principal, scope, params, query }) =>
      ask(services, oneNode(scope, query.node), {
        type: "evidence.get",
        id: params.id,
        actor: actor(principal),
      }),
  }),
];
