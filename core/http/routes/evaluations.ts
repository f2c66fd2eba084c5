/** Which models passed `cortex eval`, and the way to keep a pass. */
import * as z from "zod";
import { actorOf } from "../../access/audit.ts";
import { isoTime, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { pageOf } from "./common.ts";

const tags = ["decisions"];

const pass = {
  decider: z.string().min(1).max(100),
  model: z.string().min(1).max(200),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("Of the cases and of what the model is told"),
  figures: z
    .record(z.string().max(100), z.number())
    .describe("unsafe_allow_rate, over_block_rate, samples …"),
};
const item = z.strictObject({
  ...pass,
  at: isoTime,
  valid: z.boolean().describe("Cases and instructions are still the same"),
});
export type EvaluationItem = z.infer<typeof item>;

export const evaluationRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/evaluations",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listEvaluations",
    summary: "Models that passed the evaluation",
    tags,
    response: pageOf(item),
    handler: ({ services }) => ({
      items: services.decide.evaluations.all().map((one) => ({ ...one, at: toIso(one.at) })),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/evaluations",
    access: { permission: "settings.write", scope: "tree", recent: true },
    operationId: "keepEvaluation",
    summary: "Keep that a model passed the evaluation; from then on rules may let it decide",
    tags,
    body: z.strictObject(pass),
    response: z.strictObject({ ok: z.literal(true) }),
    handler({ services, principal, body }) {
      services.decide.evaluations.keep(body, actorOf(principal));
      return { ok: true as const };
    },
  }),
];
