/** T24, T26–T29: whoever holds the line and the Monitor's link key, but not the key that decides, makes a machine do nothing. */
import { join } from "node:path";
import { type Approval, approvalBytes } from "../../../core/domain/decide/approval.ts";
import type { ReasonCode } from "../../../core/domain/decide/reasons.ts";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { keyName } from "../../../core/store/identity.ts";
import { ephemeralKeyPair, type KeyPair, loadKeyPair } from "../../../core/store/key-file.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { answers, serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService, repairs } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { machineWithService } from "./machine.ts";
import { type DecisionCommand, takeOver, type TakenOver } from "./taken-over.ts";
import { decisionOf, intentReaches, pendingDecision } from "./waiting.ts";

interface Attempt {
  what: string;
  approval: unknown;
  refusedAs: ReasonCode;
}

const signedBy = (key: KeyPair, given: Approval, change: Partial<Approval> = {}): Approval => {
  const unsigned = { ...given, signer: keyName(key.publicKey), ...change, signature: "" };
  return { ...unsigned, signature: key.sign(approvalBytes(unsigned)) };
};

/** Every field of the real one, each altered alone, with the signature it came with. */
function altered(real: Approval): Attempt[] {
  const [first] = real.approvals;
  const changes: { [F in keyof Approval]: [unknown, ReasonCode] } = {
    v: [2, "malformed_approval"],
    type: ["cortex.other", "malformed_approval"],
    id: [crypto.randomUUID(), "bad_signature"],
    intent: [crypto.randomUUID(), "bad_signature"],
    node: [`n_${"a".repeat(26)}`, "bad_signature"],
    hash: ["cd".repeat(32), "bad_signature"],
    class: [real.class === "R1" ? "R2" : "R1", "bad_signature"],
    approvals: [[{ ...first!, principal: "user:somebody" }], "bad_signature"],
    reason: [real.reason === "rule_allows" ? "approved" : "rule_allows", "bad_signature"],
    notBefore: [real.notBefore - 1, "bad_signature"],
    expiresAt: [real.expiresAt + 1, "bad_signature"],
    nonce: ["B".repeat(22), "bad_signature"],
    maxRuns: [2, "malformed_approval"],
    signer: ["C".repeat(43), "unknown_signer"],
    signature: [real.signature.replace(/^./, (one) => (one === "A" ? "B" : "A")), "bad_signature"],
  };
  ensureEqual(Object.keys(changes).toSorted(), Object.keys(real).toSorted(), "fields of the approval");
  return Object.entries(changes).map(([field, [value, refusedAs]]) => ({
    what: `${field} altered`,
    approval: { ...real, [field]: value },
    refusedAs,
  }));
}

/** Whole and well signed, by a key that decides nothing here. */
function foreign(real: Approval, linkKey: KeyPair, stranger: KeyPair): Attempt[] {
  return [
    { what: "nothing at all", approval: null, refusedAs: "malformed_approval" },
    { what: "a field more", approval: { ...real, extra: 1 }, refusedAs: "malformed_approval" },
    { what: "a stranger's key", approval: signedBy(stranger, real), refusedAs: "unknown_signer" },
    { what: "the link key", approval: signedBy(linkKey, real), refusedAs: "unknown_signer" },
    {
      what: "a stranger's key under the real name",
      approval: signedBy(stranger, real, { signer: real.signer }),
      refusedAs: "bad_signature",
    },
  ];
}

/** Signed by the very key that decides: what it said of something else, or at another time. */
function misplaced(real: Approval, decides: KeyPair): Attempt[] {
  const at = Date.now();
  const attempt = (what: string, change: Partial<Approval>, refusedAs: ReasonCode): Attempt => ({
    what,
    approval: signedBy(decides, real, change),
    refusedAs,
  });
  const before = { notBefore: at - 700_000, expiresAt: at - 100_000 };
  const later = { notBefore: at + 300_000, expiresAt: at + 600_000 };
  return [
    attempt("an expired one", before, "approval_expired"),
    attempt("one for an hour", { expiresAt: real.notBefore + 3_600_000 }, "approval_expired"),
    attempt("one of the future", later, "not_yet_valid"),
    attempt("one for another node", { node: `n_${"a".repeat(26)}` }, "wrong_node"),
    attempt("one for another intent", { intent: crypto.randomUUID() }, "hash_mismatch"),
    attempt("one for another plan", { hash: "cd".repeat(32) }, "hash_mismatch"),
    attempt("one for another class", { class: "R1" }, "hash_mismatch"),
  ];
}

