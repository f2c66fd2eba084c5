/** How far an act reaches: shown on every card, and held against the budget. Numbers of nodes, never percentages alone. */
import type { Effect } from "cortex";
import type { RepairClass } from "cortex";

export interface BlastRadius {
  nodes: readonly string[];
  /** Redundancy group of the nodes and how many nodes it has; null without one. */
  group: { name: string; size: number; touched: number; healthy: number } | null;
  /** What stands on the target and would notice. */
  dependents: readonly string[];
  interrupts: boolean;
  reversible: boolean;
  /** How it is undone, in one word; decisions of earlier versions do not know it. */
  undo?: Undo;
}

/** `taken_back`: Cortex does it; `nothing`: nothing is taken away; `spared`: for good, but only what is made again or not missed. */
export const UNDOS = ["taken_back", "nothing", "spared", "none"] as const;
export type Undo = (typeof UNDOS)[number];

/** The one statement about its undo, for cards, dialogs and lists. */
export function undoOf(effects: readonly Effect[] | null, undo: boolean): Undo {
  if (undo) return "taken_back";
  if (effects === null || !effects.every(takesNothing)) return "none";
  return effects.some(({ kind }) => kind === "delete" || kind === "package") ? "spared" : "nothing";
}

/** Whether what was can be had again, by the repair's own undo or because the act takes nothing away. */
export function isReversible(effects: readonly Effect[] | null, undo: boolean): boolean {
  if (effects === null) return undo;
  return undo || effects.every(takesNothing);
}

function takesNothing(effect: Effect): boolean {
  switch (effect.kind) {
    case "read":
    case "exec":
    case "service":
      return true;
    case "process":
      return effect.verb === "start";
    case "mount":
      return effect.verb !== "unmount";
    case "delete":
      // Caches, temporary files and logs by age are made again or not missed.
      return (
        effect.what === "cache" ||
        effect.what === "logs" ||
        effect.what === "files" ||
        effect.what === "images"
      );
    case "package":
      return effect.verb === "clean";
    case "network":
      return effect.verb !== "open";
    case "write":
    case "setting":
    case "account":
    case "host":
      return false;
  }
}

export function isInterrupting(effects: readonly Effect[] | null): boolean {
  if (effects === null) return true;
  return effects.some(
    (one) =>
      one.kind === "host" ||
      (one.kind === "service" && (one.verb === "restart" || one.verb === "stop")) ||
      (one.kind === "process" && one.verb === "end") ||
      (one.kind === "mount" && one.verb !== "mount"),
  );
}

/** Sooner people: everything at host level, everything that touches data, everything that can't be taken back. */
export const needsPerson = (repairClass: RepairClass): boolean =>
  repairClass === "R3" || repairClass === "R4";
