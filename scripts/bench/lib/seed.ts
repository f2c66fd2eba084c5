/** A data folder that knows many nodes, filled as if they had told it over the wire. */
import { join } from "node:path";
import type { Log } from "cortex";
import { createMonitor } from "../../../core/monitor/monitor.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { prepareDataDir } from "../../../core/store/data-dir.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import { createMetricsStore } from "../../../core/store/metrics/create-metrics-store.ts";
import { openMonitorStore } from "../../../core/store/monitor/store.ts";
import { type MessageType, toIso, WIRE_VERSION } from "../../../core/wire/envelope.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const DAY_MS = 86_400_000;
const BATCH = 50;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

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

export interface Said {
  type: MessageType;
  body: unknown;
}

/**
 * What each of `count` nodes says, taken in order and as it comes from the wire, validation included. No daemon has the
 * folder open; it is closed afterwards.
 */
export async function seed(
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
  const monitor = createMonitor({ clock, log: quiet, store, metrics, version: "seed", config });
  const at = now();
  let said = 0;
  const tell = (index: number) => {
    const node = nodeName(index);
    const envelopes = says(index, at).map(({ type, body }, place) => {
      const id = crypto.randomUUID();
      return { v: WIRE_VERSION, type, id, node, epoch: 1, seq: place + 1, at: toIso(at), body };
    });
    said += envelopes.length;
    return monitor.ingest.deliver(node, envelopes);
  };
  for (let first = 0; first < count; first += BATCH)
    await Promise.all(
      Array.from({ length: Math.min(BATCH, count - first) }, (_, place) => tell(first + place)),
    );
  const { stored, quarantined } = monitor.ingest.counters;
  monitor.stop();
  store.close();
  metrics.close();
  if (quarantined > 0 || stored !== said)
    throw new Error(`seeding: ${stored} of ${said} messages stored, ${quarantined} refused`);
}
