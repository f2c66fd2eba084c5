/** Decisions on proposed repairs. */
import type { Principal } from "cortex";
import * as z from "zod";
import type { Voter } from "../../decide/votes.ts";
import { decisionItemOf } from "../../monitor/decision-item.ts";
import { needsPerson } from "../../domain/decide/blast-radius.ts";
import { DECISION_STATES, type Decision } from "../../domain/decide/decision.ts";
import { decisionItem } from "../../monitor/items.ts";
import { nodeId, uuid } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import { DEFAULT_LIMIT, idQuery, listOf, nodeQuery, pageOf, pageQuery, routeErrors } from "./common.ts";

const tags = ["decisions"];
const RECENT_MS = 5 * 60_000;

const unknown = () => routeErrors.not_found("no decision has this id; see the list of decisions");
const shown = (services: Services, decision: Decision) =>
  decisionItemOf(decision, services.monitor.store, services.monitor.nodes.nameOf);

/** Who votes, and whether that person proved who they are just now. */
function voterOf({ kind, id, name, authAt }: Principal, method: string, now: number): Voter {
  return {
    kind: kind === "user" || kind === "local" ? kind : "key",
    id,
    name,
    method,
    isFresh: kind === "user" && authAt !== undefined && now - authAt <= RECENT_MS,
  };
}

export const decisionRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/decisions",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listDecisions",
    summary: "Decisions, newest first",
    tags,
    query: z.strictObject({
      ...pageQuery,
      id: idQuery,
      state: listOf(DECISION_STATES, "State"),
      node: nodeQuery,
    }),
    response: pageOf(decisionItem),
    handler({ services, scope, query }) {
      const visible = scope.whole ? {} : { nodes: scope.ids() };
      const { items, next } = services.monitor.store.decisions.find({
        ...query,
        ...visible,
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      return { items: items.map((decision) => shown(services, decision)), next };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/decisions/request",
    access: { permission: "fleet.operate", scope: "objects" },
    objects: ({ body }) => [body.node],
    operationId: "requestDecision",
    summary: "Ask for a decision on a repair that a node proposes; the one there is, if it was asked before",
    tags,
    body: z.strictObject({ node: nodeId, intent: uuid }),
    response: decisionItem,
    handler: ({ services, body }) =>
      shown(services, services.decide.decisions.request(body.node, body.intent)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/decisions/:id",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "getDecision",
    summary: "One decision: proposal, blast radius, everything that was said",
    tags,
    params: z.strictObject({ id: uuid }),
    response: decisionItem.extend({
      similar: z.array(decisionItem).describe("How the same repair was decided before, newest first"),
    }),
    handler({ services, scope, params }) {
      const decision = services.decide.decisions.get(params.id);
      if (decision === null || !scope.has(decision.node)) throw unknown();
      const similar = services.monitor.store.decisions
        .precedents(decision.repair, 20)
        .filter((one) => one.id !== decision.id && scope.has(one.node))
        .slice(0, 5);
      return { ...shown(services, decision), similar: similar.map((one) => shown(services, one)) };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/decisions/:id/verdict",
    access: { permission: "decide", scope: "filtered", rate: "approve" },
    operationId: "giveVerdict",
    summary: "Approve or reject; R3 and R4 want a person who proved who they are within five minutes",
    tags,
    params: z.strictObject({ id: uuid }),
    body: z.strictObject({ verdict: z.enum(["approve", "reject"]), reason: z.string().max(1000).optional() }),
    response: decisionItem,
    handler({ services, scope, principal, params, body }) {
      const decision = services.decide.decisions.get(params.id);
      if (decision === null || !scope.has(decision.node)) throw unknown();
      // A browser asks the person and repeats; whoever is no person is told so by the vote itself.
      const isHard = needsPerson(decision.class) || decision.peopleNeeded > 1;
      if (isHard && body.verdict === "approve" && principal.kind === "user")
        services.access.assertRecent(principal);
      const voter = voterOf(
        principal,
        principal.kind === "user" ? "session" : principal.kind,
        services.clock.now(),
      );
      return shown(
        services,
        services.decide.decisions.vote(params.id, body.verdict, body.reason ?? "", voter),
      );
    },
  }),
];
