/** An intent as the gate sees it: everything resolved and typed, nothing left to read out of text. */
import type { Effect, RepairClass } from "cortex";
import type { Severity } from "../problem.ts";

/** How far a statement may be believed: measured by the node's own program, told by the platform, or anybody's text. */
export type Trust = "agent" | "platform" | "untrusted";

export interface GateEvidence {
  id: string;
  trust: Trust;
  /** Nodes and targets that it speaks about. */
  nodes: readonly string[];
  targets: readonly string[];
}

export interface GateIntent {
  id: string;
  /** Nodes that it acts on, by id; never a selector. One for every intent of an agent. */
  nodes: readonly string[];
  repair: string;
  version: number;
  class: RepairClass;
  target: string;
  /** Null when the repair did not say. */
  effects: readonly Effect[] | null;
  undo: boolean;
  /** What the repair's own schema said of the parameters; null when they fit. */
  parameterProblem: string | null;
}

export interface GateProblem {
  id: string;
  node: string;
  type: string;
  target: string;
  owner: string | null;
  severity: Severity;
}

/** A repair as the node's inventory lists it. */
export interface GateRepair {
  name: string;
  version: number;
  class: RepairClass;
  remedies: readonly string[];
  mode: "act" | "ask" | "observe" | "shadow";
}
