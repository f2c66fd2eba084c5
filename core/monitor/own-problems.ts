/** Problems that the Monitor itself has with a node, beside those that the node tells of. */
import type { Clock } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import { toIso } from "../wire/envelope.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { Hub } from "./hub.ts";
import { withNode } from "./items.ts";
import type { Nodes } from "./nodes.ts";

export interface OwnProblems {
  /** A problem or its end; merged with what is stored under the same id. */
  raise(node: string, problem: ProblemBody): void;
  /** Resolve what is open on a node that will not be heard any more. */
  closeProblems(node: string, resolution: string): void;
}

const KEPT_EVENTS = 50;

export function createOwnProblems({
  clock,
  store,
  nodes,
  hub,
}: {
  clock: Clock;
  store: MonitorStore;
  nodes: Nodes;
  hub: Hub;
}): OwnProblems {
  /** Orders what is said about one problem, also within a millisecond. */
  let lastRaised = 0;
  function raise(node: string, problem: ProblemBody): void {
    const before = store.problems.get(problem.id, node)?.body;
    const merged = before
      ? {
          ...problem,
          openedAt: before.openedAt,
          events: [...before.events, ...problem.events].slice(-KEPT_EVENTS),
        }
      : problem;
    if (!before && problem.state === "resolved") return;
    lastRaised = Math.max(lastRaised + 1, clock.now());
    store.transaction(() => store.problems.put(node, merged, lastRaised));
    nodes.problemsChanged(node);
    show(node, merged);
  }

  const show = (node: string, problem: ProblemBody) =>
    hub.publish("problems", [withNode({ nodeId: node, body: problem }, nodes.nameOf)]);

  function closeProblems(node: string, resolution: string): void {
    const at = toIso(clock.now());
    const open = store.problems.find({ node, state: ["open"], limit: 500 }).items;
    store.transaction(() => {
      for (const { body } of open) {
        const events = [...body.events, { at, kind: "resolved", text: resolution }].slice(-KEPT_EVENTS);
        const closed = {
          ...body,
          state: "resolved" as const,
          resolvedAt: at,
          updatedAt: at,
          resolution,
          events,
        };
        // Nothing comes after it: the node does not speak any more.
        store.problems.put(node, closed, Number.MAX_SAFE_INTEGER);
        show(node, closed);
      }
    });
    nodes.problemsChanged(node);
  }

  return { raise, closeProblems };
}
