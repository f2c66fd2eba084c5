/**
 * Confirm: results in, problems out. Keeps the state of every target and every open problem, in memory and in the store,
 * so that a restart reopens nothing and resets no timer. Tells the Monitor of each change in the transaction that makes it.
 */
import type { Clock, NodeFacts, Result, Status } from "cortex";
import type { Config } from "../../config/schema.ts";
import { parentOf } from "../../domain/dependencies.ts";
import {
  type GuardState,
  type Level,
  noGuards,
  type ProblemRecord,
  type Severity,
  type TargetState,
  type TimeMark,
} from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import { differs, nextBackoff, track, type TrackRules } from "../../domain/track.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { createAbsence } from "./absence.ts";
import type { Outbox } from "../report/outbox.ts";
import { createProblemMemory, targetKey } from "./problem-memory.ts";
import {
  fingerprintOf,
  isSameProblem,
  openedProblem,
  refreshedProblem,
  withEvent,
} from "./problem-record.ts";
import { type ResultSource, trackRules } from "./track-rules.ts";

export interface ProblemChanges {
  /** Opened by these results. */
  opened: ProblemRecord[];
  /** Opened or still bad: somebody should consider a repair. */
  bad: ProblemRecord[];
  resolved: ProblemRecord[];
  /** Milliseconds until the next confirmation or clearing is due, if all stays as it is. */
  pendingMs: number | null;
}

export interface Problems {
  load(): void;
  /** One run's results; targets that are no longer reported are let go after three runs. */
  observe(source: ResultSource, results: Result[], options?: { complete?: boolean }): ProblemChanges;
  /**
   * One transaction over several calls. When it fails, what is remembered is read from the store again, so that memory
   * never knows of a problem that the disk does not.
   */
  together<T>(work: () => T): T;
  /** A repair of this problem was verified: it ends with that. */
  resolve(id: string, resolution: string): void;
  /** Change and tell: level, guards, intent, event line. Unchanged patches are not stored again. */
  update(id: string, patch: ProblemPatch): ProblemRecord | null;
  get(id: string): ProblemRecord | null;
  open(): ProblemRecord[];
  /** Targets that this check has reported and that were not let go. */
  targetsOf(check: string, instance: string): string[];
  /** Newest status of a target; null before the first result. */
  status(check: string, instance: string, target: string): Status | null;
  /** How long a bad result has to last before it is a problem; null when it is none, or one already. */
  confirming(check: string, instance: string, target: string): { since: number; ms: number } | null;
  parent(problem: ProblemRecord): ProblemRecord | null;
  /** The check is gone (plugin removed, instance switched off): its problems end and its targets are let go. */
  forget(check: string, instance: string): void;
  /** Checks that targets or problems are remembered of. */
  sources(): { check: string; instance: string }[];
}

export interface ProblemPatch {
  level?: Level;
  guards?: GuardState;
  intentId?: string;
  event?: { kind: string; text: string };
  tell?: boolean;
}

export interface ProblemsDeps {
  store: AgentStore;
  outbox: Outbox;
  clock: Clock;
  node: NodeFacts;
  config: () => Config;
  newId: () => string;
  /** Fingerprints of the targets of which a repair is executing or verifying. */
  underRepair: () => ReadonlySet<string>;
}

