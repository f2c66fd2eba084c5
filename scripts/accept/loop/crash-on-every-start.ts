import type { CheckItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { repairs, serviceProblems } from "./one-repair.ts";

const CRASH = ["/usr/bin/python3", "-c", "raise SystemExit('no such database')"];
const ATTEMPTS = 3;
/** As long as three of its intervals. */
const CALM_MS = 3000;

async function runsOf(cortex: Cortex): Promise<number> {
  const { json } = await cortex.api<{ items: CheckItem[] }>("GET", "checks?limit=500");
  const check = json.items.find((one) => one.name === "service");
  ensure(check !== undefined, "the check of the service is not listed");
  ensure(check.state === "active", `the check is ${check.state}`);
  return check.runs;
}

async function crashes(rig: Rig, breaker: object): Promise<string> {
  const service = { id: "crash", start: CRASH, interval: "1s", confirm: "1s" };
  const config = {
    version: 1,
    breaker: { waits: ["0s", "500ms", "1s"], ...breaker },
    engine: { flap_start: 1 },
    link: { report: "1s" },
    plugins: { service: [service] },
  };
  const begin = now();
  const cortex = await rig.cortex({ config });
  const problem = await until(
    async () => (await serviceProblems(cortex)).find((one) => one.level === "L3" && one.guards.hold !== null),
    { what: "the breaker is open and the problem L3", timeoutMs: 20_000, everyMs: 50 },
  );
  const openMs = now() - begin;
  ensureEqual(problem.guards.hold, "breaker_open", "what holds the repair");
  ensure(problem.guards.breakerUntil !== null, "the problem does not say until when the breaker is open");
  ensureEqual([problem.guards.attemptsUsed, problem.guards.attemptsMax], [ATTEMPTS, ATTEMPTS], "attempts");

  const before = await runsOf(cortex);
  await pause(CALM_MS);
  const intents = await repairs(cortex);
  ensureEqual(intents.length, ATTEMPTS, "intents while the breaker is open");
  ensureEqual(
    intents.toSorted((a, b) => a.attempt - b.attempt).map((one) => [one.attempt, one.state]),
    [1, 2, 3].map((n) => [n, "failed"]),
    "intents",
  );
  const said = intents.flatMap((one) => one.outcome).filter((line) => line.step === "apply");
  ensure(
    said.every((line) => line.summary.includes("no such database")),
    "an outcome lacks the service's last line",
  );
  await until(async () => (await runsOf(cortex)) > before, {
    what: `checking goes on: the check has run ${before} times`,
    timeoutMs: 5000,
    everyMs: 100,
  });
  await ensureShown(cortex, problem.id);
  return `${ATTEMPTS} attempts, breaker open after ${inTime(openMs)}, ${(await runsOf(cortex)) - before} more runs of the check`;
}

/** People see the same counters on the command line. */
async function ensureShown(cortex: Cortex, id: string): Promise<void> {
  const list = await cortex.cli("problems");
  const line = list.stdout.split("\n").find((one) => one.includes(id.slice(-8)));
  ensure(
    line?.includes("L3") && line.includes("3 of 3"),
    `cortex problems does not show it: ${line ?? list.stderr}`,
  );
  const shown = await cortex.cli("problems", id);
  ensure(
    shown.stdout.includes("attempts 3 of 3 used"),
    `cortex problems ID lacks the attempts: ${shown.stdout}`,
  );
  ensure(
    shown.stdout.includes("breaker open until"),
    `cortex problems ID lacks the breaker: ${shown.stdout}`,
  );
}

const scenario: Scenario = {
  name: "crash-on-every-start",
  quick: true,
  run: (rig) => crashes(rig, {}),
  control: (rig) => crashes(rig, { attempts: 1000, waits: ["0s"] }),
};
export default scenario;
