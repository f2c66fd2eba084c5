/** The API's own types under the dashboard's words; runtime code of the core is never imported. */
import type {
  AuditItem,
  AuditKind,
  AutonomyGrantItem,
  AutonomyItem,
  AutonomyOfferItem,
  AuthMethods,
  BackupItem,
  BackupList,
  CheckItem,
  DecisionItem,
  FactorItem,
  FactorOption,
  IdentityItem,
  InspectionItem,
  IntentItem,
  KeyItem,
  LadderItem,
  Me,
  NextStep,
  NodeDetail,
  NodeItem,
  NodeState,
  Page,
  PluginItem,
  ProblemItem,
  Question,
  RepairItem,
  Session,
  SessionItem,
  Settings,
  StatusItem,
  TokenItem,
  UserItem,
  WaysAgain,
} from "../../core/http/types.ts";

export type {
  AuditItem,
  AuditKind,
  AutonomyItem,
  AuthMethods,
  BackupItem,
  BackupList,
  FactorItem,
  FactorOption,
  IdentityItem,
  KeyItem,
  LadderItem,
  Me,
  NextStep,
  NodeDetail,
  NodeItem,
  NodeState,
  Page,
  Question,
  Session,
  SessionItem,
  Settings,
  StatusItem,
  TokenItem,
  UserItem,
  WaysAgain,
};
export type Decision = DecisionItem;
/** One decision with how the same repair was decided before. */
export type DecisionDetail = Decision & { similar: Decision[] };
export type Problem = ProblemItem;
export type Intent = IntentItem;
export type Check = CheckItem;
export type Plugin = PluginItem;
export type Repair = RepairItem;
export type Inspection = InspectionItem;
export type CheckTrigger = InspectionItem["trigger"];
export type Result = NodeDetail["latest"][number];

export type User = Session["user"];
/** A role, and where it holds: `*`, `subtree:NODEID`, `label:KEY=VALUE` or `group:NAME`. */
export type Grant = UserItem["grants"][number];
export type Status = Problem["status"];
export type Severity = Problem["severity"];
export type Level = Problem["level"];
export type HoldState = Problem["guards"];
export type IntentState = Intent["state"];

/** Collector name → text. */
export interface EvidenceBundle {
  id: string;
  problemId: string;
  parts: Record<string, string>;
}

/** Series of a node: `check:target:metric` with epoch ms and values, null in a gap; at 5 minutes with smallest and largest. */
export interface MetricSeries {
  series: string;
  points: [at: number, value: number | null][];
  band: ([min: number, max: number] | null)[] | null;
}
export interface Metrics {
  from: string;
  to: string;
  names: string[];
  series: MetricSeries[];
}

/** Whether every chain of entries holds, hashed again. */
export interface Verification {
  ok: boolean;
  entries: number;
  firstBroken: { origin: string; seq: number; reason: string } | null;
  /** Each chain by itself; absent where only one was asked for. */
  chains?: { nodeName: string | null; state: "holds" | "broken" | "unverified" }[];
}

/** What a node said when the master switch was turned. */
export interface Switched {
  node: string;
  nodeName: string;
  ok: boolean;
  message: string | null;
}

/** The lists of the API, by resource. */
export interface Resources {
  nodes: NodeItem;
  problems: Problem;
  intents: Intent;
  decisions: Decision;
  checks: Check;
  plugins: Plugin;
  repairs: Repair;
  inspections: Inspection;
}
export type Resource = keyof Resources;

/** What a repair may do in a place; one that ended; and one that has been earned. */
export type AutonomyGrant = AutonomyGrantItem;
export type EndedGrant = AutonomyItem;
export type AutonomyOffer = AutonomyOfferItem;
export type AutonomyState = AutonomyItem["state"];
