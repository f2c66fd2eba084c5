/**
 * The node's side of earned autonomy: the document in force, believed only while its signer is trusted here, and what this
 * node itself took back from it. It holds while the Monitor is out of reach, for as long as it was signed for.
 */
import type { Clock, Log, NodeFacts } from "cortex";
import { REASONS } from "../../domain/decide/reasons.ts";
import {
  type KeptStanding,
  standing,
  STANDING_KEY,
  standingBytes,
  standingRefusal,
} from "../../domain/decide/standing.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import type { EarnedAutonomy } from "../../domain/level.ts";
import type { TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import type { Command, CommandResult } from "../../wire/command.ts";
import type { TrustStore } from "./trust-store.ts";
import { REFUSED_STEP } from "../act/root-helper.ts";

const WITHDRAWN_KEY = "standing.withdrawn";
const NUMBERS_KEY = "standing.numbers";
/** Each stands for a repair that did not hold: more than a node sees in its life. */
const MAX_WITHDRAWN = 1000;
const DAY_MS = 86_400_000;
const DECIDER = "standing:";
/** Where an act has begun: what it failed by before is no fault of the repair. */
const BEGUN: readonly IntentRecord["state"][] = ["executing", "verifying", "verified", "unknown"];

type Kept = KeptStanding<TimeMark>;

export interface StandingApprovals {
  /** What the document in force says of a repair; null when it says nothing. */
  of(repair: string): EarnedAutonomy | null;
  accept(command: Extract<Command, { type: "standing.set" }>): CommandResult;
  /**
   * In the transaction of a step of an intent: one that acted by a standing approval and did not hold takes it back at once,
   * also while nobody can be asked. True when it did.
   */
  moved(before: IntentRecord, after: IntentRecord): boolean;
}

export interface StandingDeps {
  store: AgentStore;
  trust: TrustStore;
  clock: Clock;
  node: Pick<NodeFacts, "id">;
  mark: () => TimeMark;
  log: (plugin: string, instance: string) => Log;
  /** The levels of all repairs may be others now. */
  changed: () => void;
}

/** For the intent's list of deciders. */
export const standingDecider = (id: string): string => `${DECIDER}${id}`;

/** Id of the grant by which an intent acts; null for what was decided otherwise. */
export const standingOf = ({ decisions }: IntentRecord): string | null =>
  decisions.find(({ decider }) => decider.startsWith(DECIDER))?.decider.slice(DECIDER.length) ?? null;

const hasBegun = ({ state, outcome }: IntentRecord): boolean =>
  BEGUN.includes(state) || outcome.some(({ step }) => step === "apply");

export function createStanding(deps: StandingDeps): StandingApprovals {
  const { store, trust, clock } = deps;
  const kept = () => store.meta.get<Kept>(STANDING_KEY);
  const withdrawn = () => store.meta.get<Record<string, string>>(WITHDRAWN_KEY) ?? {};
  /** Signer → highest number taken; as many as keys were ever trusted here. */
  const numbers = () => store.meta.get<Record<string, number>>(NUMBERS_KEY) ?? {};

  /** Both clocks: one that was set back makes nothing live longer. */
  function isAlive({ document, received, isRestored }: Kept): boolean {
    if (isRestored === true) return false;
    const now = deps.mark();
    const life = document.expiresAt - received.wall;
    return (
      now.wall < document.expiresAt &&
      elapsed(received, now) < life &&
      trust.signers().includes(document.signer) &&
      trust.verify(document.signer, standingBytes(document), document.signature)
    );
  }

  /** How often it acted within a day; what it is about at this moment counts, too. */
  function runsOf(id: string): number {
    return store.attempts.within(deps.mark(), DAY_MS).filter(({ intentId }) => {
      const intent = store.intents.get(intentId);
      return intent !== null && standingOf(intent) === id && hasBegun(intent);
    }).length;
  }

  return {
    of(repair) {
      const current = kept();
      const entry = current?.document.entries.find((one) => one.repair === repair);
      if (current === null || entry === undefined) return null;
      const { id, by, maxClass } = entry;
      const live = isAlive(current);
      if (entry.state !== "act") return { id, by, maxClass, state: entry.state, isAlive: live };
      if (!live) return null;
      const rests = withdrawn()[id] !== undefined || runsOf(id) >= entry.maxRuns;
      return { id, by, maxClass, state: rests ? "ask" : "act", isAlive: true };
    },
    accept({ document: raw, actor }) {
      const refused = standingRefusal(raw, {
        node: deps.node.id,
        trusted: trust.signers(),
        verify: trust.verify,
        current: kept()?.document ?? null,
        lastOf: (signer) => numbers()[signer] ?? 0,
        now: clock.now(),
      });
      if (refused !== null) {
        const { reason, detail } = refused;
        store.ledger.append("standing.refused", actor, { reason, detail });
        deps.log("core", "standing").warn("A standing approval was refused.", { reason, detail });
        const message = `refused by the node: ${REASONS[reason].text}${detail === "" ? "" : ` (${detail})`}`;
        return { ok: false, code: `approval.${reason}`, kind: "forbidden", message };
      }
      const document = standing.parse(raw);
      const before = kept();
      if (before?.document.signature === document.signature && before.isRestored !== true)
        return { ok: true, data: { serial: document.serial } };
      store.transaction(() => {
        const { signer, serial, expiresAt, entries } = document;
        store.meta.set(STANDING_KEY, { document, received: deps.mark() } satisfies Kept);
        store.meta.set(NUMBERS_KEY, { ...numbers(), [signer]: serial });
        store.ledger.append("standing.set", actor, { serial, expiresAt, entries });
      });
      deps.changed();
      return { ok: true, data: { serial: document.serial } };
    },
    moved(before, after) {
      const id = standingOf(after);
      const wasDone = !after.outcome.some(({ step }) => step === REFUSED_STEP);
      const isBad =
        wasDone && (after.state === "failed" || after.state === "undone") && BEGUN.includes(before.state);
      if (id === null || !isBad || withdrawn()[id] !== undefined) return false;
      const why = `${after.repair} on ${after.target} is ${after.state}`;
      const all = [...Object.entries(withdrawn()), [id, why] as const];
      store.meta.set(WITHDRAWN_KEY, Object.fromEntries(all.slice(-MAX_WITHDRAWN)));
      store.ledger.append("standing.withdrawn", "engine", { id, intent: after.id, why });
      deps.log("core", "standing").warn("A repair lost its standing approval and asks again.", { id, why });
      return true;
    },
  };
}
