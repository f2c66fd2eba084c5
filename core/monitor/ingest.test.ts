import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Envelope, MessageType } from "../wire/envelope.ts";
import { createMetricsStore } from "../store/metrics/create-metrics-store.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import {
  iso,
  sampleHeartbeat,
  sampleInspection,
  sampleIntent,
  sampleInventory,
  sampleProblem,
  sampleReport,
  sampleResult,
} from "../testing/wire-samples.ts";
import { createMonitor } from "./monitor.ts";

const NODE = `n_${"a".repeat(26)}`;
const OTHER = `n_${"b".repeat(26)}`;
const AT = Date.UTC(2026, 0, 1);

function createTestMonitor() {
  const clock = createTestClock();
  const store = createTestMonitorStore(clock.now);
  const metrics = createMetricsStore(":memory:", {
    now: clock.now,
    rawMs: 864e5,
    rollupMs: 864e5,
    budgetBytes: 1e9,
  });
  const silent = () => {};
  const monitor = createMonitor({
    clock,
    store,
    metrics,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    version: "1",
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 864e5 },
  });
  return { clock, store, metrics, monitor, uplink: monitor.connect(NODE) };
}

const message = (
  seq: number,
  type: MessageType,
  body: unknown,
  change: Partial<Envelope> = {},
): Envelope => ({
  v: 1,
  type,
  id: crypto.randomUUID(),
  node: NODE,
  epoch: 1,
  seq,
  at: iso(AT),
  body,
  ...change,
});

test("what was acknowledged is stored, and a node appears with its first message", async () => {
  const { store, monitor, uplink } = createTestMonitor();
  const problem = sampleProblem(AT);
  expect(
    await uplink.deliver([message(1, "inventory", sampleInventory()), message(2, "problem", problem)]),
  ).toEqual({
    handled: 2,
  });
  expect(store.problems.get(problem.id)).toEqual({ nodeId: NODE, body: problem });
  expect(monitor.nodes.item(NODE)).toMatchObject({
    name: "web-1",
    state: "degraded",
    openProblems: 1,
    worst: "critical",
  });
});

test("a message delivered again has no second effect, also after a restart of the Monitor", async () => {
  const { store, clock, metrics, monitor, uplink } = createTestMonitor();
  const run = sampleInspection(AT);
  const report = message(1, "report", { ...sampleReport(AT), inspections: [run] });
  await uplink.deliver([report]);
  await uplink.deliver([report, report]);
  expect(monitor.ingest.counters).toMatchObject({ stored: 1, duplicate: 2 });
  expect(monitor.counters().checkRuns).toEqual({ ok: 1 });

  const silent = () => {};
  const restarted = createMonitor({
    clock,
    store,
    metrics,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    version: "1",
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 864e5 },
  });
  expect(await restarted.connect(NODE).deliver([report])).toEqual({ handled: 1 });
  expect(restarted.ingest.counters).toMatchObject({ stored: 0, duplicate: 1 });
});

test("the same number in the next epoch is another message", async () => {
  const { monitor, uplink } = createTestMonitor();
  const first = message(1, "heartbeat", sampleHeartbeat(AT));
  await uplink.deliver([first, { ...first, epoch: 2 }]);
  expect(monitor.ingest.counters).toMatchObject({ stored: 2, duplicate: 0 });
});

test("a problem never goes backwards, whatever the order of arrival and the node's clock", async () => {
  const open = sampleProblem(AT);
  const raised = { ...open, level: "L3" as const, updatedAt: iso(AT + 1000) };
  // The node's clock was set back by a minute before the last change.
  const resolved = {
    ...open,
    state: "resolved" as const,
    updatedAt: iso(AT - 60_000),
    resolvedAt: iso(AT - 60_000),
  };
  const sent = [open, raised, resolved].map((body, index) => message(index + 1, "problem", body));
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(sent, { minLength: 3 }), async (order) => {
      const { store, monitor, uplink } = createTestMonitor();
      for (const one of order) await uplink.deliver([one]);
      expect(store.problems.get(open.id)!.body).toEqual(resolved);
      expect(monitor.nodes.item(NODE)!.openProblems).toBe(0);
      store.close();
    }),
    { numRuns: 6 },
  );
});

