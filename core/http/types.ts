/** What the API answers, as types only; for programs written against it in this tree. */
export type {
  CheckItem,
  InspectionItem,
  IntentItem,
  MaintenanceItem,
  NodeDetail,
  NodeItem,
  NodeState,
  PluginItem,
  ProblemItem,
  RepairItem,
  ReportItem,
  StatusItem,
} from "../monitor/items.ts";
export type { Topic } from "../monitor/hub.ts";
export type { Session } from "./routes/auth.ts";
export type { Settings } from "./routes/settings.ts";

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

export interface ApiErrorBody {
  error: { code: string; message: string; id: string };
}
