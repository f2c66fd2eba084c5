/** What lists and live topics show: the wire body plus the node it comes from. Schema, type and documentation in one. */
import * as z from "zod";
import type { NodeItem as Stored } from "../store/monitor/problems.repository.ts";
import type { AutonomyGrant } from "../store/monitor/autonomy.schema.ts";
import { AUTONOMY_STATES } from "../domain/decide/standing.ts";
import { isoTime, toIso, toIsoOrNull } from "../wire/envelope.ts";
import { UNDOS } from "../domain/decide/blast-radius.ts";
import { DECISION_STATES } from "../domain/decide/decision.ts";
import { REASON_CODES } from "../domain/decide/reasons.ts";
import { intentBody, planBody } from "../wire/intent.ts";
import { wireCheck, wirePlugin, wireRepair } from "../wire/inventory.ts";
import { problemBody } from "../wire/problem.ts";
import { confirming, inspectionBody, status, wireResult } from "../wire/report.ts";
import { NODE_STATES } from "./node-state.ts";
import { stateHistory } from "./state-history.ts";

const origin = { node: z.string().describe("Node id"), nodeName: z.string() };
const count = z.number().int().nonnegative();

export const problemItem = problemBody.extend(origin);
export const intentItem = intentBody.extend(origin);
export const inspectionItem = inspectionBody.extend(origin);
export const checkItem = wireCheck.extend(origin);
export const repairItem = wireRepair.extend(origin);
export const pluginItem = wirePlugin.extend(origin);
export type ProblemItem = z.infer<typeof problemItem>;
export type IntentItem = z.infer<typeof intentItem>;
export type InspectionItem = z.infer<typeof inspectionItem>;
export type CheckItem = z.infer<typeof checkItem>;
export type RepairItem = z.infer<typeof repairItem>;
export type PluginItem = z.infer<typeof pluginItem>;

const resultCounts = z.strictObject({ ok: count, warning: count, critical: count, unknown: count });
const openBySeverity = z
  .strictObject({ observe: count, info: count, warning: count, critical: count })
  .describe("Open problems by severity; those that are only observed are listed and counted, too");
export type OpenBySeverity = z.infer<typeof openBySeverity>;

export const nodeItem = z.strictObject({
  ...origin,
  id: z.string(),
  name: z.string(),
  state: z
    .enum(NODE_STATES)
    .describe(
      "degraded: online with an open warning or critical problem; unheard: let in a moment ago and not heard yet",
    ),
  connected: z.boolean().describe("True while the node can be asked and told things"),
  labels: z.record(z.string(), z.string()),
  group: z.string().nullable(),
  tags: z.array(z.string()),
  os: z.string().nullable(),
  kernel: z.string().nullable(),
  arch: z.string().nullable(),
  cpuCount: count.nullable(),
  memoryBytes: z.number().nullable(),
  version: z.string().nullable(),
  uptimeSeconds: z.number().nullable(),
  repairs: z.boolean().nullable().describe("Master switch as the node last said; null before it did"),
  openProblems: count.describe("All its open problems, as `problems?state=open` lists them"),
  problems: openBySeverity,
  worst: status.describe("What its open problems make of it; unknown while nothing is heard of it"),
  results: resultCounts.describe("Newest results by status"),
  confirming: z
    .array(
      confirming.extend({ check: z.string(), target: z.string(), status: z.enum(["warning", "critical"]) }),
    )
    .describe(
      "Bad results that are no problems yet, worst first, 20 at most: each becomes one when it lasts",
    ),
  metrics: z
    .strictObject({
      cpuRatio: z.number().optional(),
      memoryRatio: z.number().optional(),
      diskRatio: z.number().optional(),
    })
    .describe("Newest shares in use, for meters; the fullest file system"),
  history: stateHistory,
  spooled: count.nullable().describe("Messages it still had to deliver at its last heartbeat"),
  firstSeenAt: isoTime,
  lastSeenAt: isoTime,
  lastReportAt: isoTime.nullable(),
});
export type NodeItem = z.infer<typeof nodeItem>;

export const maintenanceItem = z.strictObject({
  ...origin,
  id: z.string(),
  check: z.string().describe("Check name, or * for all"),
  target: z.string().describe("Target, or * for all"),
  from: isoTime,
  until: isoTime,
  reason: z.string(),
  actor: z.string(),
});
export type MaintenanceItem = z.infer<typeof maintenanceItem>;

