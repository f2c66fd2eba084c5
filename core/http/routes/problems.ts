import * as z from "zod";
import { recorded } from "../../access/audit.ts";
import { nodesOf, sees } from "../../access/node-scope.ts";
import { INTENT_STATES } from "../../domain/intent.ts";
import { problemItem, withNode } from "../../monitor/items.ts";
import { uuid } from "../../wire/envelope.ts";
import { type Call, defineRoute } from "../route.ts";
import {
  actor,
  ask,
  DEFAULT_LIMIT,
  DONE,
  done,
  idQuery,
  listOf,
  nodeQuery,
  pageOf,
  pageQuery,
  routeErrors,
  text,
} from "./common.ts";

const tags = ["problems"];

/** Errors: `not_found` where it is none, is over, or is not for this caller to see. */
function openRow({ services, scope }: Pick<Call, "services" | "scope">, id: string, node?: string) {
  const row = services.monitor.store.problems.get(id, node, sees(scope));
  if (!row || row.body.state !== "open")
    throw routeErrors.not_found("no open problem has this id; see the list of problems");
  return row;
}

export const problemRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/problems",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listProblems",
    summary: "Problems, newest first; those of a revoked node only with its id",
    tags,
    query: z.strictObject({
      ...pageQuery,
      id: idQuery,
      state: listOf(["open", "resolved"], "State"),
      level: listOf(["L1", "L2", "L3"], "Level"),
      severity: listOf(["observe", "info", "warning", "critical"], "Severity"),
      node: nodeQuery,
      check: text("Check name"),
      target: text("Target"),
      text: text("Part of summary, target, type or check name"),
    }),
    response: pageOf(problemItem),
    handler({ services: { monitor }, scope, query }) {
      const { items, next } = monitor.store.problems.find({
        ...query,
        nodes: query.node === undefined ? monitor.nodes.withoutRevoked(nodesOf(scope)) : nodesOf(scope),
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      return { items: items.map((row) => withNode(row, monitor.nodes.nameOf)), next };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/problems/:id",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getProblem",
    summary: "One problem with its history and what holds its repair",
    tags,
    params: z.strictObject({ id: uuid }),
    query: z.strictObject({ node: nodeQuery }),
    response: problemItem,
    handler({ services: { monitor }, scope, params, query }) {
      const row = monitor.store.problems.get(params.id, query.node, sees(scope));
      if (!row) throw routeErrors.not_found("no problem has this id; see the list of problems");
      return withNode(row, monitor.nodes.nameOf);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/problems/:id/propose",
    access: { permission: "fleet.operate", scope: "filtered" },
    operationId: "proposeRepair",
    summary: "Ask the node to propose a repair of an open problem; what comes of it is decided as always",
    tags,
    params: z.strictObject({ id: uuid }),
    body: z.strictObject({ node: nodeQuery }),
    response: z.strictObject({ node: z.string(), intent: uuid, state: z.enum(INTENT_STATES) }),
    async handler({ services, principal, scope, params, body }) {
      const node = openRow({ services, scope }, params.id, body.node).nodeId;
      const by = actor(principal);
      const data = await recorded(
        services.access.audit,
        ["proposal.asked", by, { node, problem: params.id }],
        () => ask(services, node, { type: "propose", problem: params.id, actor: by }),
      );
      return { node, ...proposed.parse(data) };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/problems/:id/retry",
    access: { permission: "fleet.operate", scope: "filtered" },
    operationId: "retryRepair",
    summary:
      "Let an open problem be repaired again: used up attempts and a no are forgiven; what then runs or asks is policy's",
    tags,
    params: z.strictObject({ id: uuid }),
    body: z.strictObject({ node: nodeQuery }),
    response: done,
    status: 202,
    async handler({ services, principal, scope, params, body }) {
      const row = openRow({ services, scope }, params.id, body.node);
      const by = actor(principal);
      await recorded(
        services.access.audit,
        ["retry.asked", by, { node: row.nodeId, problem: params.id }],
        () => ask(services, row.nodeId, { type: "retry", problem: params.id, actor: by }),
      );
      return DONE;
    },
  }),
];

const proposed = z.object({ intent: uuid, state: z.enum(INTENT_STATES) });
