import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService } from "../loop/one-repair.ts";
import { claude, fakeApi, letJudgeDecide, prove } from "./judges.ts";
import {
  decisionsOf,
  intentReaches,
  pendingDecision,
  startCritical,
  type WaitingOptions,
} from "./waiting.ts";

async function judged(rig: Rig, proven: string[], options: WaitingOptions = {}) {
  const api = fakeApi(rig);
  const one = await startCritical(rig, { plugins: claude(api, "allow"), ...options });
  await letJudgeDecide(one.cortex);
  await prove(one.cortex, proven);
  await serving(one.port);
  const { at } = await killService(one.port);
  return { ...one, api, at };
}

const scenario: Scenario = {
  name: "judge-allows",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const { cortex, port, api, at } = await judged(rig, ["allow"]);
    const servedMs = (await serving(port, 20_000)) - at;
    const { items } = await decisionsOf(cortex);
    const [decision] = items;
    ensureEqual(decision?.state, "approved", "state of the decision");
    const opinion = decision!.voices.at(-1)!.opinion!;
    ensure(
      opinion.costUsd > 0 && opinion.tokensIn > 0 && opinion.requestId !== null,
      "its cost is not written down",
    );
    await intentReaches(cortex, decision!, "verified");
    const asked = JSON.stringify(api.requests.map(({ body }) => body));
    ensure(!asked.includes("sk-accept"), "the key is among what the judge was told");
    ensure(asked.includes('\\"trust\\":\\"untrusted\\"'), "what checks said is not marked as untrusted");

    const unproven = await judged(rig, []);
    const waits = await pendingDecision(unproven.cortex);
    ensureEqual(waits.voices.at(-1)!.reason, "judge_unproven", "a model that passed no evaluation");
    ensureEqual(unproven.api.requests.length, 0, "questions to a model that passed no evaluation");

    const capped = await judged(rig, ["allow"], { policy: { judge_daily_usd: 0.000_001 } });
    const broke = await pendingDecision(capped.cortex);
    ensureEqual(broke.voices.at(-1)!.reason, "spend_cap", "a budget that is used up");
    await ensureLeftAlone(capped.cortex, capped.port, 2000, "the budget is used up");
    return `serving ${inTime(servedMs)} after the kill without a person, cost and request in the record; unproven or over budget: a person`;
  },
  /** Without the evaluation as a condition, the unproven model would be asked: it is not, so this must fail. */
  async control(rig) {
    const { cortex, port } = await judged(rig, ["allow"]);
    await serving(port, 20_000);
    await ensureLeftAlone(cortex, port, 500, "no evaluation was passed");
    return "left alone";
  },
};
export default scenario;
