/** A Monitor's key that decides, and approvals made with it, right or spoiled. */
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { type Approval, approvalBytes } from "../domain/decide/approval.ts";
import { type Standing, standingBytes, type StandingEntry } from "../domain/decide/standing.ts";
import type { IntentRecord } from "../domain/intent.ts";
import type { TrustStore } from "../pipeline/trust/trust-store.ts";

export interface TestMonitorKey {
  signer: string;
  /** A trust store that knows this key and no other. */
  trust: TrustStore;
  /** Sign whatever is given; what is missing is filled in so that it would hold for `intent`. */
  approve(intent: IntentRecord, node: string, now: number, change?: Partial<Approval>): Approval;
  /** What repairs have earned on a node, good for a day. */
  stand(entries: StandingEntry[], node: string, now: number, change?: Partial<Standing>): Standing;
}

/** The demo's repair may act by itself. */
export const earned = (change: Partial<StandingEntry> = {}): StandingEntry => ({
  id: "0199f000-0000-7000-8000-0000000000aa",
  repair: "service.start",
  state: "act",
  maxClass: "R2",
  by: "user:anna",
  maxRuns: 20,
  ...change,
});

let serial = 0;

export function createTestMonitorKey(): TestMonitorKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const signer = (publicKey.export({ format: "jwk" }) as { x: string }).x;
  const signed = (text: string) => sign(null, Buffer.from(text), privateKey).toString("base64");
  return {
    signer,
    trust: {
      signers: () => [signer],
      verify: (_, message, signature) =>
        verify(null, Buffer.from(message), publicKey, Buffer.from(signature, "base64")),
    },
    approve(intent, node, now, change = {}) {
      serial += 1;
      const given: Approval = {
        v: 1,
        type: "cortex.decision",
        id: intent.id,
        intent: intent.id,
        node,
        hash: intent.hash ?? "",
        class: intent.class ?? "R2",
        approvals: [{ kind: "human", principal: "user:anna", method: "password", at: now }],
        reason: "approved",
        notBefore: now,
        expiresAt: now + 600_000,
        nonce: String(serial).padStart(22, "0"),
        maxRuns: 1,
        signer,
        signature: "",
        ...change,
      };
      return { ...given, signature: change.signature ?? signed(approvalBytes(given)) };
    },
    stand(entries, node, now, change = {}) {
      const given: Standing = {
        v: 1,
        type: "cortex.standing",
        node,
        serial: now,
        notBefore: now,
        expiresAt: now + 86_400_000,
        entries,
        signer,
        signature: "",
        ...change,
      };
      return { ...given, signature: change.signature ?? signed(standingBytes(given)) };
    },
  };
}
