/**
 * Confirm: results in, problems out. Keeps the state of every target and every open problem, in memory and in the store,
 * so that a restart reopens nothing and resets no timer. Tells the Monitor of each change in the transaction that makes it.
 */
import type { Clock, NodeFacts, Result, Status } from "cortex";
import type { Config } from "../config/schema.ts";
import { parentOf } from "../domain/dependencies.ts";
import type { GuardState, Level, ProblemRecord, Severity, TargetState, TimeMark } from "../domain/problem.ts";
import { track, type TrackRules } from "../domain/track.ts";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { problemToWire } from "../wire/problem.ts";
import type { Outbox } from "./outbox.ts";
import {
  closedProblem,
  fingerprintOf,
  isSameProblem,
  noGuards,
  openedProblem,
  refreshedProblem,
  withEvent,
} from "./problem-record.ts";

/** Where a result comes from; the engine's own checks have no plugin behind them. */
export interface ResultSource {
  check: string;
  instance: string;
  nature: "fact" | "measured";
  intervalMs: number;
  confirmMs: number;
  ownGrace?: boolean;
}

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
  parent(problem: ProblemRecord): ProblemRecord | null;
  /** Children whose "because of" changed since the last call are updated and told. */
  refreshParents(): void;
  /** The check is gone (plugin removed, instance switched off): its problems end and its targets are let go. */
  forget(check: string, instance: string): void;
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
  /** Whether a repair of this target is executing or verifying. */
  repairInFlight: (fingerprint: string) => boolean;
}

