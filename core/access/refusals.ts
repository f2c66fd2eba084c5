/**
 * Refused requests in the audit. The first of a kind is written at once; repetitions within a minute are counted, so that
 * who knocks a thousand times fills no chain.
 */
import type { Clock } from "cortex";
import type { Audit, AuditKind } from "./audit.ts";
import { createBuckets } from "./rate-limit.ts";

const WINDOW_MS = 60_000;
/** Remembered at most; the oldest is written down and forgotten first. */
const MAX_KINDS = 5000;
/** Entries about nobody in particular, from all addresses together. */
const NOBODYS = { perMinute: 30, burst: 30 };

export interface Refusal {
  kind: Extract<AuditKind, "access.refused" | "auth.refused">;
  actor: string;
  /** What was asked for, and from where; refusals with the same values are the same kind. */
  payload: Record<string, string | null>;
}

export interface Refusals {
  note(refusal: Refusal): void;
  /** Write down the counts of minutes that are over. */
  tidy(): void;
}

interface Counted extends Refusal {
  /** Monotonic ms. */
  until: number;
  more: number;
}

export function createRefusals(clock: Clock, audit: Audit): Refusals {
  const counted = new Map<string, Counted>();
  const nobodys = createBuckets(clock, NOBODYS);

  function close(key: string, { kind, actor, payload, more }: Counted): void {
    counted.delete(key);
    if (more > 0) audit(kind, actor, { ...payload, repeated: more });
  }

  return {
    note(refusal) {
      const key = JSON.stringify([refusal.kind, refusal.actor, refusal.payload]);
      const known = counted.get(key);
      if (known !== undefined && clock.monotonic() < known.until) {
        known.more += 1;
        return;
      }
      if (known !== undefined) close(key, known);
      const isWritten = refusal.actor !== "nobody" || nobodys.take("") === 0;
      counted.set(key, { ...refusal, until: clock.monotonic() + WINDOW_MS, more: isWritten ? 0 : 1 });
      if (isWritten) audit(refusal.kind, refusal.actor, refusal.payload);
      const oldest = counted.entries().next();
      if (counted.size > MAX_KINDS && !oldest.done) close(...oldest.value);
    },
    tidy() {
      const now = clock.monotonic();
      for (const [key, one] of counted) if (one.until <= now) close(key, one);
    },
  };
}
