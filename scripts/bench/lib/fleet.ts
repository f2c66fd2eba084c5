/** Nodes that are not there: their names, their reports, and a data folder that knows thousands of them. */
import { join } from "node:path";
import type { Log } from "cortex";
import { createMonitor } from "../../../core/monitor/monitor.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { createMetricsStore } from "../../../core/store/metrics/create-metrics-store.ts";
import { prepareDataDir } from "../../../core/store/data-dir.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import { openMonitorStore } from "../../../core/store/monitor/store.ts";
import { toIso, WIRE_VERSION, type MessageType } from "../../../core/wire/envelope.ts";
import type { InventoryBody, WireCheck } from "../../../core/wire/inventory.ts";
import type { ReportBody, WireResult } from "../../../core/wire/report.ts";
import type { Cortex } from "../../accept/lib/cortex.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const DAY_MS = 86_400_000;
const BATCH = 50;

/** `n_` and 26 characters, as of a real key; the number is in the last ones. */
export function nodeName(index: number): string {
  let rest = index;
  let text = "";
  for (let digit = 0; digit < 6; digit += 1) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return `n_${"bench".padEnd(20, "a")}${text}`;
}

function result(at: string, index: number, change: Partial<WireResult> = {}): WireResult {
  return {
    check: "fs_space",
    instance: "default",
    target: "/var",
    status: "ok",
    summary: `/var is ${(40 + (index % 40)).toFixed(1)} % full, 23.4 GiB free`,
    metrics: {
      "fs.used_ratio": 0.4 + (index % 40) / 100,
      "fs.available_bytes": 25_125_558_681 - index * 4096,
    },
    labels: {},
    observe: false,
    at,
    ...change,
  };
}

/** Six results with eleven metrics: about 1.5 KB as JSON, what a small host says of its last 15 s. */
export function reportOf(at: string, index: number): ReportBody {
  const metrics = {
    cpu: { "cpu.usage_ratio": 0.05 + (index % 50) / 100, "cpu.iowait_ratio": 0.01 },
    memory: { "memory.available_ratio": 0.6, "memory.available_bytes": 10_125_558_681 + index },
    load: { "load.per_cpu": 0.5 + (index % 10) / 10 },
    tcp: { "tcp.retransmit_ratio": 0.001, "tcp.established": 12 + (index % 90) },
  };
  return {
    at,
    results: [
      result(at, index),
      result(at, index + 7, { target: "/", summary: "/ is 51.2 % full, 12.0 GiB free" }),
      ...Object.entries(metrics).map(([check, values]) =>
        result(at, index, { check, target: "host", summary: `${check} is as it should be`, metrics: values }),
      ),
    ],
    skipped: [],
    inspections: [],
  };
}

const check = (name: string, at: string): WireCheck => ({
  id: name,
  name,
  instance: "default",
  plugin: "bench",
  summary: "A check of a node that is not there.",
  nature: "measured",
  intervalSeconds: 15,
  schedule: null,
  confirmSeconds: 60,
  state: "active",
  reason: null,
  status: "ok",
  lastRunAt: at,
  lastDurationSeconds: 0.001,
  nextRunAt: at,
  runs: 100,
  failures: 0,
});

const inventoryOf = (at: string, index: number): InventoryBody => ({
  name: `host-${String(index).padStart(6, "0")}.example.net`,
  labels: { site: `site-${index % 20}`, rack: `r${index % 200}` },
  group: `group-${index % 100}`,
  tags: [],
  os: "Debian GNU/Linux 12 (bookworm)",
  kernel: "6.1.0",
  arch: "x64",
  cpuCount: 4,
  memoryBytes: 8 * 2 ** 30,
  version: "0.1.0",
  bootId: "00000000-0000-4000-8000-000000000000",
  checks: ["fs_space", "cpu", "memory", "load", "tcp"].map((name) => check(name, at)),
  repairs: [],
  plugins: [],
  maintenance: [],
});

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Fill a data folder that no daemon has open: `count` nodes with inventory and `reports` reports each, taken in as they
 * come from the wire, validation included.
 */
export async function seedNodes(folder: string, count: number, reports: number): Promise<void> {
  const dir = prepareDataDir(folder);
  const identity = loadIdentity(dir.keys);
  const clock = createSystemClock();
  const now = () => clock.now();
  const store = openMonitorStore(dir.monitorDb, {
    now,
    origin: `monitor:${identity.nodeId}`,
    sign: identity.sign,
    verify: identity.verify,
    checkpointLog: join(dir.root, "monitor-checkpoints.log"),
  });
  const metrics = createMetricsStore(dir.metricsDb, {
    now,
    rawMs: 2 * DAY_MS,
    rollupMs: 90 * DAY_MS,
    budgetBytes: 2 ** 30,
  });
  const config = { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 90 * DAY_MS };
  const monitor = createMonitor({ clock, log: quiet, store, metrics, version: "bench", config });
  const began = clock.now();
  let pending: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    const node = nodeName(index);
    const message = (seq: number, type: MessageType, body: unknown) => {
      const id = crypto.randomUUID();
      return { v: WIRE_VERSION, type, id, node, epoch: 1, seq, at: toIso(began), body };
    };
    const envelopes = [message(1, "inventory", inventoryOf(toIso(began), index))];
    for (let turn = 0; turn < reports; turn += 1)
      envelopes.push(
        message(2 + turn, "report", reportOf(toIso(began - (reports - turn) * 15_000), index + turn)),
      );
    pending.push(monitor.ingest.deliver(node, envelopes));
    if (pending.length === BATCH) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
  const { stored, quarantined } = monitor.ingest.counters;
  if (quarantined > 0 || stored !== count * (1 + reports))
    throw new Error(`seeding: ${stored} messages stored, ${quarantined} refused`);
  monitor.stop();
  store.close();
  metrics.close();
}

/** One key per node, by the API. */
export async function nodeKeys(cortex: Cortex, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = { name: `bench-${index}`, role: "node", node: nodeName(index) };
    const { status, text, json } = await cortex.api<{ secret: string }>("POST", "keys", body);
    if (status >= 300) throw new Error(`POST keys: ${status} ${text}`);
    keys.push(json.secret);
  }
  return keys;
}

/** Rates that don't limit a load test; everything else is as it is by default. */
export const NO_RATE_LIMIT = { server: { request_rate: 1_000_000, ingest_rate: 1_000_000 } };
