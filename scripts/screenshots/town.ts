/**
 * A small fleet with a day behind it, for pictures: what its nodes would have sent is delivered to a Monitor whose clock
 * runs through that day, validation included; the folder is closed afterwards and opened by the real program.
 */
import { join } from "node:path";
import type { Log } from "cortex";
import { createMonitor, type Monitor } from "../../core/monitor/monitor.ts";
import { prepareDataDir } from "../../core/store/data-dir.ts";
import { loadIdentity } from "../../core/store/identity.ts";
import { createMetricsStore } from "../../core/store/metrics/create-metrics-store.ts";
import { openMonitorStore } from "../../core/store/monitor/store.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import {
  sampleHeartbeat,
  sampleInventory,
  sampleReport,
  sampleResult,
} from "../../core/testing/wire-samples.ts";
import { type MessageType, toIso, WIRE_VERSION } from "../../core/wire/envelope.ts";
import { type Said, storiesOf } from "./stories.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How far apart reports are. */
const STEP_MS = 5 * MINUTE_MS;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Resident {
  name: string;
  group: string;
  site: string;
  /** Around these shares its day goes. */
  cpu: number;
  memory: number;
  disk: number;
  tags?: string[];
  os?: string;
  /** Minutes before now at which it fell silent, and at which it was heard again. */
  silentFrom?: number;
  silentTo?: number;
}

const DEBIAN = "Debian GNU/Linux 13 (trixie)";
const ALPINE = "Alpine Linux v3.22";

export const RESIDENTS: readonly Resident[] = [
  { name: "web-1.ams", group: "web", site: "ams", cpu: 0.31, memory: 0.44, disk: 0.52 },
  { name: "web-2.ams", group: "web", site: "ams", cpu: 0.28, memory: 0.47, disk: 0.51 },
  { name: "web-3.fra", group: "web", site: "fra", cpu: 0.22, memory: 0.39, disk: 0.49 },
  { name: "db-1.ams", group: "db", site: "ams", cpu: 0.47, memory: 0.78, disk: 0.93, tags: ["stateful"] },
  { name: "db-2.fra", group: "db", site: "fra", cpu: 0.2, memory: 0.71, disk: 0.64, tags: ["stateful"] },
  { name: "queue-1.ams", group: "queue", site: "ams", cpu: 0.09, memory: 0.26, disk: 0.33 },
  { name: "cache-1.ams", group: "cache", site: "ams", cpu: 0.14, memory: 0.62, disk: 0.18 },
  { name: "backup-1.fra", group: "backup", site: "fra", cpu: 0.06, memory: 0.18, disk: 0.81 },
  { name: "build-1.ams", group: "ci", site: "ams", cpu: 0.72, memory: 0.58, disk: 0.71 },
  {
    name: "edge-7.home",
    group: "edge",
    site: "home",
    cpu: 0.12,
    memory: 0.41,
    disk: 0.4,
    os: ALPINE,
    silentFrom: 700,
    silentTo: 560,
  },
  {
    name: "edge-9.home",
    group: "edge",
    site: "home",
    cpu: 0.1,
    memory: 0.3,
    disk: 0.2,
    os: ALPINE,
    silentFrom: 205,
  },
];

/** `n_` and 26 characters, as of a real key. */
export const idOf = (name: string): string =>
  `n_${name
    .replace(/[^a-z2-7]/g, "")
    .padEnd(26, "a")
    .slice(0, 26)}`;

/** Fill an empty data folder; `now` in epoch ms is where the day ends. */
export async function seedTown(folder: string, now: number): Promise<void> {
  const dir = prepareDataDir(folder);
  const identity = loadIdentity(dir.keys);
  const clock = createTestClock({ now: now - DAY_MS });
  const store = openMonitorStore(dir.monitorDb, {
    now: () => clock.now(),
    origin: `monitor:${identity.nodeId}`,
    sign: identity.sign,
    verify: identity.verify,
    checkpointLog: join(dir.root, "monitor-checkpoints.log"),
  });
  const metrics = createMetricsStore(dir.metricsDb, {
    now: () => clock.now(),
    rawMs: 2 * DAY_MS,
    rollupMs: 90 * DAY_MS,
    budgetBytes: 2 ** 30,
  });
  const config = { heartbeatMs: STEP_MS, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 90 * DAY_MS };
  const monitor = createMonitor({ clock, log: quiet, store, metrics, version: "0.1.0", config });
  const say = createSpeaker(monitor);
  const stories = storiesOf(now);
  let told = 0;
  monitor.start();
  for (const one of RESIDENTS) await say(one.name, "inventory", inventoryOf(one), clock.now());
  for (let at = clock.now(); at <= now; at += STEP_MS) {
    for (const one of RESIDENTS) if (isHeard(one, (now - at) / MINUTE_MS)) await speak(say, one, at);
    for (; told < stories.length && stories[told]!.at <= at; told += 1) {
      const { node, type, body } = stories[told]!;
      await say(node, type, body, at);
    }
    if (at + STEP_MS <= now) await clock.advance(STEP_MS);
  }
  await clock.advance(10_000);
  const { quarantined } = monitor.ingest.counters;
  monitor.stop();
  store.close();
  metrics.close();
  if (quarantined > 0) throw new Error(`seeding: ${quarantined} messages refused`);
}