export const nodeDetail = nodeItem.extend({
  bootId: z.string().nullable(),
  latest: z.array(wireResult).describe("Newest result per check, instance and target"),
  skipped: z.array(z.strictObject({ check: z.string(), instance: z.string(), reason: z.string() })),
  maintenance: z.array(maintenanceItem),
});
export type NodeDetail = z.infer<typeof nodeDetail>;

/** Live topic `reports`: that a node reported, and how it stands; the results themselves are at `nodes/:id`. */
export const reportItem = z.strictObject({ ...origin, id: z.string(), at: isoTime, results: resultCounts });
export type ReportItem = z.infer<typeof reportItem>;

const voiceItem = z.strictObject({
  at: isoTime,
  by: z.string().describe("gate, rule:ID, decider:NAME, user:NAME, key:NAME, node:ID, time"),
  layer: z.enum(["policy", "exec", "llm", "human"]),
  verdict: z.enum(["allow", "human", "deny"]),
  reason: z.enum(REASON_CODES),
  text: z.string().describe("The reason as a sentence"),
  detail: z.string(),
  opinion: z
    .strictObject({
      model: z.string(),
      confidence: z.number().nullable(),
      text: z.string(),
      missingEvidence: z.array(z.string()),
      requestId: z.string().nullable(),
      tokensIn: z.number(),
      tokensOut: z.number(),
      costUsd: z.number(),
      durationSeconds: z.number(),
    })
    .optional(),
});

export const decisionItem = z.strictObject({
  ...origin,
  id: z.string(),
  state: z.enum(DECISION_STATES),
  intent: intentBody.nullable().describe("The proposal as its node last told it"),
  problem: problemBody.nullable(),
  repair: z.string(),
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]),
  plan: planBody.nullable(),
  risk: z.enum(["low", "medium", "high"]),
  blastRadius: z.strictObject({
    nodes: z.array(z.string()),
    group: z.strictObject({ name: z.string(), size: count, touched: count, healthy: count }).nullable(),
    dependents: z.array(z.string()),
    interrupts: z.boolean(),
    reversible: z.boolean(),
    undo: z
      .enum(UNDOS)
      .describe("taken_back: Cortex does it when it did not hold; spared: only what is not missed goes"),
  }),
  voices: z.array(voiceItem).describe("Everything that was said, in order; the last word decided"),
  approvals: count.describe("People who approved so far"),
  peopleNeeded: count,
  judging: z.boolean().describe("A judge is being asked"),
  delivery: z.strictObject({ state: z.enum(["due", "told", "refused"]), text: z.string() }).nullable(),
  coolingUntil: isoTime.nullable().describe("Approved; runs then unless somebody who may decide rejects it"),
  createdAt: isoTime,
  expiresAt: isoTime,
  decidedAt: isoTime.nullable(),
});
export type DecisionItem = z.infer<typeof decisionItem>;

/** Evidence for or against autonomy. */
export const autonomyEvidence = z.strictObject({
  verified: count,
  failed: count,
  nodes: count.describe("Nodes on which it was verified"),
  bound: z.number().describe("Lower end of the 95 % interval of the share that holds, 0 to 1"),
  isEarned: z.boolean(),
});

export const autonomyItem = z.strictObject({
  id: z.string(),
  repair: z.string(),
  scope: z.string(),
  state: z.enum(AUTONOMY_STATES),
  by: z.string().describe("user:NAME, or cortex where it was taken back after a bad outcome"),
  reason: z.string(),
  at: isoTime,
  expiresAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});
export type AutonomyItem = z.infer<typeof autonomyItem>;

export const autonomyItemOf = ({
  maxClass: _,
  at,
  expiresAt,
  endedAt,
  ...grant
}: AutonomyGrant): AutonomyItem => ({
  ...grant,
  at: toIso(at),
  expiresAt: toIsoOrNull(expiresAt),
  endedAt: toIsoOrNull(endedAt),
});

export const statusItem = z.strictObject({
  id: z.literal("status"),
  version: z.string(),
  startedAt: isoTime,
  nodes: z.record(z.enum(NODE_STATES), count),
  openProblems: openBySeverity,
  waiting: count.describe(
    "Open problems that wait for a person: nothing repairs them, and no passing limit holds them",
  ),
  repairs: z
    .enum(["on", "off", "mixed"])
    .nullable()
    .describe("Whether repairs are on: everywhere, nowhere or in part; null before any node has said"),
});
export type StatusItem = z.infer<typeof statusItem>;

export const withNode = <Body>(
  stored: Stored<Body>,
  nameOf: (id: string) => string,
): Body & { node: string; nodeName: string } => ({
  ...stored.body,
  node: stored.nodeId,
  nodeName: nameOf(stored.nodeId),
});
