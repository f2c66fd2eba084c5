/** A data folder that knows many nodes and problems, taken in as they come from the wire, validation included. */
import { join } from "node:path";
import type { Log } from "cortex";
import { createMonitor, type Monitor } from "../../../core/monitor/monitor.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { prepareDataDir } from "../../../core/store/data-dir.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import { createMetricsStore } from "../../../core/store/metrics/create-metrics-store.ts";
import { openMonitorStore } from "../../../core/store/monitor/store.ts";
import { sampleHeartbeat, sampleInventory, sampleProblem } from "../../../core/testing/wire-samples.ts";
import { type MessageType, toIso, WIRE_VERSION } from "../../../core/wire/envelope.ts";
import type { ProblemBody } from "../../../core/wire/problem.ts";
import { nodeName, reportOf } from "../../bench/lib/fleet.ts";

const DAY_MS = 86_400_000;
const BATCH = 50;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface Said {
  type: MessageType;
  body: unknown;
}

/** What each of `count` nodes says, delivered in order; the folder is closed afterwards. */
export async function seedCrowd(
  folder: string,
  count: number,
  says: (index: number, at: number) => Said[],
): Promise<void> {
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
  const monitor = createMonitor({ clock, log: quiet, store, metrics, version: "crowd", config });
  const at = now();
  for (let first = 0; first < count; first += BATCH) {
    const size = Math.min(BATCH, count - first);
    await Promise.all(
      Array.from({ length: size }, (_, place) =>
        deliver(monitor, first + place, at, says(first + place, at)),
      ),
    );
  }
  const { quarantined } = monitor.ingest.counters;
  monitor.stop();
  store.close();
  metrics.close();
  if (quarantined > 0) throw new Error(`seeding: ${quarantined} messages refused`);
}

async function deliver(monitor: Monitor, index: number, at: number, said: Said[]): Promise<void> {
  const node = nodeName(index);
  const envelopes = said.map(({ type, body }, place) => ({
    v: WIRE_VERSION,
    type,
    id: crypto.randomUUID(),
    node,
    epoch: 1,
    seq: place + 1,
    at: toIso(at),
    body,
  }));
  await monitor.ingest.deliver(node, envelopes);
}

/** A node of a large fleet: what it is, that it lives, what it measures, and `problems` open problems. */
export function crowdNode(index: number, at: number, problems: number): Said[] {
  const name = `host-${String(index).padStart(4, "0")}.example.net`;
  return [
    {
      type: "inventory",
      body: sampleInventory({ name, group: `group-${index % 40}`, labels: { site: `site-${index % 8}` } }),
    },
    { type: "heartbeat", body: sampleHeartbeat(at, { repairs: true }) },
    { type: "report", body: reportOf(toIso(at), index) },
    ...Array.from({ length: problems }, (_, place) => ({
      type: "problem" as const,
      body: crowdProblem(index, place, at),
    })),
  ];
}

/** One in ten is critical and waits for a person; the others are being handled. */
function crowdProblem(index: number, place: number, at: number): ProblemBody {
  const critical = (index + place) % 10 === 0;
  const openedAt = toIso(at - (index % 600) * 60_000 - place * 1000);
  return sampleProblem(at, {
    fingerprint: new Bun.CryptoHasher("sha256").update(`${index} ${place}`).digest("hex"),
    target: `unit-${place}.service`,
    summary: `unit-${place}.service has failed: exit code ${1 + ((index * 7 + place) % 120)}`,
    severity: critical ? "critical" : "warning",
    level: critical ? "L3" : "L1",
    openedAt,
    updatedAt: openedAt,
  });
}
