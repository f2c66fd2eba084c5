import { expect, test } from "bun:test";
import { configSchema } from "../../config/schema.ts";
import { createAgentStore } from "../../store/agent/create-agent-store.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import type { Outbox } from "./outbox.ts";
import { createReporter } from "./reporter.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** `sent`: what was published, with the second and the number of the transaction in which it was. */
function rig() {
  const clock = createTestClock();
  const inner = createAgentStore(":memory:", {
    origin: "n_test",
    sign: () => "",
    verify: () => true,
    now: () => clock.now(),
  });
  const began = clock.now();
  const disk = { full: false, commits: 0, stallsMs: 0 };
  const store: typeof inner = {
    ...inner,
    transaction: (work) => {
      const value = inner.transaction(work);
      if (disk.full) throw new Error("disk full");
      disk.commits += 1;
      return value;
    },
  };
  const sent: string[] = [];
  const publish: Outbox["publish"] = (type, body) => {
    const { results } = body as { results?: unknown[] };
    const what = results === undefined ? type : `${type} of ${results.length}`;
    sent.push(`${(clock.now() - began) / 1000} s ${what}`);
  };
  const reporter = createReporter({
    store,
    outbox: { publish, flush: async () => {}, stop() {} },
    clock: { ...clock, after: (ms, run) => clock.after(ms + disk.stallsMs, run) },
    config: () => configSchema.parse({}),
    version: "1.2.3",
    uptimeMs: () => 1000,
    openProblems: () => 0,
    confirming: () => null,
    inventory: () => {
      throw new Error("not asked for here");
    },
    log,
  });
  const result = (target: string) =>
    reporter.results("fs_space", "default", [{ target, status: "ok", summary: "" }], []);
  return { clock, disk, sent, reporter, result };
}

test("a heartbeat and a report that are due together are one commit", async () => {
  const { clock, disk, sent, reporter, result } = rig();
  reporter.start();
  for (let step = 0; step < 4; step += 1) {
    result("/var");
    await clock.advance(15_000);
  }
  expect(sent).toEqual([
    "0 s heartbeat",
    "15 s report of 1",
    "30 s heartbeat",
    "30 s report of 1",
    "45 s report of 1",
    "60 s heartbeat",
    "60 s report of 1",
  ]);
  expect(disk.commits).toBe(4);
  reporter.stop();
});

test("runs asked for by hand that end together are told together, at once", async () => {
  const { clock, sent, reporter, result } = rig();
  reporter.start();
  await clock.advance(1000);
  for (const target of ["/", "/var", "/home"]) {
    result(target);
    reporter.reportSoon();
  }
  await clock.advance(30);
  result("/var");
  await clock.advance(29_000);
  expect(sent).toEqual(["0 s heartbeat", "1.03 s report of 3", "16.03 s report of 1", "30 s heartbeat"]);
  reporter.stop();
});

test("results are kept until a report of them is durable", async () => {
  const { clock, disk, sent, reporter, result } = rig();
  reporter.start();
  result("/var");
  disk.full = true;
  await clock.advance(15_000);
  disk.full = false;
  result("/home");
  await clock.advance(15_000);
  expect(sent.at(-1)).toBe("30 s report of 2");
  reporter.stop();
});

test("after a pause what was missed is said once, and the rhythm stays", async () => {
  const { clock, disk, sent, reporter, result } = rig();
  disk.stallsMs = 85_000;
  reporter.start();
  disk.stallsMs = 0;
  result("/var");
  await clock.advance(100_000);
  result("/var");
  await clock.advance(10_000);
  expect(sent).toEqual(["0 s heartbeat", "100 s heartbeat", "100 s report of 1", "105 s report of 1"]);
  reporter.stop();
});
