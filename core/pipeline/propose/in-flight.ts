/**
 * Which acts keep an owner busy. What has begun is read from the store, so that it holds after a crash too; in memory is
 * only what this program itself is doing right now: preparing an act, or taking one back.
 */
import { canonicalJson } from "../../domain/ledger.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";

/** What would be done, and to whom. */
export type Wish = Pick<IntentRecord, "owner" | "repair" | "params">;

export interface InFlight {
  /** From now on this program works on the intent; nobody else settles it. */
  enter(intent: IntentRecord): void;
  leave(id: string): void;
  has(id: string): boolean;
  /** What stands in the way of a wish: an act on the same owner, or the same act, under way or of unknown outcome. */
  inTheWayOf(wish: Wish): IntentRecord[];
  /** The same at the last moment, when preparations of others don't count: the first to begin goes on. */
  begunInTheWayOf(intent: IntentRecord): IntentRecord[];
  /** Whether a repair of this owner is executing, verifying, being undone or unknown. */
  owner(owner: string): boolean;
  /**
   * Whether an open problem of this owner, of this boot, is one whose repair needs a decision, whatever became of the last
   * one: it is not started by another door. A boot starts everything anew, and with it what is declared.
   */
  awaitsDecision(owner: string, bootId: string): boolean;
}

export function createInFlight(store: AgentStore): InFlight {
  const mine = new Map<string, IntentRecord>();
  const begun = () =>
    store.intents.find({ kind: ["repair"], state: ["executing", "verifying", "unknown"], limit: 500 });
  /** Failed on disk, and the undo runs. */
  const undoing = () =>
    [...mine.keys()].flatMap((id) => {
      const intent = store.intents.get(id);
      return intent?.state === "failed" ? [intent] : [];
    });
  const meets = (one: Wish, other: Wish) =>
    (one.owner !== null && one.owner === other.owner) ||
    (one.repair === other.repair && canonicalJson(one.params) === canonicalJson(other.params));

  const begunInTheWayOf = (wish: Wish, except: string | null) =>
    [...begun(), ...undoing()].filter((one) => one.id !== except && meets(one, wish));

  return {
    enter: (intent) => void mine.set(intent.id, intent),
    leave: (id) => void mine.delete(id),
    has: (id) => mine.has(id),
    inTheWayOf: (wish) => [
      ...begunInTheWayOf(wish, null),
      ...[...mine.values()].filter((one) => meets(one, wish)),
    ],
    begunInTheWayOf: (intent) => begunInTheWayOf(intent, intent.id),
    owner: (owner) => [...begun(), ...undoing()].some((one) => one.owner === owner),
    awaitsDecision: (owner, bootId) =>
      store.problems.open().some((problem) => {
        const intent = problem.intentId === null ? null : store.intents.get(problem.intentId);
        return (
          intent?.owner === owner &&
          !intent.shadow &&
          intent.level !== "L1" &&
          intent.stepAt?.bootId === bootId
        );
      }),
  };
}
