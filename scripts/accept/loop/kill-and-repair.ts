import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, median, percentile } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, startFloor, WIDE_BUDGETS, withinReason } from "./demo.ts";
import { ensureEvidence, repairOnce, repairs, serviceProblems } from "./one-repair.ts";

const MEDIAN_MS = 1000;

/** Verified after `verify.stable` (60 s) and at most one look more. */
const DEFAULT_VERIFIED_MS = 75_000;

/** One kill under default budgets; `verified` takes longer than all others together, so it goes on beside them. */
async function underDefaults(rig: Rig): Promise<{ downMs: number; verified: Promise<void> }> {
  const port = await rig.port();
  const cortex = await rig.cortex({ config: { version: 1, plugins: { service: [demoService(port)] } } });
  await serving(port);
  const live = await cortex.live(["problems", "intents"]);
  const served = Promise.withResolvers<number>();
  const repair = repairOnce(live, port, DEFAULT_VERIFIED_MS, served.resolve);
  const verified = repair.then(async (one) => {
    await ensureEvidence(cortex, one);
    ensureEqual(one.problem.guards.attemptsMax, 3, "default attempts");
    live.close();
  });
  verified.catch(served.reject);
  return { downMs: await served.promise, verified };
}

async function ensureOneEach(cortex: Cortex, kills: number): Promise<void> {
  const problems = await serviceProblems(cortex);
  ensureEqual(problems.length, kills, "problems of the service in all");
  ensure(
    problems.every((problem) => problem.state === "resolved"),
    "a problem is still open",
  );
  const intents = await repairs(cortex);
  ensureEqual(intents.length, kills, "intents in all");
  ensure(
    intents.every((intent) => intent.state === "verified"),
    "an intent is not verified",
  );
}

/** So many kills in a row, each followed to its end; the figures of all of them. */
async function killAgainAndAgain(rig: Rig, kills: number, autonomy: string): Promise<string> {
  const port = await rig.port();
  const policy = { ...WIDE_BUDGETS.policy, autonomy };
  const config = { version: 1, ...WIDE_BUDGETS, policy, plugins: { service: [demoService(port)] } };
  const cortex = await rig.cortex({ config });
  await serving(port);
  ensureEqual((await repairs(cortex)).length, 0, "intents after the first start, which is supervision");
  const live = await cortex.live(["problems", "intents"]);
  const downMs: number[] = [];
  const floors: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    floors.push(await startFloor(rig));
    const one = await repairOnce(live, port, 15_000);
    await ensureEvidence(cortex, one);
    downMs.push(one.downMs);
  }
  live.close();
  await ensureOneEach(cortex, kills);
  const verified = await cortex.cli("intents", "verify");
  ensureEqual(verified.code, 0, "exit code of intents verify");
  const floorMs = median(floors);
  const spread = `median ${inTime(median(downMs))}, p95 ${inTime(percentile(downMs, 0.95))}, floor ${inTime(floorMs)}`;
  const limitMs = withinReason(MEDIAN_MS, floorMs);
  ensure(median(downMs) <= limitMs, `${spread} until it served again; at most ${inTime(limitMs)}`);
  return spread;
}

const scenario: Scenario = {
  name: "kill-and-repair",
  quick: true,
  timeoutMs: 240_000,
  async run(rig) {
    const kills = rig.quick ? 5 : 20;
    const byDefault = await underDefaults(rig);
    const spread = await killAgainAndAgain(rig, kills, "act");
    await byDefault.verified;
    return `${kills} kills, serving again ${spread}; default budgets ${inTime(byDefault.downMs)}`;
  },
  control: (rig) => killAgainAndAgain(rig, 1, "observe"),
};
export default scenario;
