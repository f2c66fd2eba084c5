/** Every step of an intent: into the store, into the ledger and on its way to the Monitor, in one transaction. */
import type { IntentRecord, IntentState } from "../domain/intent.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { intentToWire } from "../wire/intent.ts";
import type { Outbox } from "./outbox.ts";

export interface Intents {
  create(intent: IntentRecord): void;
  /** Throws `intent.illegal_step` when the stored state does not allow it. */
  move(id: string, to: IntentState, patch?: Partial<IntentRecord>, actor?: string): IntentRecord;
  /** Add a line of outcome (`config_test`, `apply`, `verify`, `undo`, `reconcile`). */
  addOutcome(id: string, line: IntentRecord["outcome"][number]): IntentRecord;
  patch(id: string, patch: Partial<IntentRecord>): IntentRecord;
}

export function createIntents(store: AgentStore, outbox: Outbox): Intents {
  const tell = (intent: IntentRecord): IntentRecord => {
    outbox.publish("intent", intentToWire(intent));
    return intent;
  };
  return {
    create(intent) {
      store.transaction(() => {
        store.intents.create(intent);
        tell(intent);
      });
    },
    move: (id, to, patch = {}, actor = "engine") =>
      store.transaction(() => tell(store.intents.move(id, to, patch, actor))),
    addOutcome(id, line) {
      return store.transaction(() => {
        const intent = store.intents.get(id);
        const outcome = [...(intent?.outcome ?? []), line].slice(-50);
        return tell(store.intents.patch(id, { outcome, updatedAt: line.at }));
      });
    },
    patch: (id, patch) => store.transaction(() => tell(store.intents.patch(id, patch))),
  };
}
