import { expect, test } from "bun:test";
import { wholeTree } from "../access/node-scope.ts";
import { createMetricsStore } from "../store/metrics/create-metrics-store.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { iso, sampleIntent } from "../testing/wire-samples.ts";
import { createMonitor } from "./monitor.ts";

const NODE = `n_${"a".repeat(26)}`;

test("each step of an intent is shown live, also when several arrive together", async () => {
  const clock = createTestClock();
  const silent = () => {};
  const monitor = createMonitor({
    clock,
    store: createTestMonitorStore(clock.now),
    metrics: createMetricsStore(":memory:", {
      now: clock.now,
      rawMs: 864e5,
      rollupMs: 864e5,
      budgetBytes: 1e9,
    }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    version: "1",
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 864e5 },
  });
  const states: string[] = [];
  const send = (text: string) => {
    const { items } = JSON.parse(text) as { items: { state: string }[] };
    return states.push(...items.map((item) => item.state)) >= 0;
  };
  monitor.hub.connect({ send, close: silent }, wholeTree(monitor.nodes)).subscribe(["intents"], {});
  const at = clock.now();
  const intent = sampleIntent(at, { state: "proposed" });
  const later = { ...intent, evidenceIds: [crypto.randomUUID()] };
  const steps = [
    intent,
    { ...intent, state: "approved" },
    { ...later, state: "approved" },
    { ...later, state: "executing" },
  ];
  await monitor.connect(NODE).deliver(
    steps.map((body, index) => ({
      v: 1,
      type: "intent",
      id: crypto.randomUUID(),
      node: NODE,
      epoch: 1,
      seq: index + 1,
      at: iso(at),
      body,
    })),
  );
  expect(states).toEqual(["proposed", "approved", "executing"]);
});
