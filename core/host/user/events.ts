/** What a child says without being asked: wake-ups, notes, values to keep, log lines. It may say anything, and too much. */
import type { PluginContext } from "cortex";
import * as z from "zod";

/** A child that says more within a second floods: each value is a write that waits for the disk. */
const MAX_PER_SECOND = 100;
/** Notes go to the ledger, from which nothing is ever removed. */
const MAX_NOTES_PER_HOUR = 60;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

const instance = z.string().max(100);
const key = z.string().max(200);
const sealed = z.boolean().default(false);
const fields = z.record(z.string(), z.unknown()).optional();
const event = z.discriminatedUnion("event", [
  z.object({ event: z.literal("wake"), instance, check: z.string().max(100) }),
  z.object({ event: z.literal("note"), instance, summary: z.string(), data: fields }),
  z.object({ event: z.literal("set"), instance, key, sealed, value: z.unknown() }),
  z.object({ event: z.literal("delete"), instance, key, sealed }),
  z.object({
    event: z.literal("log"),
    instance,
    level: z.enum(["debug", "info", "warn", "error"]),
    message: z.string(),
    fields,
  }),
]);

export interface EventSink {
  /** Why the child must be stopped, or null. Errors of what it asked for are logged, never thrown. */
  take(said: unknown): string | null;
}

export interface EventSinkDeps {
  clock: PluginContext["clock"];
  store: (instance: string) => PluginContext["store"];
  log: (instance: string) => PluginContext["log"];
  /** Instances and checks that it has; it can speak for no others. */
  has: (instance: string, check?: string) => boolean;
  wake(instance: string, check: string): void;
  note(instance: string, summary: string, data?: Record<string, unknown>): void;
}

export function createEventSink(deps: EventSinkDeps): EventSink {
  const second = createWindow(deps.clock, SECOND_MS);
  const notes = createWindow(deps.clock, HOUR_MS);

  function valuesFor(one: { instance: string; sealed: boolean }) {
    const store = deps.store(one.instance);
    return one.sealed ? store.sealed : store;
  }

  function obey(one: z.infer<typeof event>): void {
    switch (one.event) {
      case "wake":
        if (deps.has(one.instance, one.check)) deps.wake(one.instance, one.check);
        return;
      case "note": {
        const count = notes();
        if (count <= MAX_NOTES_PER_HOUR) return deps.note(one.instance, one.summary.slice(0, 500), one.data);
        if (count === MAX_NOTES_PER_HOUR + 1)
          deps
            .log(one.instance)
            .warn("A plugin writes too many notes; the rest of this hour's are left out.");
        return;
      }
      case "set":
        return valuesFor(one).set(one.key, one.value);
      case "delete":
        return valuesFor(one).delete(one.key);
      case "log":
        return deps.log(one.instance)[one.level](one.message.slice(0, 2000), one.fields);
    }
  }

  return {
    take(said) {
      if (second() > MAX_PER_SECOND) return `flooded: more than ${MAX_PER_SECOND} events within a second`;
      const parsed = event.safeParse(said);
      try {
        if (!parsed.success) deps.log("default").warn("A plugin said something that is no event.");
        else if (parsed.data.event === "log" || deps.has(parsed.data.instance)) obey(parsed.data);
      } catch (error) {
        deps.log("default").warn("What a plugin asked for could not be done.", { reason: String(error) });
      }
      return null;
    },
  };
}

/** Counts within fixed windows: each call is one more. */
function createWindow(clock: PluginContext["clock"], ms: number): () => number {
  let window = -1;
  let count = 0;
  return () => {
    const now = Math.floor(clock.monotonic() / ms);
    count = now === window ? count + 1 : 1;
    window = now;
    return count;
  };
}
