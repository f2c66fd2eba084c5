/** How much fits into one delivery. */
import type { Log } from "cortex";
import type { Envelope } from "../wire/envelope.ts";
import { MAX_ENVELOPES } from "../wire/link-messages.ts";

/** Below the Monitor's limit for a body, with room for what is around the messages. */
const MAX_BODY_BYTES = 900_000;

export function firstThatFit(envelopes: readonly Envelope[]): number {
  let bytes = 0;
  let count = 0;
  for (const envelope of envelopes.slice(0, MAX_ENVELOPES)) {
    bytes += Buffer.byteLength(JSON.stringify(envelope)) + 1;
    if (bytes > MAX_BODY_BYTES) break;
    count += 1;
  }
  return count;
}

/** The queue must go on; what can't travel is said in the log, and stays on this node. */
export function refuseLarge(log: Log, envelope: Envelope): { handled: number } {
  log.error("A message is larger than a Monitor takes and was not sent.", {
    type: envelope.type,
    id: envelope.id,
  });
  return { handled: 1 };
}