type Say = (node: string, type: MessageType, body: unknown, at: number) => Promise<void>;

function createSpeaker(monitor: Monitor): Say {
  const numbers = new Map<string, number>();
  return async (name, type, body, at) => {
    const node = idOf(name);
    const seq = (numbers.get(node) ?? 0) + 1;
    numbers.set(node, seq);
    await monitor.ingest.deliver(node, [
      { v: WIRE_VERSION, type, id: crypto.randomUUID(), node, epoch: 1, seq, at: toIso(at), body },
    ]);
  };
}

const isHeard = ({ silentFrom, silentTo = -1 }: Resident, minutesAgo: number): boolean =>
  silentFrom === undefined || minutesAgo > silentFrom || minutesAgo < silentTo;

async function speak(say: Say, one: Resident, at: number): Promise<void> {
  await say(one.name, "heartbeat", sampleHeartbeat(at, { uptimeSeconds: 41 * 86_400, version: "0.1.0" }), at);
  await say(one.name, "report", reportOf(one, at), at);
}

const inventoryOf = ({ name, group, site, tags = [], os = DEBIAN }: Resident) =>
  sampleInventory({
    name,
    group,
    tags,
    os,
    labels: { site },
    kernel: "6.12.48-amd64",
    cpuCount: 8,
    memoryBytes: MEMORY,
    version: "0.1.0",
  });

const MEMORY = 32 * 2 ** 30;

/** Busy by day, calm at night, and never twice the same. */
function reportOf(one: Resident, at: number) {
  const phase = one.name.length + one.name.charCodeAt(0);
  const day = 1 + 0.35 * Math.sin((at / DAY_MS) * 2 * Math.PI - 2 + phase / 9);
  const ripple = 0.12 * Math.sin(at / 1_700_000 + phase) + 0.07 * Math.sin(at / 410_000 + 2 * phase);
  const cpu = Math.min(0.99, Math.max(0.01, one.cpu * (day + ripple)));
  const used = one.memory * (1 + 0.04 * Math.sin(at / 5_000_000 + phase)) * MEMORY;
  const host = (check: string, metrics: Record<string, number>) =>
    sampleResult(at, { check, target: "host", summary: `${check} is as it should be`, metrics });
  return sampleReport(at, [
    host("cpu_usage", { "cpu.usage_ratio": cpu, "cpu.iowait_ratio": 0.02 + 0.015 * Math.sin(at / 900_000) }),
    host("mem_available", {
      "memory.used_bytes": used,
      "memory.cached_bytes": 0.18 * MEMORY,
      "memory.total_bytes": MEMORY,
      "memory.available_ratio": 1 - used / MEMORY,
    }),
    host("load_per_core", { "cpu.load1": cpu * 8, "cpu.load5": cpu * 7.6, "cpu.load15": one.cpu * 7.8 }),
    host("psi_cpu", { "pressure.cpu_some_60s_ratio": cpu * 0.06 }),
    host("psi_io", { "pressure.io_some_60s_ratio": 0.01 + 0.008 * Math.sin(at / 700_000 + phase) }),
    sampleResult(at, {
      check: "disk_busy",
      target: "nvme0n1",
      summary: "nvme0n1 is as it should be",
      metrics: {
        "disk.read_bytes_per_second": 2e6 * (day + ripple),
        "disk.write_bytes_per_second": 5e6 * (day - ripple),
      },
    }),
    ...["/", "/var"].map((target, place) =>
      sampleResult(at, {
        target,
        summary: `${target} has room`,
        metrics: { "fs.used_ratio": place === 0 ? one.disk * 0.6 : one.disk },
      }),
    ),
  ]);
}

export type { Said };