test("an intent that ended in the same millisecond stays ended", async () => {
  const { store, uplink } = createTestMonitor();
  const executing = sampleIntent(AT);
  const verified = { ...executing, state: "verified" as const };
  await uplink.deliver([message(2, "intent", verified), message(1, "intent", executing)]);
  expect(store.intents.get(executing.id)!.body.state).toBe("verified");
});

test("late reports, heartbeats and inventories replace nothing newer", async () => {
  const { monitor, metrics, uplink } = createTestMonitor();
  const full = sampleResult(AT, { status: "critical", metrics: { "fs.used_ratio": 0.99 } });
  await uplink.deliver([
    message(4, "heartbeat", sampleHeartbeat(AT, { repairs: false })),
    message(5, "report", sampleReport(AT + 60_000, [full])),
    message(6, "inventory", sampleInventory({ name: "new-name" })),
  ]);
  await uplink.deliver([
    message(1, "heartbeat", sampleHeartbeat(AT)),
    message(2, "report", sampleReport(AT)),
    message(3, "inventory", sampleInventory({ name: "old-name" })),
  ]);
  expect(monitor.nodes.item(NODE)).toMatchObject({
    name: "new-name",
    repairs: false,
    metrics: { diskRatio: 0.99 },
  });
  const series = metrics.query(NODE, ["*"], AT - 1, AT + 120_000, "raw");
  expect(series.map((one) => [one.series, one.points.map((point) => point[1])])).toEqual([
    ["fs_space:/var:fs.used_ratio", [0.4, 0.99]],
  ]);
});

test("results of checks that ran replace those before, also of targets that are gone", async () => {
  const { monitor, uplink } = createTestMonitor();
  const load = sampleResult(AT, { check: "load", target: "host", metrics: {} });
  await uplink.deliver([
    message(1, "report", sampleReport(AT, [sampleResult(AT), sampleResult(AT, { target: "/gone" }), load])),
    message(2, "report", sampleReport(AT + 1, [sampleResult(AT + 1)])),
  ]);
  expect(
    monitor.nodes
      .detail(NODE)!
      .latest.map((result) => result.target)
      .toSorted(),
  ).toEqual(["/var", "host"]);
});

test("what can't be understood is kept aside, counts as handled and stops nothing", async () => {
  const { store, monitor, uplink } = createTestMonitor();
  const good = sampleProblem(AT);
  const bad: unknown[] = [
    null,
    "text",
    {},
    { ...message(1, "heartbeat", sampleHeartbeat(AT)), v: 2 },
    message(2, "heartbeat", { ...sampleHeartbeat(AT), more: 1 }),
    message(3, "problem", { ...good, level: "L9" }),
    message(4, "problem", { ...good, openedAt: "yesterday" }),
    { ...message(5, "report", sampleReport(AT)), type: "shell" },
  ];
  const { handled } = await uplink.deliver([...(bad as Envelope[]), message(9, "problem", good)]);
  expect(handled).toBe(bad.length + 1);
  expect(store.problems.get(good.id)?.body).toEqual(good);
  expect(store.inbox.quarantined().count).toBe(bad.length);
  expect(monitor.ingest.counters).toMatchObject({ stored: 1, quarantined: bad.length });
});

test("T82 text longer than its place is refused, and takes nothing else with it", async () => {
  const { store, uplink } = createTestMonitor();
  const good = sampleProblem(AT, { summary: "é".repeat(10_000), target: "𝕳".repeat(500) });
  const long = [
    message(1, "problem", sampleProblem(AT, { summary: "x".repeat(10_001) })),
    message(2, "problem", sampleProblem(AT, { labels: { ["k".repeat(101)]: "v" } })),
    message(3, "inventory", sampleInventory({ name: "n".repeat(256) })),
  ];
  await uplink.deliver([...long, message(4, "problem", good)]);
  expect(store.inbox.quarantined().count).toBe(long.length);
  expect(store.problems.get(good.id)?.body).toEqual(good);
});

test("T82 controls, half characters and deep accents are kept as text and break nothing", async () => {
  const { monitor, store, uplink } = createTestMonitor();
  for (const [index, summary] of ["a\u0000b", "\uD800", "\u202Egnp.exe", "Z\u0351".repeat(4000)].entries()) {
    const problem = sampleProblem(AT, { summary });
    await uplink.deliver([message(index + 1, "problem", problem)]);
    expect(typeof store.problems.get(problem.id)?.body.summary).toBe("string");
  }
  expect(store.inbox.quarantined().count).toBe(0);
  expect(monitor.nodes.has(NODE)).toBe(true);
});

