import type { ProblemItem } from "../../../core/monitor/items.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { answers, demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { ensureLeftAlone, killService, repairs } from "./one-repair.ts";

const WAITS_MS = 6000;
/** Proposals that ran out are looked for every 5 s. */
const LOOK_MS = 5000;

async function waits(rig: Rig, tags: string[]): Promise<string> {
  const port = await rig.port();
  const policy = { ...WIDE_BUDGETS.policy, proposal_ttl: `${WAITS_MS}ms` };
  const service = { ...demoService(port), tags };
  const cortex = await rig.cortex({
    config: { version: 1, ...WIDE_BUDGETS, policy, plugins: { service: [service] } },
  });
  await serving(port);
  const { at } = await killService(port);
  await ensureLeftAlone(cortex, port, 3000, "nobody decided");
  const [intent] = await repairs(cortex);
  ensure(intent !== undefined, "no repair was proposed");
  ensureEqual([intent.state, intent.level], ["proposed", "L2"], "state and level of the intent");
  ensure(
    intent.plan !== null && intent.hash !== null,
    "the proposal has no plan that an approval could bind",
  );
  const listed = await cortex.cli("intents", "list");
  ensure(listed.stdout.includes(intent.id.slice(-8)), "cortex intents does not list the proposal");

  const problem = await until(
    async () => {
      const { json } = await cortex.api<ProblemItem>("GET", `problems/${intent.problemId}`);
      return json.level === "L3" && json;
    },
    { what: "the proposal ran out and became L3", timeoutMs: WAITS_MS + LOOK_MS + 3000, everyMs: 50 },
  );
  const expiredMs = now() - at;
  ensure(
    expiredMs >= WAITS_MS,
    `it became L3 after ${inTime(expiredMs)}, before its ${inTime(WAITS_MS)} were over`,
  );
  const all = await repairs(cortex);
  ensureEqual(
    all.map((one) => one.state),
    ["expired"],
    "states of the intents",
  );
  ensureEqual(all[0]!.outcome, [], "what the expired intent did");
  ensure(problem.state === "open" && !(await answers(port)), "somebody started the service all the same");
  return `proposed, visible, executes nothing, L3 ${inTime(expiredMs)} after the kill (ttl ${inTime(WAITS_MS)})`;
}

const scenario: Scenario = {
  name: "l2-waits",
  quick: true,
  run: (rig) => waits(rig, ["critical"]),
  control: (rig) => waits(rig, []),
};
export default scenario;
