/** Nodes that are not there: their names, their reports, and a data folder that knows thousands of them. */
import { toIso } from "../../../core/wire/envelope.ts";
import type { InventoryBody, WireCheck } from "../../../core/wire/inventory.ts";
import type { ReportBody, WireResult } from "../../../core/wire/report.ts";
import type { Cortex } from "../../accept/lib/cortex.ts";
import { nodeName, seed } from "./seed.ts";

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

/**
 * Fill a data folder that no daemon has open: `count` nodes with inventory and `reports` reports each, taken in as they
 * come from the wire, validation included.
 */
export const seedNodes = (folder: string, count: number, reports: number): Promise<void> =>
  seed(folder, count, (index, at) => [
    { type: "inventory", body: inventoryOf(toIso(at), index) },
    ...Array.from({ length: reports }, (_, turn) => ({
      type: "report" as const,
      body: reportOf(toIso(at - (reports - turn) * 15_000), index + turn),
    })),
  ]);

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
