/** What the API answers, as types only; for programs written against it in this tree. */
import type * as z from "zod";
import type { userItem } from "./routes/accounts.ts";
import type { auditItem } from "./routes/audit.ts";
import type { authMethods, factorOption, nextStep } from "./routes/auth.ts";
import type { factorItem, waysAgain } from "./routes/factors.ts";
import type { keyItem } from "./routes/keys.ts";
import type { me } from "./routes/me.ts";
import type { sessionItem } from "./routes/sessions.ts";
import type { question } from "./routes/sign-in.ts";

export type {
  CheckItem,
  DecisionItem,
  InspectionItem,
  IntentItem,
  MaintenanceItem,
  NodeDetail,
  NodeItem,
  PluginItem,
  ProblemItem,
  RepairItem,
  ReportItem,
  StatusItem,
} from "../monitor/items.ts";
export type { NodeState } from "../monitor/node-state.ts";
export type { AuditKind } from "../access/audit.ts";
export type { IdentityItem } from "./routes/node-identity.ts";
export type { LadderItem } from "./routes/judges.ts";
export type { TokenItem } from "./routes/tokens.ts";
export type { BacktestResult, PolicyCheck, PolicyVersionItem, RuleProposalItem } from "./routes/policy.ts";
export type { AutonomyGrantItem, AutonomyOfferItem } from "./routes/autonomy.ts";
export type { AutonomyItem } from "../monitor/items.ts";
export type { Topic } from "../monitor/hub.ts";
export type { Session } from "./routes/auth.ts";
export type { BackupItem, BackupList } from "../backup/item.ts";
export type { Settings } from "./routes/settings.ts";

export type UserItem = z.infer<typeof userItem>;
export type KeyItem = z.infer<typeof keyItem>;
export type SessionItem = z.infer<typeof sessionItem>;
export type AuthMethods = z.infer<typeof authMethods>;
export type NextStep = z.infer<typeof nextStep>;
export type FactorOption = z.infer<typeof factorOption>;
export type FactorItem = z.infer<typeof factorItem>;
export type Me = z.infer<typeof me>;
export type Question = z.infer<typeof question>;
export type WaysAgain = z.infer<typeof waysAgain>;
export type AuditItem = z.infer<typeof auditItem>;

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

export interface ApiErrorBody {
  error: { code: string; message: string; id: string };
}
