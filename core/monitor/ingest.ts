/**
 * The one way in for what nodes send, whatever carried it. Messages that arrive in the same turn of the event loop are
 * stored in one transaction, and nothing is acknowledged before it is on the disk. Each message has its effect once,
 * for ever; what can't be understood is kept aside and counts as handled, so that it never blocks what follows.
 */
import { type Clock, CortexError, isCortexError, type Log, messageOf } from "cortex";
import type * as z from "zod";
import { addSeq, type SeqRanges } from "../store/monitor/inbox.repository.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { type Envelope, envelope, type MessageType } from "../wire/envelope.ts";
import type { Effects } from "./effects.ts";
import { BODIES, type Bodies, type Message } from "./message.ts";

/** What became of a message that has a place in line. */
export type Outcome = "stored" | "duplicate" | "quarantined";

export interface Ingest {
  /** `node`: who the connection belongs to; messages in another node's name are kept aside. */
  deliver(node: string, envelopes: unknown[]): Promise<Outcome[]>;
  /** A bare body whose sender was authenticated; `key` makes repeating it harmless. */
  deliverBody<T extends MessageType>(
    node: string,
    type: T,
    body: Bodies[T],
    key: string | null,
  ): Promise<Outcome>;
  counters: { stored: number; duplicate: number; quarantined: number; commits: number };
}

interface Batch {
  run: () => Outcome[];
  resolve: (outcomes: Outcome[]) => void;
  reject: (error: unknown) => void;
}

export interface IngestOptions {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  effects: Effects;
}

/** Largest part of a refused message that is kept. */
const RAW_LENGTH = 16_384;
const EPOCH_STEP = 2 ** 32;

export function createIngest({ clock, log, store, effects }: IngestOptions): Ingest {
  const counters = { stored: 0, duplicate: 0, quarantined: 0, commits: 0 };
  /** Handled numbers by `node epoch`; a cache of the `seen` table that is always as new as the table. */
  const seenCache = new Map<string, SeqRanges>();
  /** Changed in the running transaction; becomes the cache when it commits. */
  let seenDraft = new Map<string, SeqRanges>();
  let queue: Batch[] = [];

  function refuse(node: string, raw: unknown, reason: string): Outcome {
    let text = "";
    try {
      text = JSON.stringify(raw)?.slice(0, RAW_LENGTH) ?? String(raw);
    } catch {
      text = "(can't be shown)";
    }
    store.inbox.quarantine(node, clock.now(), reason.slice(0, 1000), text);
    log.warn("a message was put into quarantine", { node, reason: reason.slice(0, 1000) });
    return "quarantined";
  }

  /** False when the number was handled before. */
  function markSeen({ node, epoch, seq }: Envelope): boolean {
    const key = `${node} ${epoch}`;
    const ranges = seenDraft.get(key) ?? seenCache.get(key) ?? store.inbox.seen(node, epoch);
    const next = addSeq(ranges, seq);
    if (next === null) return false;
    seenDraft.set(key, next);
    return true;
  }

  function handle(node: string, raw: unknown): Outcome {
    const parsed = envelope.safeParse(raw);
    if (!parsed.success) return refuse(node, raw, `envelope: ${issueOf(parsed.error)}`);
    const message = parsed.data;
    if (message.node !== node)
      return refuse(node, raw, `${node} sent a message in the name of ${message.node}`);
    if (!markSeen(message)) return "duplicate";
    const body = BODIES[message.type].safeParse(message.body);
    if (!body.success) return refuse(node, raw, `${message.type}: ${issueOf(body.error)}`);
    const position = message.epoch * EPOCH_STEP + message.seq;
    try {
      effects.apply({ node, type: message.type, body: body.data, position } as Message);
      return "stored";
    } catch (error) {
      // A message that always fails would block its node's queue for ever; a failing disk is not the message's fault.
      if (isStorageFailure(error)) throw error;
      return refuse(node, raw, `${message.type}: ${messageOf(error)}`);
    }
  }

  /** One transaction; what it changed is shown only once it is durable. */
  function commit(batches: Batch[]): Outcome[][] {
    seenDraft = new Map();
    effects.begin();
    try {
      const outcomes = store.transaction(() => {
        const all = batches.map((batch) => batch.run());
        for (const [key, ranges] of seenDraft) {
          const [node, epoch] = key.split(" ");
          store.inbox.putSeen(node!, Number(epoch), ranges);
        }
        effects.save();
        return all;
      });
      for (const [key, ranges] of seenDraft) remember(seenCache, key, ranges);
      counters.commits += 1;
      for (const outcome of outcomes.flat()) counters[outcome] += 1;
      effects.publish();
      return outcomes;
    } catch (error) {
      effects.abandon();
      throw error;
    }
  }

  function flush(): void {
    const batches = queue;
    queue = [];
    try {
      const outcomes = commit(batches);
      batches.forEach((batch, index) => batch.resolve(outcomes[index]!));
    } catch (error) {
      // One bad batch must not take the others with it: each gets a transaction of its own.
      for (const batch of batches) {
        try {
          if (batches.length === 1) throw error;
          batch.resolve(commit([batch])[0]!);
        } catch (own) {
          log.error("messages could not be stored", { error: messageOf(own) });
          batch.reject(unavailable(own));
        }
      }
    }
  }

  function enqueue(run: () => Outcome[]): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      // The end of the turn, not a timer: whatever else arrived by then shares the commit.
      if (queue.push({ run, resolve, reject }) === 1) setImmediate(flush);
    });
  }

  return {
    counters,
    deliver: (node, envelopes) => enqueue(() => envelopes.map((raw) => handle(node, raw))),
    async deliverBody(node, type, body, key) {
      const [outcome] = await enqueue(() => {
        if (key !== null && !store.inbox.claimKey(node, key, clock.now())) return ["duplicate"];
        effects.apply({ node, type, body, position: 0 } as Message);
        return ["stored"];
      });
      return outcome!;
    },
  };
}

const issueOf = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue ? `${issue.path.join(".")}: ${issue.message}` : "does not fit";
};

function isStorageFailure(error: unknown): boolean {
  if (isCortexError(error)) return error.code.startsWith("store.");
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") && !code.startsWith("SQLITE_CONSTRAINT");
}

function unavailable(error: unknown): CortexError {
  if (isCortexError(error)) return error;
  return new CortexError("monitor.not_stored", "unavailable", "the Monitor could not store this; try again", {
    cause: error,
  });
}

/** Nodes that reported lately; older ones are read from the table again. */
const CACHED_RANGES = 20_000;

function remember(cache: Map<string, SeqRanges>, key: string, ranges: SeqRanges): void {
  cache.delete(key);
  cache.set(key, ranges);
  if (cache.size > CACHED_RANGES) cache.delete(cache.keys().next().value!);
}
