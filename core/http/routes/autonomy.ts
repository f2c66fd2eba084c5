/** What repairs have earned: grants per repair and place, the evidence behind them, offers, and what shadows would have done. */
import * as z from "zod";
import { actorOf } from "../../access/audit.ts";
import { nodesOf } from "../../access/node-scope.ts";
import { AUTONOMY_STATES } from "../../domain/decide/standing.ts";
import { autonomyEvidence, autonomyItem, autonomyItemOf, intentItem, withNode } from "../../monitor/items.ts";
import type { AutonomyGrant } from "../../store/monitor/autonomy.schema.ts";
import { uuid } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import { DONE, done, pageOf } from "./common.ts";

const tags = ["autonomy"];
const RECENT = { permission: "settings.write", scope: "tree", recent: true } as const;
const LOOKED_AT = 500;

const grantWithEvidence = autonomyItem.extend({
  evidence: autonomyEvidence.describe("Since it last asked there"),
  nodes: z
    .strictObject({
      told: z.number().describe("Nodes that have the document that says so"),
      waiting: z.number().describe("Nodes that have yet to be told"),
      refused: z.number().describe("Nodes that do not take it"),
    })
    .describe("How far it has got"),
});
export type AutonomyGrantItem = z.infer<typeof grantWithEvidence>;

const offer = z.strictObject({ repair: z.string(), scope: z.string(), evidence: autonomyEvidence });
export type AutonomyOfferItem = z.infer<typeof offer>;

const scopeText = z
  .string()
  .min(1)
  .max(300)
  .describe("*, node:ID, label:KEY=VALUE, group:NAME or subtree:NODEID");

/** Documents and evidence are read once for all of them: there is one of each node, and many outcomes. */
function shown({ decide, monitor }: Services, grants: readonly AutonomyGrant[]): AutonomyGrantItem[] {
  const counts = new Map(grants.map(({ id }) => [id, { told: 0, refused: 0, waiting: 0 }]));
  for (const { document, toldAt, refusal } of monitor.store.autonomy.standings.all()) {
    const state = refusal !== null ? "refused" : toldAt !== null ? "told" : "waiting";
    for (const { id } of document.entries) {
      const found = counts.get(id);
      if (found !== undefined) found[state] += 1;
    }
  }
  const evidence = decide.autonomy.evidence(grants);
  return grants.map((grant, at) => ({
    ...autonomyItemOf(grant),
    evidence: evidence[at]!,
    nodes: counts.get(grant.id)!,
  }));
}

export const autonomyRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/autonomy",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listAutonomy",
    summary:
      "What repairs may do by themselves, per repair and place; where nothing is said, class and policy decide",
    tags,
    response: pageOf(grantWithEvidence),
    handler: ({ services }) => ({
      items: shown(services, services.decide.autonomy.current()),
      next: null,
    }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/autonomy/offers",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listAutonomyOffers",
    summary: "Repairs that have earned to act by themselves and still ask",
    tags,
    response: pageOf(offer),
    handler: ({ services }) => ({ items: services.decide.autonomy.offers(), next: null }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/autonomy/history",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listAutonomyHistory",
    summary: "What was in force before, newest end first",
    tags,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).optional() }),
    response: pageOf(autonomyItem),
    handler: ({ services, query }) => ({
      items: services.decide.autonomy.history(query.limit ?? 100).map(autonomyItemOf),
      next: null,
    }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/autonomy/shadows",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId: "listShadows",
    summary: "What repairs in shadow would have done, newest first",
    tags,
    response: pageOf(intentItem),
    handler({ services, scope }) {
      const { store, nodes } = services.monitor;
      const { items } = store.intents.find({
        kind: ["repair"],
        level: ["L3"],
        nodes: nodesOf(scope),
        limit: LOOKED_AT,
      });
      const shadows = items.filter(({ body }) => body.shadow).slice(0, 100);
      return { items: shadows.map((row) => withNode(row, nodes.nameOf)), next: null };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/autonomy",
    access: RECENT,
    operationId: "grantAutonomy",
    summary: "Say what a repair may do in a place; act only where it has earned it, and never for R3 and R4",
    tags,
    body: z.strictObject({
      repair: z.string().min(1).max(100),
      scope: scopeText,
      state: z.enum(AUTONOMY_STATES),
      reason: z.string().max(500).optional(),
    }),
    response: grantWithEvidence,
    handler({ services, principal, body }) {
      const wish = { ...body, reason: body.reason ?? "" };
      return shown(services, [services.decide.autonomy.set(wish, actorOf(principal))])[0]!;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/autonomy/:id/demote",
    access: { permission: "decide", scope: "tree" },
    operationId: "demoteAutonomy",
    summary: "Take autonomy back: the repair asks there from now on",
    tags,
    params: z.strictObject({ id: uuid }),
    body: z.strictObject({ reason: z.string().max(500).optional() }),
    response: grantWithEvidence,
    handler({ services, principal, params, body }) {
      const { autonomy } = services.decide;
      return shown(services, [autonomy.demote(params.id, body.reason ?? "", actorOf(principal))])[0]!;
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/autonomy/:id",
    access: RECENT,
    operationId: "removeAutonomy",
    summary: "Say nothing of a repair there any more: its class and the policies decide",
    tags,
    params: z.strictObject({ id: uuid }),
    response: done,
    handler({ services, principal, params }) {
      services.decide.autonomy.remove(params.id, actorOf(principal));
      return DONE;
    },
  }),
];
