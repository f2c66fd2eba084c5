/** Agent and Monitor on one test clock, joined as in one process: from a failing check to a decision and back. */
import type { Decider } from "cortex";
import type { DecideConfig } from "../decide/config.ts";
import { createDecide, type Decide } from "../decide/create-decide.ts";
import type { Decision } from "../domain/decide/decision.ts";
import { createMonitor, type Monitor } from "../monitor/monitor.ts";
import type { TrustStore } from "../pipeline/trust/trust-store.ts";
import { createMetricsStore } from "../store/metrics/create-metrics-store.ts";
import type { DecidingKey } from "../store/deciding-key.ts";
import { ephemeralIdentity, keyName } from "../store/identity.ts";
import { verifySignature } from "../store/key-file.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Downlink } from "../wire/link.ts";
import { DECIDE_CONFIG } from "./decide-config.ts";
import { createAgentRig, type Rig, type RigOptions } from "./agent-rig.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";
import { createTestMonitorStore } from "./test-monitor-store.ts";

export interface DecideRigOptions extends RigOptions {
  judges?: Decider[];
  unproven?: string[];
  decide?: Partial<Omit<DecideConfig, "judge">> & { judge?: Partial<DecideConfig["judge"]> };
  /** The Monitor's disk, kept from an earlier life. */
  monitorStore?: MonitorStore;
  /** Wraps the way down: to lose, repeat or change what is sent. */
  downlink?: (real: Downlink) => Downlink;
  decisionKey?: ReturnType<typeof ephemeralIdentity>;
  /** In its place: one that can be rotated. */
  decidingKey?: DecidingKey;
}

export interface DecideRig {
  clock: TestClock;
  agent: Rig;
  monitor: Monitor;
  decide: Decide;
  store: MonitorStore;
  /** Of its agent; for further ones. */
  trust: TrustStore;
  changes: Decision[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The newest decision. */
  decision(): Decision;
}

export const RIG_NODE = `n_${"r".repeat(26)}`;

const log = { debug() {}, info() {}, warn() {}, error() {} };

export function createDecideRig(options: DecideRigOptions): DecideRig {
  const clock = options.clock ?? createTestClock();
  const store = options.monitorStore ?? createTestMonitorStore(clock.now);
  const key = options.decisionKey ?? ephemeralIdentity();
  const signer = options.decidingKey ?? { name: keyName(key.publicKey), sign: key.sign, links: () => [] };
  const changes: Decision[] = [];
  const metrics = createMetricsStore(":memory:", {
    now: clock.now,
    rawMs: 86_400_000,
    rollupMs: 86_400_000,
    budgetBytes: 2 ** 30,
  });
  const monitor = createMonitor({
    clock,
    log,
    store,
    metrics,
    version: "0.0.0",
    intents: {
      noticed: (node, intent) => decide.intents.noticed(node, intent),
      settle: () => decide.intents.settle(),
    },
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 86_400_000 },
  });
  let serial = 0;
  const { judge, ...rest } = options.decide ?? {};
  const decide = createDecide({
    clock,
    log,
    store,
    nodes: monitor.nodes,
    downlink: options.downlink?.(monitor.downlink) ?? monitor.downlink,
    signer,
    judges: () => options.judges ?? [],
    isProven: (_, model) => !(options.unproven ?? []).includes(model),
    config: () => ({ ...DECIDE_CONFIG, ...rest, judge: { ...DECIDE_CONFIG.judge, ...judge } }),
    newId: () => crypto.randomUUID(),
    newNonce: () => String((serial += 1)).padStart(22, "0"),
    changed: (decision) => void changes.push(decision),
  });
  const trust: TrustStore = options.trust ?? {
    signers: () => [keyName(key.publicKey)],
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
  };
  const uplink = monitor.connect(RIG_NODE);
  const agent = createAgentRig({
    ...options,
    clock,
    uplink,
    nodeId: RIG_NODE,
    trust,
  });

  return {
    clock,
    agent,
    monitor,
    decide,
    store,
    trust,
    changes,
    async start() {
      monitor.start();
      decide.start();
      await agent.start();
    },
    async stop() {
      await agent.stop();
      await decide.stop();
      monitor.stop();
    },
    decision() {
      const [newest] = store.decisions.find({ limit: 1 }).items;
      if (newest === undefined) throw new Error("there is no decision");
      return newest;
    },
  };
}

/** Until everything that was said has arrived: messages travel at the end of a turn of the event loop. */
export async function settled(rig: DecideRig, ms = 3000): Promise<void> {
  for (let step = 0; step < 6; step += 1) {
    await rig.clock.advance(ms / 6);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
