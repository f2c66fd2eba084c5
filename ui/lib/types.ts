/** What the API answers: wire bodies, plus the node they belong to. */
import type { IntentBody } from "../../core/wire/intent.ts";
import type { WireCheck, WirePlugin } from "../../core/wire/inventory.ts";
import type { ProblemBody } from "../../core/wire/problem.ts";

/** Where an item comes from. */
export interface Origin {
  /** Node id. */
  node: string;
  nodeName: string;
}

export type Problem = ProblemBody & Origin;
export type Intent = IntentBody & Origin;
export type Check = WireCheck & Origin;
export type Plugin = WirePlugin & Origin;

export type Status = ProblemBody["status"];
export type Severity = ProblemBody["severity"];
export type Level = ProblemBody["level"];
export type HoldState = ProblemBody["guards"];
export type IntentState = IntentBody["state"];

export type NodeState = "pending" | "online" | "late" | "offline" | "degraded" | "quarantined" | "revoked";

export interface NodeItem {
  id: string;
  name: string;
  state: NodeState;
  labels: Record<string, string>;
  group: string | null;
  tags: string[];
  os: string;
  kernel: string;
  version: string;
  /** ISO 8601; null before the first contact. */
  lastSeenAt: string | null;
  openProblems: number;
  worst: Status;
  /** The node's master switch: false = it repairs nothing. */
  repairs: boolean;
  metrics?: { cpuRatio?: number; memoryRatio?: number; diskRatio?: number };
}

export interface User {
  name: string;
  role: "admin" | "operator" | "viewer" | "node";
}

export interface Session {
  user: User;
}

export interface Settings {
  repairs: boolean;
  autonomy: "act" | "ask" | "observe";
  version: string;
}

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

/** The lists of the API, by resource. */
export interface Resources {
  nodes: NodeItem;
  problems: Problem;
  intents: Intent;
  checks: Check;
  plugins: Plugin;
}
export type Resource = keyof Resources;
