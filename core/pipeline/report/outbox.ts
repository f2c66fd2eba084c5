/**
 * What this node has to say, on its way to the Monitor: written to the spool (with the change that it tells of, in one
 * transaction), delivered in order, dropped when acknowledged. An unreachable Monitor costs nothing but disk.
 */
import { type Clock, isCortexError, type Log, messageOf } from "cortex";
import type { AgentStore, SpoolRow } from "../../store/agent/agent-store.ts";
import { type Envelope, type MessageType, toIso, WIRE_VERSION } from "../../wire/envelope.ts";
import type { Uplink } from "../../wire/link.ts";
import { redactDeep } from "../../domain/redact.ts";

const BATCH = 200;
const RETRY_MS = [1000, 2000, 5000, 15_000, 30_000];

export interface Outbox {
  /** Spool a message; inside a transaction it becomes durable with it. Delivery follows at the end of the turn. */
  publish(type: MessageType, body: unknown): void;
  /** Deliver what is spooled; resolves when the spool is empty or nothing gets through. */
  flush(): Promise<void>;
  stop(): void;
}

export function createOutbox(deps: {
  store: AgentStore;
  uplink: Uplink;
  clock: Clock;
  log: Log;
  nodeId: string;
  /** Number of this start; durable before the first message. */
  epoch: () => number;
  newId: () => string;
  /** 0 ≤ x < 1. */
  random: () => number;
  /** Nothing secret leaves the node. */
  redact: (text: string) => string;
}): Outbox {
  const { store, clock } = deps;
  let flushing: Promise<void> | null = null;
  let scheduled = false;
  let failures = 0;
  let cancelRetry: (() => void) | null = null;
  let stopped = false;

  const toEnvelope = (row: SpoolRow): Envelope => {
    const { epoch, body } = JSON.parse(row.body) as { epoch: number; body: unknown };
    return {
      v: WIRE_VERSION,
      type: row.type as MessageType,
      id: row.id,
      node: deps.nodeId,
      epoch,
      seq: row.seq,
      at: toIso(row.at),
      body,
    };
  };

  /** False when the Monitor took nothing of what it was given. */
  async function drain(): Promise<boolean> {
    while (!stopped) {
      const rows = store.spool.peek(BATCH);
      if (rows.length === 0) return true;
      const { handled } = await deps.uplink.deliver(rows.map(toEnvelope));
      const last = rows[handled - 1];
      if (last === undefined) return false;
      store.spool.acknowledge(last.seq);
    }
    return true;
  }

  function retryLater(reason: string, isSaid = false): void {
    // Full jitter: what many nodes could not deliver does not come back all at once.
    const wait = deps.random() * RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!;
    failures += 1;
    if (failures === 1 && !isSaid)
      deps.log.warn("What this node has to say did not arrive; it is kept and sent again.", { reason });
    cancelRetry?.();
    if (!stopped) cancelRetry = clock.after(wait, () => void flush());
  }

  function flush(): Promise<void> {
    flushing ??= drain()
      .then((taken) => {
        if (taken) failures = 0;
        else retryLater("it took nothing of what it was given");
      })
      // Why there is no link is said once, by the link.
      .catch((error: unknown) =>
        retryLater(messageOf(error), isCortexError(error) && error.code === "link.down"),
      )
      .finally(() => {
        flushing = null;
      });
    return flushing;
  }

  function schedule(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    // After the turn: the surrounding transaction has ended, and what was published together travels together.
    queueMicrotask(() => {
      scheduled = false;
      void flush().then(goOn);
    });
  }

  /** What was published while the last batch was on its way. */
  function goOn(): void {
    try {
      if (!stopped && failures === 0 && store.spool.peek(1).length > 0) schedule();
    } catch (error) {
      retryLater(messageOf(error));
    }
  }

  deps.uplink.onUp?.(() => {
    cancelRetry?.();
    void flush().then(goOn);
  });

  return {
    publish(type, body) {
      const clean = redactDeep(body, deps.redact);
      store.spool.push(type, deps.newId(), clock.now(), JSON.stringify({ epoch: deps.epoch(), body: clean }));
      schedule();
    },
    flush,
    stop() {
      stopped = true;
      cancelRetry?.();
    },
  };
}
