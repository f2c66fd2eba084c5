/** Identifiers and secrets from the system's random source. */
import { randomBytes } from "node:crypto";

export interface Ids {
  /** UUIDv7 of this moment: sorts by time, across processes to the millisecond and within one strictly. */
  uuid(): string;
  bytes(count: number): Uint8Array;
  /** `count` random bytes as base64url, for tokens: 32 are beyond guessing. */
  token(count?: number): string;
  /** 0 ≤ x < 1. */
  random(): number;
}

export function createIds(): Ids {
  return {
    uuid: () => Bun.randomUUIDv7(),
    bytes: (count) => new Uint8Array(randomBytes(count)),
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
    token: (count = 32) => randomBytes(count).toString("base64url"),
  };
}
