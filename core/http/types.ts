/** What the API answers, as types only; for programs written against it in this tree. */
import type * as z from "zod";
import type { userItem } from "./routes/accounts.ts";
import type { auditItem } from "./routes/audit.ts";
import type { keyItem } from "./routes/keys.ts";
import type { sessionItem } from "./routes/sessions.ts";

export type {
  CheckItem,
  DecisionItem,
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
export type { IdentityItem } from "./routes/node-identity.ts";
export type { TokenItem } from "./routes/tokens.ts";
export type { Topic } from "../monitor/hub.ts";
export type { Session } from "./routes/auth.ts";
export type { Settings } from "./routes/settings.ts";

export type UserItem = z.infer<typeof userItem>;
export type KeyItem = z.infer<typeof keyItem>;
export type SessionItem = z.infer<typeof sessionItem>;
export type AuditItem = z.infer<typeof auditItem>;

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

export interface ApiErrorBody {
  error: { code: string; message: string; id: string };
}
