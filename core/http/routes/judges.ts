/** Who decides now: judges in their order and their state, then rules and people. */
import * as z from "zod";
import { JUDGE_STATES, ladderOf, RUNGS } from "../../domain/decide/ladder.ts";
import { isoTime, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";

const judge = z.strictObject({
  decider: z.string(),
  models: z.array(z.string()),
  rung: z.enum(["primary", "fallback", "local"]),
  state: z
    .enum(JUDGE_STATES)
    .describe(
      "unproven: a model has not passed cortex eval; resting: it failed a moment ago; capped: budget used up",
    ),
  text: z.string().describe("Why it can't be asked; empty when it can"),
  restsUntil: isoTime.nullable(),
  failure: z
    .strictObject({ reason: z.string(), text: z.string(), at: isoTime })
    .nullable()
    .describe("Its last failure, when no answer came after it"),
});

const ladder = z.strictObject({
  rung: z.enum(RUNGS).describe("Who is asked now; rules: no judge can be, rules and people decide"),
  judges: z.array(judge).describe("In the order in which they are asked"),
  without: z
    .strictObject({
      rules: z.array(z.string()).describe("Rules in force that allow by themselves"),
      judged: z.array(z.string()).describe("Rules in force that let a judge decide"),
      judgesAnswer: z.boolean().describe("Whether a judge would be asked for these now; if not, people are"),
    })
    .describe("What may be repaired without a person besides what is safe by itself"),
  budget: z.strictObject({
    spentUsd: z.number().describe("Within the last 24 hours"),
    capUsd: z.number(),
  }),
});
export type LadderItem = z.infer<typeof ladder>;

const DAY_MS = 86_400_000;

export const judgeRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/judges",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "getJudges",
    summary: "Who decides now, and what may still be repaired without a person",
    tags: ["decisions"],
    response: ladder,
    handler({ services: { clock, decide, monitor } }) {
      const now = clock.now();
      const { judges, ...rest } = ladderOf(decide.judging.standings(), decide.policy.current().document, now);
      return {
        ...rest,
        judges: judges.map(({ isOwn: _, restsUntil, failure, models, ...one }) => ({
          ...one,
          models: [...models],
          restsUntil: restsUntil === null ? null : toIso(restsUntil),
          failure: failure === null ? null : { ...failure, at: toIso(failure.at) },
        })),
        budget: {
          spentUsd: monitor.store.decisions.judgeCalls.spentSince(now - DAY_MS),
          capUsd: decide.judging.dailyCapUsd(),
        },
      };
    },
  }),
];
