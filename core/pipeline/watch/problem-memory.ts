/**
 * Targets and open problems, in memory and in the store, in step with each other: what can't be stored is not remembered
 * either. The Monitor is told of each change in the transaction that makes it.
 */
import type { Clock } from "cortex";
import { parentOf } from "../../domain/dependencies.ts";
import type { ProblemRecord, TargetState } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import { problemToWire } from "../../wire/problem.ts";
import type { Outbox } from "../report/outbox.ts";
import { closedProblem, withEvent } from "./problem-record.ts";

/** The newest bundles are told of; all of them stay on the node. */
const MAX_EVIDENCE = 100;

export const targetKey = (check: string, instance: string, target: string) =>
  `${check}\0${instance}\0${target}`;

export interface ProblemMemory {
  /** By `targetKey`. */
  targets: Map<string, TargetState>;
  /** Open ones by id. */
  problems: Map<string, ProblemRecord>;
  /** Read both from the store. */
  recall(): void;
  /** A transaction; when it fails, memory is read from the store again. */
  together<T>(work: () => T): T;
  save(problem: ProblemRecord, tell?: boolean): void;
  close(problem: ProblemRecord, resolution: string): ProblemRecord;
  /** Children whose "because of" changed are updated and told. */
  refreshParents(): void;
}

export function createProblemMemory(deps: {
  store: AgentStore;
  outbox: Outbox;
  clock: Clock;
}): ProblemMemory {
  const { store, outbox, clock } = deps;
  const targets = new Map<string, TargetState>();
  const problems = new Map<string, ProblemRecord>();

  function recall(): void {
    const stored = { targets: store.targets.all(), problems: store.problems.open() };
    targets.clear();
    problems.clear();
    for (const problem of stored.problems) problems.set(problem.id, problem);
    for (const state of stored.targets)
      targets.set(targetKey(state.check, state.instance, state.target), state);
  }

  function save(problem: ProblemRecord, tell = true): void {
    problems.set(problem.id, problem);
    if (problem.state === "resolved") problems.delete(problem.id);
    store.problems.put(problem);
    if (!tell) return;
    const evidence = store.evidence.forProblem(problem.id).map((one) => one.id);
    outbox.publish("problem", problemToWire(problem, evidence.slice(-MAX_EVIDENCE)));
  }

  return {
    targets,
    problems,
    recall,
    save,
    together(work) {
      try {
        return store.transaction(work);
      } catch (error) {
        try {
          recall();
        } catch {
          // It can't be read either; the next write fails as well and comes back here.
        }
        throw error;
      }
    },
    close(problem, resolution) {
      const closed = closedProblem(problem, resolution, clock.now());
      store.ledger.append("problem.resolved", "engine", { problem: problem.id, resolution });
      save(closed);
      return closed;
    },
    refreshParents() {
      const open = [...problems.values()];
      for (const problem of open) {
        const parent = parentOf(problem, open);
        if ((parent?.id ?? null) === problem.becauseOf) continue;
        const at = clock.now();
        const text = parent === null ? "its cause is gone" : `because of ${parent.summary}`;
        const events = withEvent(problem, at, "because_of", text);
        save({ ...problem, becauseOf: parent?.id ?? null, updatedAt: at, events });
      }
    },
  };
}
