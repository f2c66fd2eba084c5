/**
 * What repairs may do by themselves, per repair and place: shadow, ask, act. It grows only by evidence and a person's word,
 * and is lost with the first bad outcome. Every change is a row of its own and an entry of the ledger.
 */
import { type Clock, defineErrors, type RepairClass } from "cortex";
import {
  type AutonomyEvidence,
  type AutonomyScope,
  EARNING_CLASSES,
  evidenceOf,
  isAutonomyScope,
  isInScope,
  speakingGrant,
} from "../domain/decide/earning.ts";
import type { AutonomyState, StandingEntry } from "../domain/decide/standing.ts";
import type { NodePlace } from "../domain/access.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { OutcomeRow } from "../store/monitor/autonomy.repository.ts";
import type { AutonomyGrant } from "../store/monitor/autonomy.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { DecideConfig } from "./config.ts";
import type { World } from "./world.ts";

export interface AutonomyOffer {
  repair: string;
  scope: AutonomyScope;
  evidence: AutonomyEvidence;
}

export interface AutonomyWish {
  repair: string;
  scope: AutonomyScope;
  state: AutonomyState;
  reason: string;
}

export interface AutonomyGrants {
  current(): AutonomyGrant[];
  history(limit: number): AutonomyGrant[];
  /** Earned and not granted yet. */
  offers(): AutonomyOffer[];
  /** What is known of repairs in places since they last asked there, in the order asked for. */
  evidence(of: readonly Pick<AutonomyGrant, "repair" | "scope">[]): AutonomyEvidence[];
  /** Errors: `autonomy.scope`, `autonomy.unknown_repair`, `autonomy.ceiling`, `autonomy.unearned`. */
  set(wish: AutonomyWish, by: string): AutonomyGrant;
  /** It asks from now on. Errors: `autonomy.unknown`. */
  demote(id: string, reason: string, by: string): AutonomyGrant;
  /** Nothing is said of it any more: its class and the nodes' own files decide. Errors: `autonomy.unknown`. */
  remove(id: string, by: string): void;
  /** Inside the transaction that stores an intent: counts how it ended, and takes back what it did not deserve. */
  noticed(node: string, intent: IntentBody): void;
  /** What the document of a node says. */
  entriesOf(place: NodePlace): StandingEntry[];
  /** What is over ends, with its entry in the ledger. */
  expire(): void;
}

export interface AutonomyDeps {
  clock: Clock;
  store: MonitorStore;
  nodes: Nodes;
  world: World;
  config: () => DecideConfig;
  newId: () => string;
  /** A grant came or went. */
  changed: (grant: AutonomyGrant) => void;
}

interface Past {
  places: readonly NodePlace[];
  outcomes: readonly OutcomeRow[];
  /** Of one repair, by node: what counts. */
  counted(repair: string): ReadonlyMap<string, OutcomeRow[]>;
}

export const autonomyErrors = defineErrors("autonomy", {
  scope: "invalid",
  unknown_repair: "not_found",
  unknown: "not_found",
  ceiling: "forbidden",
  unearned: "conflict",
});

/** What is older tells little about today. */
const LOOK_BACK_MS = 180 * 86_400_000;
/** More than a fleet repairs in half a year; the newest count. */
const MAX_OUTCOMES = 20_000;
const MAX_HISTORY = 2000;
const CORTEX = "cortex";
const ENDED: readonly string[] = ["verified", "failed", "undone"];

