/**
 * T24: a Monitor that decides with a new key. Its nodes hear of it before anything that it signed, one that was away follows
 * the links, and what a retired key signs is refused. Everything between the two passes through hands that hold the line.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Approval, approvalBytes } from "../../../core/domain/decide/approval.ts";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { keyName } from "../../../core/store/identity.ts";
import { ephemeralKeyPair, type KeyPair, loadKeyPair } from "../../../core/store/key-file.ts";
import type { Machine } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { answers, serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService, repairs } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { machineWithService } from "./machine.ts";
import { takeOver, type TakenOver } from "./taken-over.ts";
import { intentReaches, pendingDecision } from "./waiting.ts";

type Trusted = { key: string; state: string };

const keyOf = (monitor: Cortex): KeyPair =>
  loadKeyPair(join(monitor.dataDir, "keys", "decision.key"), "the key that decides");

async function rotate(monitor: Cortex, ...words: string[]): Promise<{ from: string; key: string }> {
  const ran = await monitor.cli("trust", "rotate", "--json", ...words);
  ensureEqual(ran.code, 0, `trust rotate (${ran.stderr.trim()})`);
  return JSON.parse(ran.stdout) as { from: string; key: string };
}

const trusts = (machine: Machine, wanted: readonly string[]) =>
  until(
    async () => {
      const keys = JSON.parse((await machine.cli("trust", "list", "--json")).stdout) as Trusted[];
      const trusted = keys.filter(({ state }) => state === "trusted").map(({ key }) => key);
      return JSON.stringify(trusted) === JSON.stringify(wanted);
    },
    { what: `the machine trusts ${wanted.length} keys, the newest first`, timeoutMs: 60_000 },
  );

async function approvedAtMonitor(monitor: Cortex, line: TakenOver, port: number) {
  await killService(port);
  const decision = await pendingDecision(monitor, 30_000);
  const ran = await monitor.cli("decisions", "approve", decision.id);
  ensureEqual(ran.code, 0, `approve (${ran.stderr.trim()})`);
  return { decision, ...(await line.caught(decision.intent!.id)) };
}

type Caught = Awaited<ReturnType<typeof approvedAtMonitor>>;

/** Told twice, it runs once. */
async function runsOnce(monitor: Cortex, line: TakenOver, port: number, { command, decision }: Caught) {
  const told = await line.say(command);
  ensure(told.ok, `the machine refused it (${told.ok ? "" : told.message})`);
  await serving(port, 30_000);
  await intentReaches(monitor, decision, "verified", 30_000);
  ensure((await line.say(command)).ok, "told once more, it is answered once more");
  const one = (await repairs(monitor)).find(({ id }) => id === decision.intent!.id);
  ensureEqual(one?.outcome.filter(({ step }) => step === "apply").length, 1, "how often it was applied");
}

const signedBy = (key: KeyPair, given: Approval): Approval => {
  const unsigned = { ...given, signer: keyName(key.publicKey), signature: "" };
  return { ...unsigned, signature: key.sign(approvalBytes(unsigned)) };
};

async function ensureRefused(line: TakenOver, { command }: Caught, approval: Approval): Promise<void> {
  const result = await line.say({ ...command, approval });
  ensure(!result.ok, "the machine did what a retired key signed");
  ensureEqual(result.code, "approval.unknown_signer", "why it was refused");
}

const auditOf = async (monitor: Cortex): Promise<string[]> => {
  const { json } = await monitor.api<{ items: { kind: string }[] }>("GET", "audit?kind=deciding_key.rotated");
  return json.items.map(({ kind }) => kind);
};

async function run(rig: Rig): Promise<string> {
  const { monitor, line, machine, port } = await machineWithService(rig, ["critical"], takeOver);
  const done: DecisionItem[] = [];
  const one = async (caught: Caught) => {
    await runsOnce(monitor, line, port, caught);
    done.push(caught.decision);
  };

  // Before, and signed before but told after.
  await one(await approvedAtMonitor(monitor, line, port));
  const during = await approvedAtMonitor(monitor, line, port);
  const first = await rotate(monitor);
  ensureEqual(during.approval.signer, first.from, "who signed before the rotation");
  await trusts(machine, [first.key, first.from]);
  await one(during);
  const after = await approvedAtMonitor(monitor, line, port);
  ensureEqual(after.approval.signer, first.key, "who signs after the rotation");
  await one(after);

  // At once, as after a theft: the thief has the key, its name and the line.
  const stolen = ephemeralKeyPair();
  const pem = readFileSync(join(monitor.dataDir, "keys", "decision.key"), "utf8");
  const thief = keyOf(monitor);
  const second = await rotate(monitor, "--now");
  ensureEqual(second.from, keyName(thief.publicKey), "the key that was replaced");
  ensure(readFileSync(join(monitor.dataDir, "keys", "decision.key"), "utf8") !== pem, "the old key is there");
  await until(
    async () =>
      (JSON.parse((await machine.cli("trust", "list", "--json")).stdout) as Trusted[])[0]?.key === second.key,
    { what: "the machine follows", timeoutMs: 60_000 },
  );
  const third = await approvedAtMonitor(monitor, line, port);
  for (const key of [thief, stolen]) await ensureRefused(line, third, signedBy(key, third.approval));
  ensure(!(await answers(port)), "the service runs");
  await ensureLeftAlone(monitor, port, 1500, "only retired keys spoke");
  await one(third);

  // Away for two rotations, it follows both links when it is back.
  await machine.stop();
  await rotate(monitor, "--now");
  const last = await rotate(monitor, "--now");
  machine.start();
  await until(
    async () =>
      (JSON.parse((await machine.cli("trust", "list", "--json")).stdout) as Trusted[])[0]?.key === last.key,
    { what: "the machine that was away follows", timeoutMs: 60_000 },
  );
  await serving(port, 30_000);
  const fourth = await approvedAtMonitor(monitor, line, port);
  ensureEqual(fourth.approval.signer, last.key, "who signs at last");
  await one(fourth);
  ensureEqual((await auditOf(monitor)).length, 4, "rotations in the audit");

  // Taken away on the machine, neither the key nor one that follows it is taken up.
  ensureEqual((await machine.cli("trust", "remove", last.key)).code, 0, "trust remove");
  await rotate(monitor);
  const fifth = await approvedAtMonitor(monitor, line, port);
  await ensureRefused(line, fifth, fifth.approval);
  await ensureLeftAlone(monitor, port, 1500, "it trusts nobody");
  return `${done.length} approvals before, during and after 4 rotations ran once each; 2 by retired and foreign keys refused; a machine that was away followed 2 links; one that took the key away followed none`;
}

/** With the overlap the replaced key still counts: what "refused" looks for is there. */
async function control(rig: Rig): Promise<string> {
  const { monitor, line, machine, port } = await machineWithService(rig, ["critical"], takeOver);
  const old = keyOf(monitor);
  const { from, key } = await rotate(monitor);
  await trusts(machine, [key, from]);
  const caught = await approvedAtMonitor(monitor, line, port);
  await ensureRefused(line, caught, signedBy(old, caught.approval));
  return "refused";
}

const scenario: Scenario = {
  name: "deciding-key-rotation",
  quick: false,
  timeoutMs: 300_000,
  threats: ["T24", "T26", "T28"],
  run,
  control,
};
export default scenario;
