/** The dashboard takes no code from the program, so the rule of what waits for a person stands in both: they must agree. */
import { expect, test } from "bun:test";
import { isSilent, newestByProblem, stageOf } from "../../agent/cli/stage.ts";
import { INTENT_STATES } from "../../core/domain/intent.ts";
import type { NodeItem } from "../../core/monitor/items.ts";
import { NODE_STATES } from "../../core/monitor/node-state.ts";
import { sampleIntent, sampleProblem } from "../../core/testing/wire-samples.ts";
import { isSilent as isSilentOnScreen } from "../../ui/features/fleet/needs.model.ts";
import { intentsByProblem, stageOf as stageOnScreen } from "../../ui/features/problems/problem.model.ts";

const on = { node: "n", nodeName: "vm" };
const HOLDS = [null, "attempt_wait", "boot_grace", "lock_held", "cooldown", "in_flight", "fleet_budget"];
const LONG_HOLDS = ["autonomy_ask", "waits_for_decision", "breaker_open", "attempts_spent", "switch_off"];

const problems = (["open", "resolved"] as const).flatMap((state) =>
  (["L1", "L2", "L3"] as const).flatMap((level) =>
    (["observe", "warning", "critical"] as const).flatMap((severity) =>
      [...HOLDS, ...LONG_HOLDS].flatMap((hold) =>
        [null, "019a0000-0000-7000-8000-000000000000"].map((id) => {
          const { guards, ...body } = sampleProblem(0, {
            state,
            level,
            severity,
            intentId: id,
            becauseOf: level === "L2" ? id : null,
          });
          return { ...body, guards: { ...guards, hold }, ...on };
        }),
      ),
    ),
  ),
);
const intents = [
  undefined,
  ...INTENT_STATES.flatMap((state) =>
    [true, false].map((shadow) => ({ ...sampleIntent(0, { state, shadow }), ...on })),
  ),
];

test("the command line and the dashboard say the same of every problem", () => {
  for (const problem of problems)
    for (const intent of intents) expect(stageOf(problem, intent)).toBe(stageOnScreen(problem, intent));
});

test("and take the same intent for the newest about a problem", () => {
  const problemId = crypto.randomUUID();
  const some = [3, 5, 4].map((at) => ({ ...sampleIntent(at * 60_000, { problemId }), ...on }));
  expect(newestByProblem(some)).toEqual(intentsByProblem(some));
});

test("and the same nodes need somebody", () => {
  for (const state of NODE_STATES)
    expect([state, isSilent({ state })]).toEqual([state, isSilentOnScreen({ state } as NodeItem)]);
});
