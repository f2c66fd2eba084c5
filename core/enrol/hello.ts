/**
 * First contact: the Monitor proves its key before the node says anything. The nonce it hands out carries its own time and
 * proof, so that strangers who ask leave nothing behind in memory.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "cortex";
import { helloBytes } from "../domain/signing.ts";
import type { HelloAnswer } from "../wire/link-messages.ts";
import { toIso } from "../wire/envelope.ts";
import type { MonitorKey } from "./key.ts";

const NONCE_LIFE_MS = 120_000;

export interface Hello {
  answer(clientNonce: string): HelloAnswer;
  /** Whether this process handed the nonce out within the last two minutes. */
  isFresh(nonce: string): boolean;
}

export function createHello(clock: Clock, key: MonitorKey): Hello {
  const secret = randomBytes(32);
  const proofOf = (head: Uint8Array) => createHmac("sha256", secret).update(head).digest().subarray(0, 16);

  function newNonce(): string {
    const head = Buffer.alloc(16);
    head.writeUIntBE(Math.floor(clock.monotonic()), 0, 6);
    randomBytes(10).copy(head, 6);
    return Buffer.concat([head, proofOf(head)]).toString("base64url");
  }

  return {
    answer(clientNonce) {
      const ts = clock.now();
      const nonce = newNonce();
      const signature = key.sign(helloBytes({ key: key.id, clientNonce, nonce, ts }));
      const publicKey = Buffer.from(key.publicKey).toString("base64");
      return { publicKey, key: key.id, clientNonce, nonce, at: toIso(ts), signature };
    },
    isFresh(nonce) {
      const bytes = Buffer.from(nonce, "base64url");
      if (bytes.length !== 32) return false;
      const head = bytes.subarray(0, 16);
      if (!timingSafeEqual(bytes.subarray(16), proofOf(head))) return false;
      const age = clock.monotonic() - head.readUIntBE(0, 6);
      return age >= -1 && age <= NONCE_LIFE_MS;
    },
  };
}
