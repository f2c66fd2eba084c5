import type { ProblemItem } from "../../../core/monitor/items.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { killAndWait, repairs, settled } from "./one-repair.ts";

/** Successes are counted every 5 s. */
const COUNTED_MS = 5000;

async function healed(rig: Rig, count: number): Promise<string> {
  const port = await rig.port();
  const policy = { ...WIDE_BUDGETS.policy, healed_count: count };
  const config = { version: 1, ...WIDE_BUDGETS, policy, plugins: { service: [demoService(port)] } };
  const cortex = await rig.cortex({ config });
  await serving(port);
  const problems = async () =>
    (await cortex.api<{ items: ProblemItem[] }>("GET", "problems?check=healed_too_often")).json.items;
  for (let kill = 1; kill <= 3; kill += 1) {
    ensureEqual((await problems()).length, 0, `problems of being healed too often before repair ${kill}`);
    await killAndWait(port);
    await settled(cortex, kill);
  }
  const third = now();
  const problem = await until(async () => (await problems())[0], {
    what: "three repairs are a problem of their own",
    timeoutMs: COUNTED_MS + 2000,
  });
  const toldMs = now() - third;
  ensureEqual([problem.target, problem.state], ["service:demo", "open"], "target and state");
  await until(async () => (await problems())[0]?.level === "L3", { what: "it is L3", timeoutMs: 2000 });
  const bundles = (problem.labels.evidence ?? "").split(" ").filter((id) => id !== "");
  const taken = (await repairs(cortex)).flatMap((one) => one.evidenceIds);
  ensureEqual(bundles.toSorted(), taken.toSorted(), "its evidence bundles");
  for (const id of bundles)
    ensureEqual((await cortex.api("GET", `evidence/${id}`)).status, 200, "GET evidence");
  // It is told of, not given up: the next failure is repaired too.
  await killAndWait(port);
  await settled(cortex, 4);
  ensure((await problems()).length === 1, "it was told of more than once");
  return `after 3 repairs: L3 with ${bundles.length} bundles, told ${inTime(toldMs)} after the third`;
}

const scenario: Scenario = {
  name: "healed-too-often",
  quick: true,
  run: (rig) => healed(rig, 3),
  control: (rig) => healed(rig, 1000),
};
export default scenario;