async function ensureRefused(line: TakenOver, command: DecisionCommand, attempt: Attempt): Promise<void> {
  const result = await line.say({ ...command, approval: attempt.approval });
  ensure(!result.ok, `${attempt.what}: the machine did it`);
  ensureEqual(result.code, `approval.${attempt.refusedAs}`, attempt.what);
}

/** Why the machine refused, from its own ledger, in order. */
async function refusals(monitor: Cortex, node: string): Promise<string[]> {
  const { text } = await monitor.api("GET", `intents/export?node=${node}`);
  const entries = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string; payload: { reason: string } });
  return entries.filter(({ kind }) => kind === "approval.refused").map(({ payload }) => payload.reason);
}

async function approvedAtMonitor(monitor: Cortex, line: TakenOver, port: number) {
  await killService(port);
  const decision = await pendingDecision(monitor, 30_000);
  const ran = await monitor.cli("decisions", "approve", decision.id);
  ensureEqual(ran.code, 0, `approve (${ran.stderr.trim()})`);
  return { decision, ...(await line.caught(decision.intent!.id)) };
}

const appliedOnce = async (monitor: Cortex, { intent }: DecisionItem) => {
  const one = (await repairs(monitor)).find(({ id }) => id === intent!.id);
  ensureEqual(one?.outcome.filter(({ step }) => step === "apply").length, 1, "how often it was applied");
};

async function run(rig: Rig): Promise<string> {
  const { monitor, line, machine, port } = await machineWithService(rig, ["critical"], takeOver);
  const decides = loadKeyPair(join(monitor.dataDir, "keys", "decision.key"), "the key that decides");
  const stranger = ephemeralKeyPair();
  const first = await approvedAtMonitor(monitor, line, port);
  await line.offerKey(Buffer.from(stranger.publicKey).toString("base64"));
  const attempts = [
    ...altered(first.approval),
    ...foreign(first.approval, line.linkKey, stranger),
    ...misplaced(first.approval, decides),
  ];
  for (const attempt of attempts) {
    await ensureRefused(line, first.command, attempt);
    ensure(!(await answers(port)), `${attempt.what}: the service runs`);
  }
  await ensureLeftAlone(monitor, port, 2000, "nothing that came was the Monitor's word");
  ensureEqual(
    await refusals(monitor, machine.id),
    attempts.map(({ refusedAs }) => refusedAs),
    "refusals in the machine's ledger",
  );

  // The real one, twice at once, and once more when it is done.
  const twice = await Promise.all([line.say(first.command), line.say(first.command)]);
  ensure(
    twice.every(({ ok }) => ok),
    "told twice, it is answered twice",
  );
  await serving(port, 30_000);
  await intentReaches(monitor, first.decision, "verified", 30_000);
  ensureEqual(
    await line.say(first.command),
    { ok: true, data: { state: "verified" } },
    "the answer when it is told once more",
  );

  // A yes of yesterday for what is down today; then today's own.
  const second = await approvedAtMonitor(monitor, line, port);
  const reused = { approval: first.approval, refusedAs: "hash_mismatch" } as const;
  await ensureRefused(line, second.command, { what: "the approval of the last repair", ...reused });
  await ensureLeftAlone(monitor, port, 1000, "only an old approval came");
  line.letPass();
  await serving(port, 60_000);
  await intentReaches(monitor, second.decision, "verified", 30_000);
  // What was swallowed on the line is told again when the Monitor has waited long enough for its answer.
  await until(async () => (await decisionOf(monitor, second.decision.id)).delivery?.state === "told", {
    what: "the Monitor knows that its word was heard",
    timeoutMs: 60_000,
  });
  for (const { decision } of [first, second]) await appliedOnce(monitor, decision);
  return `${attempts.length} forged, altered, late and misdirected approvals and 3 replays over a taken-over link: 0 executions, each refused in the ledger; 2 real ones ran once each`;
}

/** The same relay changes nothing: what "refused" looks for is there. */
async function control(rig: Rig): Promise<string> {
  const { monitor, line, port } = await machineWithService(rig, ["critical"], takeOver);
  const { command, approval } = await approvedAtMonitor(monitor, line, port);
  await ensureRefused(line, command, { what: "untouched", approval, refusedAs: "bad_signature" });
  return "refused";
}

const scenario: Scenario = {
  name: "tampered-approvals",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T24", "T26", "T27", "T28", "T29"],
  run,
  control,
};
export default scenario;
