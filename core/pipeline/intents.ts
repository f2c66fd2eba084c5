/** Every step of an intent: into the store, into the ledger and on its way to the Monitor, in one transaction. */
import { oneLine } from "cortex";
import type { IntentRecord, IntentState } from "../domain/intent.ts";
import type { TimeMark } from "../domain/problem.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { intentToWire } from "../wire/intent.ts";
import type { Outbox } from "./report/outbox.ts";
import { redactDeep } from "../domain/redact.ts";

/** The wire takes more, but a program's last words are not worth a screen. */
const MAX_SUMMARY = 2000;
const MAX_OUTCOME = 50;

export interface Intents {
  create(intent: IntentRecord): void;
  /** Throws `intent.illegal_step` when the stored state does not allow it. */
  move(id: string, to: IntentState, patch?: Partial<IntentRecord>, actor?: string): IntentRecord;
  /** Add a line of outcome (`config_test`, `apply`, `verify`, `undo`, `reconcile`, `watch`). */
  addOutcome(id: string, line: IntentRecord["outcome"][number]): IntentRecord;
  patch(id: string, patch: Partial<IntentRecord>): IntentRecord;
  /** Something about an intent that is no step of it, for the ledger alone. */
  record(kind: string, payload: { id: string } & Record<string, unknown>): void;
}

export function createIntents(
  store: AgentStore,
  outbox: Outbox,
  mark: () => TimeMark,
  redact: (text: string) => string,
  /** In the same transaction. */
  moved: (before: IntentRecord, after: IntentRecord) => void = () => {},
): Intents {
  const tell = (intent: IntentRecord): IntentRecord => {
    outbox.publish("intent", intentToWire(intent));
    return intent;
  };
  /** All but what will be executed, which must stay what was approved. The ledger hides secrets in that, too. */
  const hidden = <T extends Partial<IntentRecord>>(change: T): T => {
    const exact = Object.fromEntries(
      Object.entries(change).filter(([field]) => field === "params" || field === "plan"),
    );
    return { ...redactDeep(change, redact), ...exact };
  };
  return {
    create(intent) {
      const stamped = { ...hidden(intent), stepAt: mark() };
      store.transaction(() => {
        store.intents.create(stamped);
        tell(stamped);
      });
    },
    move: (id, to, patch = {}, actor = "engine") =>
      store.transaction(() => {
        const before = store.intents.get(id);
        const after = store.intents.move(id, to, { ...hidden(patch), stepAt: mark() }, actor);
        if (before !== null) moved(before, after);
        return tell(after);
      }),
    addOutcome(id, line) {
      return store.transaction(() => {
        const intent = store.intents.get(id);
        // Programs say what they like: secrets among it go neither to the ledger nor to the Monitor.
        const said = redactDeep({ ...line, summary: oneLine(redact(line.summary), MAX_SUMMARY) }, redact);
        const outcome = [...(intent?.outcome ?? []), said].slice(-MAX_OUTCOME);
        return tell(store.intents.patch(id, { outcome, updatedAt: line.at }));
      });
    },
    patch: (id, patch) => store.transaction(() => tell(store.intents.patch(id, hidden(patch)))),
    record: (kind, payload) => void store.ledger.append(kind, "engine", payload),
  };
}