test("nobody speaks for another node", async () => {
  const { monitor, store, uplink } = createTestMonitor();
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT), { node: OTHER })]);
  expect(monitor.nodes.has(OTHER)).toBe(false);
  expect(store.inbox.quarantined().newest[0]!.reason).toContain("in the name of");
});

test("random noise never breaks the way in", async () => {
  const { store, uplink } = createTestMonitor();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.anything(), { maxLength: 5 }), async (noise) => {
      expect(await uplink.deliver(noise as Envelope[])).toEqual({ handled: noise.length });
    }),
    { numRuns: 100 },
  );
  const problem = sampleProblem(AT);
  await uplink.deliver([message(1, "problem", problem)]);
  expect(store.problems.get(problem.id)).not.toBeNull();
});

test("messages of one turn share one commit", async () => {
  const { monitor, uplink } = createTestMonitor();
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      uplink.deliver([message(index + 1, "heartbeat", sampleHeartbeat(AT))]),
    ),
  );
  expect(monitor.ingest.counters).toMatchObject({ stored: 50, commits: 1 });
});

test("what could not be stored is not acknowledged and shows nowhere", async () => {
  const { store, monitor, uplink } = createTestMonitor();
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT))]);
  const seq = monitor.hub.seq("problems");
  const { transaction } = store;
  store.transaction = () => {
    throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_FSYNC" });
  };
  const problem = message(2, "problem", sampleProblem(AT));
  expect(uplink.deliver([problem])).rejects.toMatchObject({ kind: "unavailable" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(monitor.hub.seq("problems")).toBe(seq);
  store.transaction = transaction;
  expect(await uplink.deliver([problem])).toEqual({ handled: 1 });
  expect(monitor.ingest.counters).toMatchObject({ stored: 2, duplicate: 0 });
});

test("a node is late after three missed heartbeats, offline after ten, and back with the next", async () => {
  const { clock, monitor, uplink } = createTestMonitor();
  monitor.start();
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT))]);
  const state = () => monitor.nodes.item(NODE)!.state;
  await clock.advance(89_000);
  expect(state()).toBe("online");
  await clock.advance(5000);
  expect(state()).toBe("late");
  await clock.advance(200_000);
  expect(state()).toBe("late");
  await clock.advance(10_000);
  expect(state()).toBe("offline");
  await uplink.deliver([message(2, "heartbeat", sampleHeartbeat(AT))]);
  expect(state()).toBe("online");
  monitor.stop();
});

test("a step of the wall clock makes nobody late", async () => {
  const { clock, monitor, uplink } = createTestMonitor();
  monitor.start();
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT))]);
  clock.jump(86_400_000);
  await clock.advance(10_000);
  expect(monitor.nodes.item(NODE)!.state).toBe("online");
  monitor.stop();
});

test("a Monitor that was away gives its nodes time before it calls them late", async () => {
  const { clock, store, metrics, monitor, uplink } = createTestMonitor();
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT))]);
  await clock.advance(3_600_000);
  const silent = () => {};
  const restarted = createMonitor({
    clock,
    store,
    metrics,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    version: "1",
    config: { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10, keepProblemsMs: 864e5 },
  });
  restarted.start();
  await clock.advance(80_000);
  expect(restarted.nodes.item(NODE)!.state).toBe("online");
  await clock.advance(20_000);
  expect(restarted.nodes.item(NODE)!.state).toBe("late");
  restarted.stop();
  monitor.stop();
});

test("a command to a node that is not there fails as such", async () => {
  const { clock, monitor, uplink } = createTestMonitor();
  const verify = { type: "ledger.verify", actor: "x" } as const;
  expect(monitor.downlink.send(OTHER, verify)).rejects.toMatchObject({ code: "monitor.node_unknown" });
  await uplink.deliver([message(1, "heartbeat", sampleHeartbeat(AT))]);
  expect(monitor.downlink.send(NODE, verify)).rejects.toMatchObject({ code: "monitor.node_unreachable" });
  uplink.onCommand(() => new Promise(() => {}));
  const outcome = monitor.downlink.send(NODE, verify).catch((error: unknown) => error);
  await clock.advance(30_000);
  expect(await outcome).toMatchObject({ code: "monitor.node_timeout" });
});
