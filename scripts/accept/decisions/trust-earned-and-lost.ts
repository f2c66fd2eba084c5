/**
 * A repair that asks is approved and verified until it has earned more; a person accepts the offer, and the machine then
 * repairs by itself, also while it is cut off. The first repair that does not hold takes it back, at both ends.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AutonomyGrantItem, AutonomyOfferItem } from "../../../core/http/types.ts";
import type { IntentItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { answers, serverArgv, serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService, repairs } from "../loop/one-repair.ts";
import { machineWithService, type MachineWithService } from "./machine.ts";
import { decisionsOf, intentReaches, pendingDecision } from "./waiting.ts";

const REPAIR = "service.start";
const LEAST = 3;
const EARNING = { autonomy_after: LEAST, autonomy_bound: 0.4 };

/** A service that breaks when somebody puts a stone in its way. */
async function earning(rig: Rig) {
  const stone = join(rig.folder, "stone");
  const start = (port: number) => ({
    start: [
      "/usr/bin/python3",
      "-c",
      "import os,sys; os.path.exists(sys.argv[1]) and sys.exit(3); os.execv(sys.argv[2], sys.argv[2:])",
      stone,
      ...serverArgv(port),
    ],
  });
  const one = await machineWithService(rig, ["critical"], undefined, start, { policy: EARNING });
  return { ...one, stone };
}

async function approveOnce({ monitor, port }: MachineWithService): Promise<void> {
  await killService(port);
  const decision = await pendingDecision(monitor, 30_000);
  ensureEqual((await monitor.cli("decisions", "approve", decision.id)).code, 0, "approve");
  await serving(port, 30_000);
  await intentReaches(monitor, decision, "verified", 30_000);
}

const offersOf = async (monitor: Cortex): Promise<AutonomyOfferItem[]> =>
  (await monitor.api<{ items: AutonomyOfferItem[] }>("GET", "autonomy/offers")).json.items;
const grantsOf = async (monitor: Cortex): Promise<AutonomyGrantItem[]> =>
  (await monitor.api<{ items: AutonomyGrantItem[] }>("GET", "autonomy")).json.items;

async function promoted(one: MachineWithService): Promise<string> {
  const { monitor, machine } = one;
  const scope = `node:${machine.id}`;
  const early = await monitor.cli("autonomy", "promote", REPAIR, "--scope", scope);
  ensure(
    early.code !== 0 && early.stderr.includes("has not earned"),
    `promoted without evidence (${early.stderr})`,
  );
  for (let time = 0; time < LEAST; time += 1) await approveOnce(one);
  const offer = await until(async () => (await offersOf(monitor))[0], {
    what: "it is offered",
    timeoutMs: 10_000,
  });
  ensureEqual([offer.repair, offer.scope, offer.evidence.verified], [REPAIR, scope, LEAST], "the offer");
  const accepted = await monitor.cli("autonomy", "promote", REPAIR, "--scope", scope);
  ensureEqual(accepted.code, 0, `autonomy promote (${accepted.stderr.trim()})`);
  await until(async () => (await grantsOf(monitor))[0]?.nodes.told === 1, {
    what: "the machine has the standing approval",
    timeoutMs: 20_000,
  });
  return scope;
}

/** The machine's own word on its newest repair: the Monitor may be out of reach. */
const ends = ({ machine }: MachineWithService, wanted: string): Promise<unknown> =>
  until(
    async () => {
      const { stdout } = await machine.cli("intents", "list", "--json");
      const [newest] = JSON.parse(stdout) as IntentItem[];
      return newest?.state === wanted;
    },
    { what: `the newest repair of the machine is ${wanted}`, timeoutMs: 30_000, everyMs: 200 },
  );

const asked = async (monitor: Cortex): Promise<number> => (await decisionsOf(monitor)).items.length;

const scenario: Scenario = {
  name: "trust-earned-and-lost",
  quick: true,
  timeoutMs: 300_000,
  threats: ["T24", "T25"],
  async run(rig) {
    const one = await earning(rig);
    const { monitor, port, line, stone } = one;
    await promoted(one);
    const before = await asked(monitor);
    const { at } = await killService(port);
    const downMs = (await serving(port, 20_000)) - at;
    ensureEqual(await asked(monitor), before, "questions about what it may do by itself");
    await ends(one, "verified");

    // Cut off from its Monitor it goes on repairing, and takes it back by itself when a repair does not hold.
    line.cut(true);
    await killService(port);
    await serving(port, 20_000);
    await ends(one, "verified");
    writeFileSync(stone, "");
    await killService(port);
    await ends(one, "failed");
    rmSync(stone);
    await pause(4000);
    ensure(!(await answers(port)), "cut off, it tried again without asking");
    line.cut(false);
    const lost = await until(async () => (await grantsOf(monitor)).find(({ state }) => state === "ask"), {
      what: "the Monitor took it back, too",
      timeoutMs: 60_000,
    });
    ensureEqual(lost.by, "cortex", "who took it back");
    const question = await pendingDecision(monitor, 60_000);
    await ensureLeftAlone(monitor, port, 3000, "it asks again");
    ensureEqual(await offersOf(monitor), [], "offers after the loss");
    ensureEqual((await monitor.cli("decisions", "approve", question.id)).code, 0, "approve");
    await serving(port, 30_000);
    const alone = (await repairs(monitor)).filter(({ decisions }) =>
      decisions.some(({ decider }) => decider.startsWith("standing:")),
    );
    ensureEqual(
      alone.map(({ state }) => state).toSorted(),
      ["failed", "verified", "verified"],
      "what it did by its standing approval",
    );
    return `${LEAST} approved and verified, offered, accepted; serving ${inTime(downMs)} after a kill without asking, also while cut off; one bad repair and both ends ask again`;
  },
  /** Nobody accepts the offer: it goes on asking, so what is looked for after the yes is not there. */
  async control(rig) {
    const one = await earning(rig);
    for (let time = 0; time < LEAST; time += 1) await approveOnce(one);
    const before = await asked(one.monitor);
    await killService(one.port);
    await pendingDecision(one.monitor, 30_000);
    ensureEqual(await asked(one.monitor), before, "questions about what it may do by itself");
    return "it did not ask";
  },
};
export default scenario;