export function createProblems(deps: ProblemsDeps): Problems {
  const { store, outbox, clock, node } = deps;
  const targets = new Map<string, TargetState>();
  const problems = new Map<string, ProblemRecord>();
  const missed = new Map<string, number>();
  const keyOf = (check: string, instance: string, target: string) => `${check}\0${instance}\0${target}`;
  const mark = (): TimeMark => ({ wall: clock.now(), mono: clock.monotonic(), bootId: node.bootId });

  function rulesFor(source: ResultSource, fingerprint: string): TrackRules {
    const { engine } = deps.config();
    return {
      nature: source.nature,
      intervalMs: source.intervalMs,
      confirmMs: source.confirmMs,
      inGrace: source.ownGrace !== true && node.uptimeMs() < engine.boot_grace,
      repairInFlight: deps.repairInFlight(fingerprint),
      clearBackoffMs: engine.clear_backoff,
      clearFactor: engine.clear_factor,
      clearMaxMs: engine.clear_max,
      flap: { window: engine.flap_window, start: engine.flap_start, end: engine.flap_end },
      staleAfter: engine.stale_after,
    };
  }

  function save(problem: ProblemRecord, tell = true): void {
    problems.set(problem.id, problem);
    if (problem.state === "resolved") problems.delete(problem.id);
    store.problems.put(problem);
    if (tell)
      outbox.publish(
        "problem",
        problemToWire(
          problem,
          store.evidence.forProblem(problem.id).map((one) => one.id),
        ),
      );
  }

  function openProblem(
    source: ResultSource,
    result: Result,
    facts: { fingerprint: string; severity: Severity; type: string; flapping: boolean },
  ): ProblemRecord {
    const { check, instance, nature } = source;
    const guards = noGuards(deps.config());
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

  function closeProblem(problem: ProblemRecord, resolution: string): ProblemRecord {
    const closed = closedProblem(problem, resolution, clock.now());
    store.ledger.append("problem.resolved", "engine", { problem: problem.id, resolution });
    save(closed);
    return closed;
  }

  function one(source: ResultSource, result: Result, changes: ProblemChanges): void {
    const id = { check: source.check, instance: source.instance, target: result.target };
    const key = keyOf(id.check, id.instance, id.target);
    const fingerprint = fingerprintOf(node.id, source.check, source.instance, result.target);
    const previous = targets.get(key) ?? null;
    const step = track(previous, id, result, mark(), rulesFor(source, fingerprint));
    let state = step.state;
    missed.delete(key);

    const current = state.problemId === null ? null : (problems.get(state.problemId) ?? null);
    if (step.event.kind === "open") {
      const type = step.event.type === "unknown" ? "check.unknown" : (result.type ?? "check.bad");
      const { severity } = step.event;
      const problem = openProblem(source, result, { fingerprint, severity, type, flapping: state.flapping });
      state = { ...state, problemId: problem.id, backoffSteps: nextBackoff(previous, state) };
      save(problem);
      changes.opened.push(problem);
      changes.bad.push(problem);
    } else if (step.event.kind === "resolve" && current !== null) {
      changes.resolved.push(closeProblem(current, step.event.reason));
      state = { ...state, problemId: null, okSince: null, badSince: null };
    } else if (step.event.kind === "update" && current !== null) {
      changes.bad.push(refreshed(current, result, state));
    }
    if (step.flapping !== null && current !== null) flap(current.id, step.flapping);
    if (step.pendingMs !== null) changes.pendingMs = Math.min(changes.pendingMs ?? Infinity, step.pendingMs);
    remember(key, previous, state);
  }

  /** Told only when it says something new. */
  function refreshed(problem: ProblemRecord, result: Result, state: TargetState): ProblemRecord {
    const { next, isNews } = refreshedProblem(problem, result, state, clock.now());
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
    if (previous === null || matters(previous, state)) store.targets.put(state);
  }

  function letGo(source: ResultSource, reported: ReadonlySet<string>, changes: ProblemChanges): void {
    for (const [key, state] of targets) {
      if (state.check !== source.check || state.instance !== source.instance || reported.has(state.target))
        continue;
      const misses = (missed.get(key) ?? 0) + 1;
      missed.set(key, misses);
      if (misses < deps.config().engine.stale_after) continue;
      const problem = state.problemId === null ? null : problems.get(state.problemId);
      if (problem) changes.resolved.push(closeProblem(problem, "target gone"));
      targets.delete(key);
      missed.delete(key);
      store.targets.remove(state.check, state.instance, state.target);
    }
  }

  return {
    load() {
      for (const state of store.targets.all())
        targets.set(keyOf(state.check, state.instance, state.target), state);
      for (const problem of store.problems.open()) problems.set(problem.id, problem);
    },
    observe(source, results, { complete = true } = {}) {
      const changes: ProblemChanges = { opened: [], bad: [], resolved: [], pendingMs: null };
      store.transaction(() => {
        for (const result of results) one(source, result, changes);
        if (complete) letGo(source, new Set(results.map((result) => result.target)), changes);
      });
      return changes;
    },
    resolve(id, resolution) {
      const problem = problems.get(id);
      if (problem === undefined) return;
      const key = keyOf(problem.check, problem.instance, problem.target);
      store.transaction(() => {
        closeProblem(problem, resolution);
        const state = targets.get(key);
        if (state === undefined) return;
        const next = { ...state, problemId: null, okSince: null, badSince: null };
        targets.set(key, next);
        store.targets.put(next);
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
      store.transaction(() => save(next, patch.tell !== false));
      return next;
    },
    get: (id) => problems.get(id) ?? store.problems.get(id),
    open: () => [...problems.values()],
    targetsOf: (check, instance) =>
      [...targets.values()]
        .filter((state) => state.check === check && state.instance === instance)
        .map((state) => state.target),
    status: (check, instance, target) => targets.get(keyOf(check, instance, target))?.status ?? null,
    forget(check, instance) {
      store.transaction(() => {
        for (const [key, state] of targets) {
          if (state.check !== check || state.instance !== instance) continue;
          const problem = state.problemId === null ? null : problems.get(state.problemId);
          if (problem) closeProblem(problem, "check removed");
          targets.delete(key);
          store.targets.remove(check, instance, state.target);
        }
      });
    },
    parent: (problem) => parentOf(problem, [...problems.values()]),
    refreshParents() {
      for (const problem of problems.values()) {
        const parent = parentOf(problem, [...problems.values()])?.id ?? null;
        if (parent === problem.becauseOf) continue;
        const text =
          parent === null ? "its cause is gone" : `because of ${problems.get(parent)?.summary ?? parent}`;
        const events = withEvent(problem, clock.now(), "because_of", text);
        store.transaction(() => save({ ...problem, becauseOf: parent, updatedAt: clock.now(), events }));
      }
    },
  };
}

const nextBackoff = (previous: TargetState | null, state: TargetState): number =>
  previous !== null && previous.changes.filter(Boolean).length > 1 ? state.backoffSteps + 1 : 0;

function matters(a: TargetState, b: TargetState): boolean {
  return (
    a.status !== b.status ||
    a.problemId !== b.problemId ||
    a.flapping !== b.flapping ||
    (a.badSince === null) !== (b.badSince === null) ||
    (a.okSince === null) !== (b.okSince === null)
  );
}
