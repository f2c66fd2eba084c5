/** The API's own types under the dashboard's words; runtime code of the core is never imported. */
import type {
  CheckItem,
  IntentItem,
  NodeDetail,
  NodeItem,
  NodeState,
  Page,
  PluginItem,
  ProblemItem,
  Session,
  Settings,
  StatusItem,
} from "../../core/http/types.ts";

export type { NodeDetail, NodeItem, NodeState, Page, Session, Settings, StatusItem };
export type Problem = ProblemItem;
export type Intent = IntentItem;
export type Check = CheckItem;
export type Plugin = PluginItem;
export type Result = NodeDetail["latest"][number];

export type User = Session["user"];
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
  checks: Check;
  plugins: Plugin;
}
export type Resource = keyof Resources;
