/** What lists and live topics show: the wire body plus the node it comes from. */
import type { NodeItem as Stored } from "../store/monitor/problems.repository.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { WireCheck, WirePlugin, WireRepair } from "../wire/inventory.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { InspectionBody, WireResult } from "../wire/report.ts";

export interface NodeRef {
  /** Node id. */
  node: string;
  nodeName: string;
}

export type ProblemItem = ProblemBody & NodeRef;
export type IntentItem = IntentBody & NodeRef;
export type InspectionItem = InspectionBody & NodeRef;
export type CheckItem = WireCheck & NodeRef;
export type RepairItem = WireRepair & NodeRef;
export type PluginItem = WirePlugin & NodeRef;

export const NODE_STATES = ["online", "late", "offline", "degraded", "quarantined"] as const;
export type NodeState = (typeof NODE_STATES)[number];

export interface NodeItem extends NodeRef {
  id: string;
  name: string;
  /** degraded: online with an open warning or critical problem. */
  state: NodeState;
  /** True while the node can be asked and told things. */
  connected: boolean;
  labels: Record<string, string>;
  group: string | null;
  tags: string[];
  os: string | null;
  kernel: string | null;
  arch: string | null;
  cpuCount: number | null;
  memoryBytes: number | null;
  version: string | null;
  uptimeSeconds: number | null;
  /** Master switch as the node last said; null when it has not said yet. */
  repairs: boolean | null;
  openProblems: { warning: number; critical: number };
  /** Newest results by status. */
  results: Record<"ok" | "warning" | "critical" | "unknown", number>;
  /** Largest newest value of each metric that is a share of something (name ends in `_ratio`). */
  ratios: Record<string, number>;
  /** Messages the node still had to deliver at its last heartbeat. */
  spooled: number | null;
  firstSeenAt: string;
  lastSeenAt: string;
  lastReportAt: string | null;
}

export interface NodeDetail extends NodeItem {
  bootId: string | null;
  latest: WireResult[];
  skipped: { check: string; instance: string; reason: string }[];
  maintenance: MaintenanceItem[];
}

export interface MaintenanceItem extends NodeRef {
  id: string;
  check: string;
  target: string;
  from: string;
  until: string;
  reason: string;
  actor: string;
}

/** Live topic `reports`: that a node reported, and how it stands; the results themselves are at `nodes/:id`. */
export interface ReportItem extends NodeRef {
  id: string;
  at: string;
  results: NodeItem["results"];
}

export interface StatusItem {
  id: "status";
  version: string;
  startedAt: string;
  nodes: Record<NodeState, number>;
  openProblems: { warning: number; critical: number };
  /** Whether repairs are on: everywhere, nowhere or in part; null before any node has said. */
  repairs: "on" | "off" | "mixed" | null;
}

export const withNode = <Body>(stored: Stored<Body>, nameOf: (id: string) => string): Body & NodeRef => ({
  ...stored.body,
  node: stored.nodeId,
  nodeName: nameOf(stored.nodeId),
});
