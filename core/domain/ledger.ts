/**
 * The hash chain. One entry per transition, one chain per origin (a node, or the Monitor for human, key and policy acts).
 *
 * payload_hash = sha256(salt ‖ payload)            so that a payload can be erased by policy without breaking the chain
 * hash = sha256("cortex.ledger.v1\0" ‖ u64 seq ‖ u64 ts ‖ lp actor ‖ lp kind ‖ payload_hash ‖ prev)
 * with big-endian integers and `lp` = u32 length ‖ bytes. `prev` of the first entry is 32 zero bytes.
 */
import { createHash, timingSafeEqual } from "node:crypto";

export interface LedgerEntry {
  /** 1, 2, 3 … without gaps. */
  seq: number;
  /** Epoch ms. */
  ts: number;
  actor: string;
  /** `intent.executing`, `note`, `problem.opened`, `switch.off`, … */
  kind: string;
  /** Canonical JSON. null once erased by policy. */
  payload: Uint8Array | null;
  salt: Uint8Array;
  payloadHash: Uint8Array;
  prev: Uint8Array;
  hash: Uint8Array;
}

export const GENESIS = new Uint8Array(32);
const DOMAIN = new TextEncoder().encode("cortex.ledger.v1\0");

export function payloadHash(salt: Uint8Array, payload: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(salt).update(payload).digest());
}

export function entryHash(entry: Omit<LedgerEntry, "hash" | "payload" | "salt">): Uint8Array {
  const text = new TextEncoder();
  const hash = createHash("sha256").update(DOMAIN).update(u64(entry.seq)).update(u64(entry.ts));
  for (const part of [text.encode(entry.actor), text.encode(entry.kind)])
    hash.update(u32(part.length)).update(part);
  return new Uint8Array(hash.update(entry.payloadHash).update(entry.prev).digest());
}

/** Why an entry does not fit, or null when it does. `previous` is null for the first entry. */
export function breakOf(entry: LedgerEntry, previous: LedgerEntry | null): string | null {
  const expectedSeq = previous === null ? 1 : previous.seq + 1;
  if (entry.seq !== expectedSeq) return `expected entry ${expectedSeq}, found ${entry.seq}`;
  if (!same(entry.prev, previous?.hash ?? GENESIS)) return "does not follow from the entry before it";
  if (entry.payload !== null && !same(payloadHash(entry.salt, entry.payload), entry.payloadHash))
    return "payload was changed";
  if (!same(entryHash(entry), entry.hash)) return "entry was changed";
  return null;
}

/** Canonical JSON (RFC 8785 for the values Cortex writes: no floats beyond the double's shortest form, sorted keys). */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`).join(",")}}`;
}

export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

function u64(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}
