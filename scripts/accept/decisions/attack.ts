/** Everything that a compromised agent could say to the helper. None of it is the Monitor's word for exactly this act. */
import type { Effect } from "cortex";
import { type Approval, approvalBytes } from "../../../core/domain/decide/approval.ts";
import { hashOf } from "../../../core/domain/decide/bound-hash.ts";
import type { RootWork } from "../../../core/domain/root-work.ts";
import { keyName } from "../../../core/store/identity.ts";
import type { KeyPair } from "../../../core/store/key-file.ts";

export const NODE = `n_${"e".repeat(26)}`;
export const TARGET = "web.service";

export interface Attempt {
  what: string;
  line: string;
}

export const restart = (name: string): Effect => ({ kind: "service", verb: "restart", name });

export function workFor(effect: Effect, change: Partial<RootWork> = {}): RootWork {
  const plan = { summary: "restart web.service", changes: [], effects: [effect] };
  const expiresAt = Date.now() + 3_600_000;
  const params = { unit: TARGET };
  return {
    intent: crypto.randomUUID(),
    repair: "unit.restart",
    version: 1,
    class: "R2",
    params,
    plan,
    expiresAt,
    ...change,
  };
}

export function approvalOf(work: RootWork, key: KeyPair, change: Partial<Approval> = {}): Approval {
  const now = Date.now();
  const unsigned: Approval = {
    v: 1,
    type: "cortex.decision",
    id: crypto.randomUUID(),
    intent: work.intent,
    node: NODE,
    hash: hashOf({ node: NODE, ...work }),
    class: work.class,
    approvals: [{ kind: "human", principal: "user:anna", method: "password", at: now }],
    reason: "approved",
    notBefore: now,
    expiresAt: now + 600_000,
    nonce: crypto.getRandomValues(Buffer.alloc(16)).toString("base64url"),
    maxRuns: 1,
    signer: keyName(key.publicKey),
    signature: "",
    ...change,
  };
  return { ...unsigned, signature: key.sign(approvalBytes(unsigned)) };
}

export const actLine = (work: unknown, approval: unknown): string =>
  JSON.stringify({ v: 1, op: "act", work, approval });

/** `decides`: the key that root trusts, for words that it said of something else or at another time. */
export function attempts(decides: KeyPair, stranger: KeyPair): Attempt[] {
  return [
    ...words(decides, stranger),
    ...altered(decides),
    ...elsewhere(decides),
    ...detours(decides),
    ...noise(),
  ];
}

function words(decides: KeyPair, stranger: KeyPair): Attempt[] {
  const work = workFor(restart(TARGET));
  const name = keyName(decides.publicKey);
  return [
    { what: "no approval", line: actLine(work, null) },
    { what: "an empty one", line: actLine(work, {}) },
    { what: "a forged one", line: actLine(work, approvalOf(work, stranger)) },
    {
      what: "a forged one under the real name",
      line: actLine(work, approvalOf(work, stranger, { signer: name })),
    },
    { what: "one without a signature", line: actLine(work, { ...approvalOf(work, decides), signature: "" }) },
  ];
}

/** The real one with one field altered, and the real one with one field of the work altered. */
function altered(decides: KeyPair): Attempt[] {
  const work = workFor(restart(TARGET));
  const real = approvalOf(work, decides);
  const other: { [F in keyof Approval]: unknown } = {
    v: 2,
    type: "cortex.other",
    id: crypto.randomUUID(),
    intent: crypto.randomUUID(),
    node: `n_${"f".repeat(26)}`,
    hash: "cd".repeat(32),
    class: "R1",
    approvals: [{ ...real.approvals[0]!, principal: "user:eve" }],
    reason: "rule_allows",
    notBefore: real.notBefore - 1,
    expiresAt: real.expiresAt + 1,
    nonce: "B".repeat(22),
    maxRuns: 2,
    signer: "C".repeat(43),
    signature: real.signature.replace(/^./, (one) => (one === "A" ? "B" : "A")),
  };
  const plan = { ...work.plan, summary: "another" };
  const changes: { [F in keyof RootWork]: unknown } = {
    intent: crypto.randomUUID(),
    repair: "unit.start",
    version: 2,
    class: "R1",
    params: { unit: "other.service" },
    plan,
    expiresAt: 1,
  };
  return [
    ...Object.entries(other).map(([field, value]) => ({
      what: `approval.${field} altered`,
      line: actLine(work, { ...real, [field]: value }),
    })),
    ...Object.entries(changes).map(([field, value]) => ({
      what: `work.${field} altered`,
      line: actLine({ ...work, [field]: value }, real),
    })),
    {
      what: "another verb under its approval",
      line: actLine(
        { ...work, plan: { ...work.plan, effects: [{ kind: "service", verb: "start", name: TARGET }] } },
        real,
      ),
    },
  ];
}

function elsewhere(decides: KeyPair): Attempt[] {
  const at = Date.now();
  const signed = (what: string, change: Partial<Approval>): Attempt => {
    const work = workFor(restart(TARGET));
    return { what, line: actLine(work, approvalOf(work, decides, change)) };
  };
  return [
    signed("an expired one", { notBefore: at - 700_000, expiresAt: at - 100_000 }),
    signed("one for an hour", { expiresAt: at + 3_600_000 }),
    signed("one of the future", { notBefore: at + 300_000, expiresAt: at + 600_000 }),
    signed("one for another node", { node: `n_${"f".repeat(26)}` }),
  ];
}

/** Well signed, for what the helper does not do whoever asks. */
function detours(decides: KeyPair): Attempt[] {
  const names = [
    "*.service",
    "[a-z]eb.service",
    "-H evil.service",
    "--host=evil.service",
    "web@.service",
    "web.service\nssh.service",
  ];
  const paths = [
    "../../tmp/evil.service",
    "/tmp/evil.service",
    "reboot.target",
    "systemd-reboot.service",
    "debug-shell.service",
  ];
  const guards = ["ssh.service", "dbus.service", "cortex.service", "cortex-helper.service"];
  const effects: Effect[] = [
    ...[...names, ...paths, ...guards].map(restart),
    { kind: "service", verb: "stop", name: TARGET },
    { kind: "mount", verb: "mount", path: "/data/../etc" },
    { kind: "mount", verb: "unmount", path: "/data" },
    { kind: "write", file: "/etc/passwd" },
    { kind: "delete", what: "data", root: "/", count: 1 },
    { kind: "exec", argv: ["/usr/bin/id"] },
    { kind: "host", verb: "reboot" },
    { kind: "account", verb: "add", name: "eve" },
  ];
  return effects.map((effect) => {
    const work = workFor(effect);
    return { what: JSON.stringify(effect), line: actLine(work, approvalOf(work, decides)) };
  });
}

function noise(): Attempt[] {
  const lines = [
    "",
    "nonsense",
    "[]",
    "{}",
    '{"v":1,"op":"run","argv":["id"]}',
    `{"v":1,"op":"status","x":"${"y".repeat(1_000_000)}"}`,
  ];
  return lines.map((line) => ({ what: line.slice(0, 40), line }));
}
