/** Reports (results and metrics of one inspection), heartbeats, and what declares lost samples. */
import * as z from "zod";
import { isoTime } from "./envelope.ts";

export const status = z.enum(["ok", "warning", "critical", "unknown"]);

/** A bad result that is no problem yet: it becomes one when it lasts this long. */
export const confirming = z.strictObject({ since: isoTime, seconds: z.number().nonnegative() });

export const wireResult = z.strictObject({
  check: z.string().max(100),
  instance: z.string().max(100),
  target: z.string().max(1000),
  status,
  summary: z.string().max(10_000),
  metrics: z.record(z.string().max(200), z.number()),
  labels: z.record(z.string().max(100), z.string().max(1000)),
  observe: z.boolean(),
  at: isoTime,
  confirming: confirming.optional(),
});
export type WireResult = z.infer<typeof wireResult>;

/** One finished (or, with `running`, started) run of a check. */
export const inspectionBody = z.strictObject({
  id: z.uuid(),
  check: z.string().max(100),
  instance: z.string().max(100),
  trigger: z.enum(["schedule", "event", "manual", "start"]),
  state: z.enum(["running", "done"]),
  startedAt: isoTime,
  durationSeconds: z.number().nonnegative().nullable(),
  status: z.string().max(20).nullable(),
  counts: z.record(z.string(), z.number()),
  error: z.string().max(2000).nullable(),
});
export type InspectionBody = z.infer<typeof inspectionBody>;

export const reportBody = z.strictObject({
  at: isoTime,
  /** Results since the last report: the newest per (check, instance, target). */
  results: z.array(wireResult).max(5000),
  skipped: z
    .array(
      z.strictObject({
        check: z.string().max(100),
        instance: z.string().max(100),
        reason: z.string().max(1000),
      }),
    )
    .max(1000),
  /** Runs that ended since the last report; runs asked for by hand are sent at once as messages of their own. */
  inspections: z.array(inspectionBody).max(5000),
});
export type ReportBody = z.infer<typeof reportBody>;

export const heartbeatBody = z.strictObject({
  at: isoTime,
  uptimeSeconds: z.number().nonnegative(),
  /** Master switch of the node: false = repairs off. */
  repairs: z.boolean(),
  openProblems: z.number().int().nonnegative(),
  spooled: z.number().int().nonnegative(),
  version: z.string().max(50),
});
export type HeartbeatBody = z.infer<typeof heartbeatBody>;

export const gapBody = z.strictObject({
  from: isoTime,
  to: isoTime,
  count: z.number().int().positive(),
  reason: z.string().max(500),
});
export type GapBody = z.infer<typeof gapBody>;
