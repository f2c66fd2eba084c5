import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { type Approval, type ApprovalFacts, approvalBytes, refusal } from "./approval.ts";
import type { ReasonCode } from "./reasons.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signer = (publicKey.export({ format: "jwk" }) as { x: string }).x;
const NOW = 1_790_000_000_000;

const base: Omit<Approval, "signature"> = {
  v: 1,
  type: "cortex.decision",
  id: "0199f000-0000-7000-8000-00000000000a",
  intent: "0199f000-0000-7000-8000-00000000000b",
  node: "n_web1",
  hash: "ab".repeat(32),
  class: "R2",
  approvals: [{ kind: "human", principal: "user:1", method: "password", at: NOW }],
  reason: "approved",
  notBefore: NOW,
  expiresAt: NOW + 600_000,
  nonce: "A".repeat(22),
  maxRuns: 1,
  signer,
};
const signed = (change: Partial<Approval> = {}): Approval => {
  const given = { ...base, ...change, signature: "" };
  return {
    ...given,
    signature: sign(null, Buffer.from(approvalBytes(given)), privateKey).toString("base64"),
  };
};
const facts: ApprovalFacts = {
  node: "n_web1",
  intent: { id: base.intent, state: "proposed", hash: base.hash, class: "R2", shadow: false },
  trusted: [signer],
  verify: (_, message, signature) =>
    verify(null, Buffer.from(message), publicKey, Buffer.from(signature, "base64")),
  isUsed: () => false,
  now: NOW + 1000,
  ageMs: 500,
};
const reasonOf = (given: unknown, change: Partial<ApprovalFacts> = {}): ReasonCode | null =>
  refusal(given, { ...facts, ...change })?.reason ?? null;

test("an approval of this very intent, signed by a trusted Monitor, holds", () => {
  expect(reasonOf(signed())).toBeNull();
});

describe("T26 any change to what was approved is refused", () => {
  const changes: { [F in keyof Approval]?: Approval[F] } = {
    v: 2 as 1,
    type: "cortex.other" as "cortex.decision",
    id: "0199f000-0000-7000-8000-00000000000c",
    intent: "0199f000-0000-7000-8000-00000000000c",
    node: "n_web2",
    hash: "cd".repeat(32),
    class: "R1",
    approvals: [{ kind: "human", principal: "user:2", method: "password", at: NOW }],
    reason: "rule_allows",
    notBefore: NOW - 1,
    expiresAt: NOW + 599_999,
    nonce: "B".repeat(22),
    maxRuns: 2 as 1,
    signer: "C".repeat(43),
    signature: "AAAA",
  };
  test.each(Object.keys({ ...base, signature: "" }) as (keyof Approval)[])(
    "%s altered after signing",
    (field) => {
      expect(reasonOf({ ...signed(), [field]: changes[field] })).not.toBeNull();
    },
  );
  test("a field more is refused too", () =>
    expect(reasonOf({ ...signed(), extra: 1 })).toBe("malformed_approval"));
});

test("T29 an approval for another node is refused even with a good signature", () => {
  expect(reasonOf(signed({ node: "n_db1" }))).toBe("wrong_node");
});

test("T24 a key that this node does not know decides nothing", () => {
  expect(reasonOf(signed(), { trusted: [] })).toBe("unknown_signer");
});

test("T27 a nonce is good once", () => {
  expect(reasonOf(signed(), { isUsed: () => true })).toBe("replayed");
});

describe("T28 an approval lives for its minutes, on either clock", () => {
  test("over on the wall clock", () =>
    expect(reasonOf(signed(), { now: NOW + 600_000 })).toBe("approval_expired"));
  test("over on the clock that does not jump", () =>
    expect(reasonOf(signed(), { now: NOW - 3_000, ageMs: 600_000 })).toBe("approval_expired"));
  test("signed for longer than anybody may", () =>
    expect(reasonOf(signed({ expiresAt: NOW + 600_001 }))).toBe("approval_expired"));
  test("from the future", () => expect(reasonOf(signed(), { now: NOW - 31_000 })).toBe("not_yet_valid"));
});

describe("T30 who may decide is fixed on the node", () => {
  const judge = { kind: "llm" as const, principal: "decider:claude", method: "model", at: NOW };
  test("a judge alone is not enough at host level", () => {
    const intent = { ...facts.intent, class: "R3" as const };
    expect(reasonOf(signed({ class: "R3", approvals: [judge] }), { intent })).toBe("approver_insufficient");
    expect(reasonOf(signed({ class: "R3" }), { intent })).toBeNull();
  });
  test("one person is never two", () => {
    const twice = [base.approvals[0]!, { ...base.approvals[0]!, at: NOW + 1 }];
    expect(reasonOf(signed({ approvals: twice }))).toBe("approver_insufficient");
  });
});

test("an intent that is not waiting any more can't be approved", () => {
  for (const state of ["approved", "executing", "verified", "rejected", "expired"])
    expect(reasonOf(signed(), { intent: { ...facts.intent, state } })).toBe("already_decided");
});

test("what only says what it would do is never approved", () => {
  expect(reasonOf(signed(), { intent: { ...facts.intent, shadow: true } })).toBe("already_decided");
});