export function createProblems(deps: ProblemsDeps): Problems {
  const { store, clock, node } = deps;
  const memory = createProblemMemory(deps);
  const { targets, problems, save, together } = memory;
  const absence = createAbsence(clock);
  /** Whole confirm times in ms of the targets that are bad and have no problem yet. */
  const confirmMs = new Map<string, number>();
  const mark = (): TimeMark => ({ wall: clock.now(), mono: clock.monotonic(), bootId: node.bootId });

  const rulesFor = (source: ResultSource, isUnderRepair: () => boolean): TrackRules =>
    trackRules(source, { engine: deps.config().engine, uptimeMs: node.uptimeMs, isUnderRepair });

  function openProblem(
    source: ResultSource,
    result: Result,
    facts: { fingerprint: string; severity: Severity; type: string; flapping: boolean },
  ): ProblemRecord {
    const { check, instance, nature } = source;
    const guards = noGuards(deps.config().breaker.attempts);
    const problem = openedProblem(
      { id: deps.newId(), check, instance, nature, guards, ...facts },
      result,
      clock.now(),
    );
    store.ledger.append("problem.opened", "engine", {
      problem: problem.id,
      check,
      target: problem.target,
      type: problem.type,
    });
    return problem;
  }

  function one(
    source: ResultSource,
    result: Result,
    underRepair: () => ReadonlySet<string>,
    changes: ProblemChanges,
  ): void {
    const id = { check: source.check, instance: source.instance, target: result.target };
    const key = targetKey(id.check, id.instance, id.target);
    const fingerprint = () => fingerprintOf(node.id, source.check, source.instance, result.target);
    const known = targets.get(key) ?? null;
    // A problem that is no longer open must not keep the next one from opening.
    const isStale = known?.problemId != null && !problems.has(known.problemId);
    const previous = isStale ? { ...known, problemId: null, badSince: null, okSince: null } : known;
    const rules = rulesFor(source, () => underRepair().has(fingerprint()));
    const step = track(previous, id, result, mark(), rules);
    let state = step.state;
    absence.end(key);
    const isPending = step.pendingMs !== null && state.problemId === null && result.status !== "unknown";
    if (isPending) confirmMs.set(key, step.pendingMs! + elapsed(state.badSince!, mark()));
    else confirmMs.delete(key);

    const current = state.problemId === null ? null : (problems.get(state.problemId) ?? null);
    if (step.event.kind === "open") {
      const type = step.event.type === "unknown" ? "check.unknown" : (result.type ?? "check.bad");
      const { severity } = step.event;
      const facts = { fingerprint: fingerprint(), severity, type, flapping: state.flapping };
      const problem = openProblem(source, result, facts);
      state = { ...state, problemId: problem.id, backoffSteps: nextBackoff(previous, state) };
      save(problem);
      changes.opened.push(problem);
      changes.bad.push(problem);
    } else if (step.event.kind === "resolve" && current !== null) {
      changes.resolved.push(memory.close(current, step.event.reason));
      state = { ...state, problemId: null, okSince: null, badSince: null };
    } else if (step.event.kind === "update" && current !== null) {
      changes.bad.push(refreshed(current, result, state, underRepair().has(current.fingerprint)));
    }
    if (step.flapping !== null && current !== null) flap(current.id, step.flapping);
    if (step.pendingMs !== null) changes.pendingMs = Math.min(changes.pendingMs ?? Infinity, step.pendingMs);
    remember(key, previous, state);
  }

  /**
   * Told only when it says something new. What is seen between act and proof is about the repair ("starting"): the problem
   * keeps the words it was opened with, which are its last ones when the repair holds.
   */
  function refreshed(
    problem: ProblemRecord,
    result: Result,
    state: TargetState,
    isUnderRepair: boolean,
  ): ProblemRecord {
    const { next: seen, isNews } = refreshedProblem(problem, result, state, clock.now());
    const next = isUnderRepair && !isNews ? { ...seen, summary: problem.summary } : seen;
    if (isNews) save(next);
    else problems.set(next.id, next);
    return next;
  }

  function flap(id: string, change: "started" | "ended"): void {
    const problem = problems.get(id);
    if (problem === undefined) return;
    const flapping = change === "started";
    const text = flapping ? "flapping: nothing is repaired until it settles" : "no longer flapping";
    save({ ...problem, flapping, events: withEvent(problem, clock.now(), `flapping.${change}`, text) });
  }

  /** Persist only what a restart must not lose; the plain passing of time is not a change. */
  function remember(key: string, previous: TargetState | null, state: TargetState): void {
    targets.set(key, state);
    const calm = state.status === "ok" && state.problemId === null && !state.changes.includes(true);
    if (previous === null && calm) return;
    if (previous === null || differs(previous, state)) store.targets.put(state);
  }

  function letGo(
    source: ResultSource,
    reported: ReadonlySet<string>,
    underRepair: () => ReadonlySet<string>,
    changes: ProblemChanges,
  ): void {
    const { stale_after: times } = deps.config().engine;
    for (const [key, state] of targets) {
      if (state.check !== source.check || state.instance !== source.instance || reported.has(state.target))
        continue;
      // A restart may take a target away for a moment; its verification says what came of it.
      if (underRepair().has(fingerprintOf(node.id, state.check, state.instance, state.target))) continue;
      if (!absence.isLong(key, times, source.intervalMs)) continue;
      const problem = state.problemId === null ? null : problems.get(state.problemId);
      if (problem) changes.resolved.push(memory.close(problem, "target gone"));
      targets.delete(key);
      confirmMs.delete(key);
      absence.end(key);
      store.targets.remove(state.check, state.instance, state.target);
    }
  }

  return {
    load: memory.recall,
    together,
    observe(source, results, { complete = true } = {}) {
      const changes: ProblemChanges = { opened: [], bad: [], resolved: [], pendingMs: null };
      return together(() => {
        let asked: ReadonlySet<string> | null = null;
        const underRepair = () => (asked ??= deps.underRepair());
        for (const result of results) one(source, result, underRepair, changes);
        const reported = new Set(results.map((result) => result.target));
        if (complete) letGo(source, reported, underRepair, changes);
        if (changes.opened.length + changes.resolved.length > 0) memory.refreshParents();
        return changes;
      });
    },
    resolve(id, resolution) {
      const problem = problems.get(id);
      if (problem === undefined) return;
      const key = targetKey(problem.check, problem.instance, problem.target);
      together(() => {
        memory.close(problem, resolution);
        const state = targets.get(key);
        if (state !== undefined) {
          const next = { ...state, problemId: null, okSince: null, badSince: null };
          targets.set(key, next);
          store.targets.put(next);
        }
        memory.refreshParents();
      });
    },
    update(id, patch) {
      const problem = problems.get(id);
      if (problem === undefined) return null;
      const now = clock.now();
      const next: ProblemRecord = {
        ...problem,
        level: patch.level ?? problem.level,
        guards: patch.guards ?? problem.guards,
        intentId: patch.intentId ?? problem.intentId,
        updatedAt: now,
        events:
          patch.event === undefined
            ? problem.events
            : withEvent(problem, now, patch.event.kind, patch.event.text),
      };
      if (isSameProblem(problem, next)) return problem;
      together(() => save(next, patch.tell !== false));
      return next;
    },
    get: (id) => problems.get(id) ?? store.problems.get(id),
    open: () => [...problems.values()],
    targetsOf: (check, instance) =>
      [...targets.values()]
        .filter((state) => state.check === check && state.instance === instance)
        .map((state) => state.target),
    status: (check, instance, target) => targets.get(targetKey(check, instance, target))?.status ?? null,
    confirming(check, instance, target) {
      const key = targetKey(check, instance, target);
      const ms = confirmMs.get(key);
      const since = targets.get(key)?.badSince?.wall;
      return ms === undefined || since === undefined ? null : { since, ms };
    },
    forget(check, instance) {
      together(() => {
        for (const [key, state] of targets) {
          if (state.check !== check || state.instance !== instance) continue;
          targets.delete(key);
          confirmMs.delete(key);
          absence.end(key);
          store.targets.remove(check, instance, state.target);
        }
        for (const problem of [...problems.values()])
          if (problem.check === check && problem.instance === instance)
            memory.close(problem, "check removed");
        memory.refreshParents();
      });
    },
    sources() {
      const all = [...targets.values(), ...problems.values()];
      const byKey = Map.groupBy(all, ({ check, instance }) => `${check}\0${instance}`);
      return [...byKey.values()].map(([first]) => ({ check: first!.check, instance: first!.instance }));
    },
    parent: (problem) => parentOf(problem, [...problems.values()]),
  };
}
