/**
 * A store whose disk fails when the test says so: full for a while, or dead for good after a number of durable writes, as
 * after SIGKILL. Reads of a dead store fail too, and its clock never rings again: nothing of that life goes on.
 */
import { type Clock, CortexError } from "cortex";
import type { AgentStore } from "../store/agent/agent-store.ts";

const WRITES =
  /^(?:put|set|delete|remove|create|move|patch|append|push|acknowledge|add|burn|forget|checkpoint|prune)$/;

export interface FaultyStore {
  store: AgentStore;
  clock: Clock;
  /** While true, every write fails with `store.full` and is not stored. */
  full: boolean;
  /** Number of durable writes so far; a transaction is one. */
  writes(): number;
  /** The process ends at once. */
  kill(): void;
  /** The process ends before its next durable write. */
  killAtNextWrite(): void;
  /** The process ends before the n-th durable write from now on: 1 is the next. */
  killAfter(count: number): void;
  dead(): boolean;
}

/** `killAt`: the write with this number (1, 2 …) and all that follows never happen. */
export function createFaultyStore(real: AgentStore, realClock: Clock, killAt = Infinity): FaultyStore {
  let writes = 0;
  let end = killAt;
  let depth = 0;
  let dead = false;

  function beforeCall(isWrite: boolean): void {
    if (dead) throw new CortexError("store.closed", "unavailable", "the process was killed");
    if (!isWrite || depth > 0) return;
    writes += 1;
    dead = writes >= end;
    if (dead) throw new CortexError("store.closed", "unavailable", "the process was killed");
    if (faulty.full) throw new CortexError("store.full", "unavailable", "the disk is full");
  }

  function repository<T extends object>(target: T): T {
    return new Proxy(target, {
      get(object, name) {
        const method: unknown = Reflect.get(object, name);
        if (typeof method !== "function") return method;
        return (...given: unknown[]): unknown => {
          beforeCall(WRITES.test(String(name)));
          return Reflect.apply(method, object, given);
        };
      },
    });
  }

  function transaction<T>(work: () => T): T {
    beforeCall(true);
    depth += 1;
    try {
      return real.transaction(work);
    } finally {
      depth -= 1;
    }
  }

  const wrapped = new Map<unknown, unknown>();
  const store = new Proxy(real, {
    get(object, name) {
      if (name === "transaction") return transaction;
      const part: unknown = Reflect.get(object, name);
      if (typeof part !== "object" || part === null) return part;
      if (!wrapped.has(part)) wrapped.set(part, repository(part));
      return wrapped.get(part);
    },
  });
  const clock: Clock = {
    now: () => realClock.now(),
    monotonic: () => realClock.monotonic(),
    after: (ms, run) => realClock.after(ms, () => (dead ? undefined : run())),
    sleep: async (ms, signal) => {
      await realClock.sleep(ms, signal);
      if (dead) await new Promise(() => {});
    },
  };
  const faulty: FaultyStore = {
    store,
    clock,
    full: false,
    writes: () => writes,
    kill() {
      dead = true;
    },
    killAtNextWrite() {
      end = writes + 1;
    },
    killAfter(count) {
      end = writes + count;
    },
    dead: () => dead,
  };
  return faulty;
}
