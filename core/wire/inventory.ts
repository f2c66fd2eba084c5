/** What a node has: its facts, checks, repairs and plugins; sent at start and whenever it changes. */
import * as z from "zod";
import { isoTime } from "./envelope.ts";
import { status } from "./report.ts";

/** What one inventory holds; the node leaves out what is more, and says so. */
export const MAX_CHECKS = 5000;
export const MAX_REPAIRS = 500;
export const MAX_PLUGINS = 500;

export const wireCheck = z.strictObject({
  /** `name` or `name/instance`; what run, pause and history refer to. */
  id: z.string().max(200),
  name: z.string().max(100),
  instance: z.string().max(100),
  plugin: z.string().max(100),
  summary: z.string().max(1000),
  nature: z.enum(["fact", "measured"]),
  intervalSeconds: z.number().nonnegative().nullable(),
  schedule: z.string().max(200).nullable(),
  confirmSeconds: z.number().nonnegative(),
  state: z.enum(["active", "paused", "skipped", "broken"]),
  /** Why skipped or broken; until when paused. */
  reason: z.string().max(1000).nullable(),
  status: status.nullable(),
  lastRunAt: isoTime.nullable(),
  lastDurationSeconds: z.number().nonnegative().nullable(),
  nextRunAt: isoTime.nullable(),
  runs: z.number().int().nonnegative(),
  failures: z.number().int().nonnegative(),
});
export type WireCheck = z.infer<typeof wireCheck>;

export const wireRepair = z.strictObject({
  id: z.string().max(100),
  version: z.number().int(),
  plugin: z.string().max(100),
  summary: z.string().max(1000),
  class: z.enum(["R0", "R1", "R2", "R3", "R4"]),
  remedies: z.array(z.string().max(100)).max(100),
  undo: z.boolean(),
  /** Without an undo, and there is nothing to undo: it takes nothing away. */
  takesNothing: z.boolean().optional(),
  /** Level by today's policy: act (L1), ask (L2), shadow. */
  mode: z.enum(["act", "ask", "observe", "shadow"]),
  attempts: z.number().int().nonnegative(),
  successes: z.number().int().nonnegative(),
  failures: z.number().int().nonnegative(),
  lastAt: isoTime.nullable(),
  /** Rights that it lacks there, one line each with what to run. */
  needs: z.array(z.string().max(500)).max(20).optional(),
});
export type WireRepair = z.infer<typeof wireRepair>;

export const wirePlugin = z.strictObject({
  /** `name` or `name/instance`. */
  id: z.string().max(200),
  name: z.string().max(100),
  instance: z.string().max(100),
  version: z.string().max(50),
  origin: z.enum(["built-in", "user"]),
  state: z.enum(["running", "disabled", "broken", "starting", "stopped"]),
  reason: z.string().max(2000).nullable(),
  summary: z.string().max(1000),
  checks: z.array(z.string().max(100)).max(MAX_CHECKS),
  repairs: z.array(z.string().max(100)).max(MAX_REPAIRS),
  /** What it asks for. */
  capabilities: z.array(z.string().max(200)).max(50),
  /** What it was allowed; null: no list of allowed plugins is kept, it has whatever it asks for. */
  granted: z.array(z.string().max(200)).max(50).nullable().optional(),
  /** Why it broke last, also after it runs again. */
  lastError: z
    .strictObject({ text: z.string().max(2000), at: isoTime })
    .nullable()
    .optional(),
  /** When it is started again; null when it runs, or only a person can help. */
  retryAt: isoTime.nullable().optional(),
  restarts: z.number().int().nonnegative(),
  /** What a user's plugin is kept in, for people; null: it runs inside the program. */
  cage: z.string().max(500).nullable().optional(),
});
export type WirePlugin = z.infer<typeof wirePlugin>;

export const inventoryBody = z.strictObject({
  name: z.string().max(255),
  labels: z.record(z.string().max(100), z.string().max(1000)),
  group: z.string().max(100).nullable(),
  tags: z.array(z.string().max(100)).max(50),
  os: z.string().max(200),
  kernel: z.string().max(200),
  arch: z.string().max(50),
  cpuCount: z.number().int().positive(),
  memoryBytes: z.number().nonnegative(),
  version: z.string().max(50),
  bootId: z.string().max(100),
  checks: z.array(wireCheck).max(MAX_CHECKS),
  repairs: z.array(wireRepair).max(MAX_REPAIRS),
  plugins: z.array(wirePlugin).max(MAX_PLUGINS),
  maintenance: z
    .array(
      z.strictObject({
        id: z.string().max(100),
        check: z.string().max(100),
        target: z.string().max(1000),
        from: isoTime,
        until: isoTime,
        reason: z.string().max(1000),
        actor: z.string().max(200),
      }),
    )
    .max(500),
});
export type InventoryBody = z.infer<typeof inventoryBody>;

export const checkpointBody = z.strictObject({
  origin: z.string().max(100),
  size: z.number().int().positive(),
  head: z.string().length(64),
  at: isoTime,
  signature: z.string().max(200),
});
export type CheckpointBody = z.infer<typeof checkpointBody>;
