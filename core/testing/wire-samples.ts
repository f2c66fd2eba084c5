/** Valid message bodies, to be changed where a test cares. */
import type { IntentBody } from "../wire/intent.ts";
import type { InventoryBody, WireCheck, WirePlugin, WireRepair } from "../wire/inventory.ts";
import type { ProblemBody } from "../wire/problem.ts";
import type { HeartbeatBody, InspectionBody, ReportBody, WireResult } from "../wire/report.ts";

export const iso = (ms: number): string => new Date(ms).toISOString();

export const sampleHeartbeat = (at: number, change: Partial<HeartbeatBody> = {}): HeartbeatBody => ({
  at: iso(at),
  uptimeSeconds: 3600,
  repairs: true,
  openProblems: 0,
  spooled: 0,
  version: "1.2.3",
  ...change,
});

export const sampleResult = (at: number, change: Partial<WireResult> = {}): WireResult => ({
  check: "fs_space",
  instance: "default",
  target: "/var",
  status: "ok",
  summary: "/var is 40.0 % full",
  metrics: { "fs.used_ratio": 0.4 },
  labels: {},
  observe: false,
  at: iso(at),
  ...change,
});

export const sampleReport = (at: number, results: WireResult[] = [sampleResult(at)]): ReportBody => ({
  at: iso(at),
  results,
  skipped: [],
  inspections: [],
});

export const sampleProblem = (at: number, change: Partial<ProblemBody> = {}): ProblemBody => ({
  id: crypto.randomUUID(),
  fingerprint: "f".repeat(64),
  check: "service",
  instance: "default",
  target: "nginx.service",
  type: "service.down",
  nature: "fact",
  state: "open",
  level: "L1",
  severity: "critical",
  status: "critical",
  summary: "nginx.service has failed",
  owner: "unit:nginx.service",
  tags: [],
  labels: {},
  becauseOf: null,
  flapping: false,
  openedAt: iso(at),
  updatedAt: iso(at),
  resolvedAt: null,
  resolution: null,
  guards: {
    attemptsUsed: 0,
    attemptsMax: 3,
    attemptsResetAt: null,
    breakerUntil: null,
    cooldownUntil: null,
    nextAttemptAt: null,
    successesToday: 0,
    hold: null,
    holdText: null,
  },
  intentId: null,
  events: [],
  evidence: [],
  ...change,
});

export const sampleIntent = (at: number, change: Partial<IntentBody> = {}): IntentBody => ({
  id: crypto.randomUUID(),
  kind: "repair",
  state: "executing",
  level: "L1",
  summary: "restart nginx.service",
  text: "",
  category: null,
  actor: "policy",
  problemId: null,
  check: "service",
  target: "nginx.service",
  owner: "unit:nginx.service",
  repair: "restart_unit",
  repairVersion: 1,
  class: "R2",
  params: null,
  plan: null,
  hash: null,
  attempt: 1,
  shadow: false,
  decisions: [],
  evidenceIds: [],
  outcome: [],
  createdAt: iso(at),
  updatedAt: iso(at),
  expiresAt: null,
  finishedAt: null,
  watchUntil: null,
  ...change,
});

export const sampleInspection = (at: number, change: Partial<InspectionBody> = {}): InspectionBody => ({
  id: crypto.randomUUID(),
  check: "fs_space",
  instance: "default",
  trigger: "schedule",
  state: "done",
  startedAt: iso(at),
  durationSeconds: 0.004,
  status: "ok",
  counts: { ok: 1 },
  error: null,
  ...change,
});

export const sampleCheck = (change: Partial<WireCheck> = {}): WireCheck => ({
  id: "fs_space",
  name: "fs_space",
  instance: "default",
  plugin: "filesystems",
  summary: "Free space",
  nature: "measured",
  intervalSeconds: 60,
  schedule: null,
  confirmSeconds: 60,
  state: "active",
  reason: null,
  status: "ok",
  lastRunAt: null,
  lastDurationSeconds: null,
  nextRunAt: null,
  runs: 1,
  failures: 0,
  ...change,
});

export const sampleRepair = (change: Partial<WireRepair> = {}): WireRepair => ({
  id: "restart",
  version: 1,
  plugin: "services",
  summary: "Restart a service",
  class: "R1",
  remedies: ["service.down"],
  undo: false,
  mode: "act",
  attempts: 0,
  successes: 0,
  failures: 0,
  lastAt: null,
  ...change,
});

export const samplePlugin = (change: Partial<WirePlugin> = {}): WirePlugin => ({
  id: "disk/default",
  name: "disk",
  instance: "default",
  version: "1.0.0",
  origin: "built-in",
  state: "running",
  reason: null,
  summary: "Free space",
  checks: ["fs_space"],
  repairs: [],
  capabilities: [],
  restarts: 0,
  ...change,
});

export const sampleInventory = (change: Partial<InventoryBody> = {}): InventoryBody => ({
  name: "web-1",
  labels: { site: "berlin" },
  group: "web",
  tags: [],
  os: "Debian GNU/Linux 12",
  kernel: "6.1.0",
  arch: "x64",
  cpuCount: 2,
  memoryBytes: 4e9,
  version: "1.2.3",
  bootId: "boot-1",
  checks: [sampleCheck()],
  repairs: [],
  plugins: [],
  maintenance: [],
  ...change,
});