export function createAutonomy(deps: AutonomyDeps): AutonomyGrants {
  const { clock, nodes, config } = deps;
  const { autonomy: repository, ledger } = deps.store;
  const limits = () => config().autonomy;
  const places = () => nodes.ids().flatMap((id) => nodes.place(id) ?? []);

  /** Everything that evidence is counted from, read and sorted once for many questions: a large fleet has much of it. */
  function past(): Past {
    const outcomes = repository.outcomes.since(clock.now() - LOOK_BACK_MS, MAX_OUTCOMES);
    const grants = [...repository.current(), ...repository.history(MAX_HISTORY)];
    const all = places();
    const placeOf = new Map(all.map((place) => [place.id, place]));
    const byRepair = Map.groupBy(outcomes, ({ repair }) => repair);
    const counted = new Map<string, Map<string, OutcomeRow[]>>();
    /** Since somebody, or a bad outcome, last said that it asks there: what was before counts no more. */
    function count(repair: string): Map<string, OutcomeRow[]> {
      const asking = grants.filter((one) => one.repair === repair && one.state !== "act");
      const byNode = Map.groupBy(byRepair.get(repair) ?? [], ({ node }) => node);
      const kept = [...byNode].flatMap(([node, rows]): [string, OutcomeRow[]][] => {
        const place = placeOf.get(node);
        if (place === undefined) return [];
        const since = asking.filter(({ scope }) => isInScope(scope, place)).map(({ at }) => at);
        const from = since.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
        return [[node, rows.filter(({ at }) => at > from)]];
      });
      return new Map(kept);
    }
    return {
      places: all,
      outcomes,
      counted(repair) {
        const known = counted.get(repair) ?? count(repair);
        counted.set(repair, known);
        return known;
      },
    };
  }

  function evidenceAt(repair: string, members: readonly NodePlace[], from: Past): AutonomyEvidence {
    const rows = from.counted(repair);
    return evidenceOf(
      members.flatMap(({ id }) => rows.get(id) ?? []),
      limits(),
      members.length > 1,
    );
  }

  function evidence(of: readonly Pick<AutonomyGrant, "repair" | "scope">[]): AutonomyEvidence[] {
    const from = past();
    const membersOf = (wanted: AutonomyScope) => from.places.filter((place) => isInScope(wanted, place));
    return of.map(({ repair, scope }) => evidenceAt(repair, membersOf(scope), from));
  }

  /** For a group of nodes, else for each node: the smallest places that somebody would think of. */
  function offersOf(repair: string, from: Past): AutonomyOffer[] {
    const about = repository.current().filter((one) => one.repair === repair);
    const lacks = (place: NodePlace) => speakingGrant(about, place)?.state !== "act";
    const offer = (scope: AutonomyScope, members: NodePlace[]): AutonomyOffer[] => {
      const found = evidenceAt(repair, members, from);
      return found.isEarned && members.some(lacks) ? [{ repair, scope, evidence: found }] : [];
    };
    const groups = Map.groupBy(from.places, ({ group }) => group);
    const wide = [...groups].flatMap(([name, members]) =>
      name !== null && members.length > 1 ? offer(`group:${name}`, members) : [],
    );
    const seen = from.counted(repair);
    const alone = from.places.filter(
      (place) => seen.has(place.id) && !wide.some(({ scope }) => isInScope(scope, place)),
    );
    return [...wide, ...alone.flatMap((place) => offer(`node:${place.id}`, [place]))];
  }

  /** The highest class of a repair of this name in a place; null when no node there has it. */
  function classOf(repair: string, scope: AutonomyScope): RepairClass | null {
    const ids = new Set(places().flatMap((place) => (isInScope(scope, place) ? place.id : [])));
    const classes = deps.world.repairsNamed(repair).flatMap((one) => (ids.has(one.node) ? one.class : []));
    return classes.toSorted().at(-1) ?? null;
  }

  function assertMayAct({ repair, scope }: AutonomyWish, repairClass: RepairClass): void {
    if (!EARNING_CLASSES.includes(repairClass))
      throw autonomyErrors.ceiling(
        `${repair} is of class ${repairClass}: a person decides it each time, whatever it earned`,
      );
    const [found] = evidence([{ repair, scope }]);
    if (found!.isEarned) return;
    const { verified, failed, bound } = found!;
    const { least, bound: wanted } = limits();
    throw autonomyErrors.unearned(
      `${repair} has not earned it in ${scope}: ${verified} verified, ${failed} not, lower bound ${bound.toFixed(2)}; it takes ${least} verified (on two nodes where there are more) and a bound over ${wanted}`,
    );
  }

  function end(grant: AutonomyGrant, by: string, reason: string): void {
    if (!repository.end(grant.id, clock.now(), by, reason)) return;
    ledger.append("autonomy.ended", by, { id: grant.id, repair: grant.repair, scope: grant.scope, reason });
    deps.changed({ ...grant, endedAt: clock.now() });
  }

  function add(wish: AutonomyWish, maxClass: AutonomyGrant["maxClass"], by: string): AutonomyGrant {
    const now = clock.now();
    const same = repository.current().filter((one) => one.repair === wish.repair && one.scope === wish.scope);
    for (const one of same) end(one, by, `now ${wish.state}`);
    const grant: AutonomyGrant = {
      id: deps.newId(),
      ...wish,
      maxClass,
      by,
      at: now,
      expiresAt: wish.state === "act" ? now + limits().ttlMs : null,
      endedAt: null,
      endedBy: null,
      endReason: null,
    };
    repository.add(grant);
    const was = same[0]?.state ?? null;
    const kind =
      wish.state === "act" ? "autonomy.promoted" : was === "act" ? "autonomy.demoted" : "autonomy.granted";
    ledger.append(kind, by, { id: grant.id, ...wish, was, expiresAt: grant.expiresAt });
    deps.changed(grant);
    return grant;
  }

  function known(id: string): AutonomyGrant {
    const grant = repository.get(id);
    if (grant === null || grant.endedAt !== null)
      throw autonomyErrors.unknown("no grant in force has this id; see the list");
    return grant;
  }

  const asks = ({ repair, scope, maxClass }: AutonomyGrant, reason: string, by: string): AutonomyGrant =>
    add({ repair, scope, state: "ask", reason }, maxClass, by);

  return {
    current: () => repository.current(),
    history: (limit) => repository.history(limit),
    evidence,
    offers() {
      const from = past();
      const byRepair = Map.groupBy(from.outcomes, ({ repair }) => repair);
      return [...byRepair]
        .filter(([, rows]) => rows.every((one) => EARNING_CLASSES.includes(one.class)))
        .filter(([, rows]) => rows.some(({ asked }) => asked))
        .flatMap(([repair]) => offersOf(repair, from));
    },
    set(wish, by) {
      if (!isAutonomyScope(wish.scope))
        throw autonomyErrors.scope(
          `${wish.scope} is no scope; write *, node:ID, label:KEY=VALUE or group:NAME`,
        );
      const repairClass = classOf(wish.repair, wish.scope);
      if (repairClass === null)
        throw autonomyErrors.unknown_repair(
          `no node in ${wish.scope} has a repair named ${wish.repair}; see the list of repairs`,
        );
      if (wish.state === "act") assertMayAct(wish, repairClass);
      const ceiling = repairClass === "R3" || repairClass === "R4" ? "R2" : repairClass;
      return deps.store.transaction(() => add(wish, ceiling, by));
    },
    demote: (id, reason, by) => deps.store.transaction(() => asks(known(id), reason, by)),
    remove: (id, by) =>
      deps.store.transaction(() => {
        end(known(id), by, "removed");
      }),
    noticed(node, intent) {
      const { repair, outcome, state } = intent;
      if (intent.kind !== "repair" || intent.shadow || repair === null || !ENDED.includes(state)) return;
      // What was given up before it began says nothing about the repair.
      if (!outcome.some(({ step }) => step === "apply")) return;
      const ok = state === "verified";
      // What can't be taken back is asked about for ever: that it went well earns nothing.
      if (ok && (intent.plan?.effects === undefined || !deps.world.radius(node, intent).reversible)) return;
      const asked = intent.level === "L2";
      const row = { node, repair, ok, asked, class: intent.class ?? "R4", at: clock.now() } as const;
      if (!repository.outcomes.put(intent.id, row) || ok) return;
      const place = nodes.place(node);
      const held = repository.current().filter((one) => one.repair === repair && one.state === "act");
      for (const grant of held)
        if (place !== null && isInScope(grant.scope, place))
          asks(grant, `${intent.summary.slice(0, 200)} is ${state} on ${nodes.nameOf(node)}`, CORTEX);
    },
    entriesOf(place) {
      const byRepair = Map.groupBy(repository.current(), ({ repair }) => repair);
      return [...byRepair.values()]
        .flatMap((grants) => speakingGrant(grants, place) ?? [])
        .map(({ id, repair, state, maxClass, by }) => ({
          id,
          repair,
          state,
          maxClass,
          by,
          maxRuns: limits().runs,
        }))
        .toSorted((a, b) => a.repair.localeCompare(b.repair));
    },
    expire() {
      const now = clock.now();
      repository.outcomes.removeBefore(now - LOOK_BACK_MS);
      for (const grant of repository.current())
        if (grant.expiresAt !== null && grant.expiresAt <= now)
          deps.store.transaction(() => end(grant, CORTEX, "its time is over"));
    },
  };
}
