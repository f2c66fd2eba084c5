import { describe, expect, test } from "bun:test";
import type { Result, SelfStats, Status } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

const MINUTE = 60_000;
const self: SelfStats = { rssBytes: 60e6, cpuSeconds: 10, plugins: [], backups: null };

/** `stats` is changed by the test between looks. */
function watching(stats: SelfStats) {
  const clock = createTestClock();
  const ctx = { ...createTestContext({ plugin, clock }), self: () => stats };
  const { checks } = plugin.setup(ctx, plugin.config.parse({}));
  const look = (name: string, previous: Record<string, Status> = {}, oneShot = false) =>
    runCheck(
      checks!.find((check) => check.name === name)!,
      ctx,
      { previous, oneShot },
    );
  return { clock, look };
}

describe("the footprint", () => {
  test("of memory is judged at once, and told only when it is critical", async () => {
    const memory = async (rssBytes: number) =>
      (await watching({ ...self, rssBytes }).look("agent_footprint"))[0] as Result;
    // More than agent and Monitor hold in their first half hour on a fresh install.
    expect(await memory(154e6)).toMatchObject({ target: "memory", status: "ok" });
    expect(await memory(260e6)).toMatchObject({
      status: "warning",
      observe: true,
      summary: "cortex holds 248.0 MiB",
    });
    const critical = await memory(520e6);
    expect(critical.status).toBe("critical");
    expect(critical.observe).toBeUndefined();
  });

  test("of processor time is judged over ten minutes", async () => {
    const stats = { ...self };
    const { look, clock } = watching(stats);
    const statuses: (Status | null)[] = [];
    for (let minute = 0; minute <= 10; minute += 1) {
      const cpu = (await look("agent_footprint"))[1]!;
      statuses.push("status" in cpu ? cpu.status : null);
      await clock.advance(MINUTE);
      stats.cpuSeconds += 0.03 * 60;
    }
    // 3 % of one processor: the quiet time before counts until the window is full enough.
    expect(statuses).toEqual([null, ...Array<Status>(6).fill("ok"), ...Array<Status>(4).fill("warning")]);
    const result = (await look("agent_footprint"))[1] as Result;
    expect(result.summary).toBe("cortex took 3.0 % of one processor over 10m");
    expect(result.metrics!["cortex.cpu_ratio"]).toBeCloseTo(0.03);
  });

  test("is none of the command that prints one inspection", async () => {
    expect(await watching(self).look("agent_footprint", {}, true)).toEqual([
      { skipped: "measured in the running daemon only" },
    ]);
  });
});

test("a plugin is a problem when it is broken or failed three times in a row", async () => {
  const plugins = [
    { name: "dns", instance: "default", state: "running", consecutiveFailures: 2, reason: "timed out" },
    {
      name: "http",
      instance: "shop",
      state: "running",
      consecutiveFailures: 3,
      reason: "took longer\nthan 12s",
    },
    { name: "mine", instance: "default", state: "broken", consecutiveFailures: 0, reason: "no such file" },
    {
      name: "tls",
      instance: "a",
      state: "disabled",
      consecutiveFailures: 0,
      reason: "switched off in the configuration",
    },
  ];
  expect(await watching({ ...self, plugins }).look("plugin_health")).toMatchObject([
    { target: "dns", status: "ok", summary: "plugin dns is running" },
    {
      target: "http/shop",
      status: "warning",
      summary: "plugin http/shop failed 3 times in a row: took longer than 12s",
    },
    { target: "mine", status: "warning", summary: "plugin mine is broken: no such file" },
    { target: "tls/a", skipped: "switched off in the configuration" },
  ]);
});

describe("backups", () => {
  const HOUR = 60 * MINUTE;
  const at = (hoursAgo: number, change: object = {}) => ({ hoursAgo, change });
  const cases: [string, Status, ReturnType<typeof at>][] = [
    ["last good backup 30m ago", "ok", at(0.5)],
    [
      "the last backup failed: the disk is full; the newest good one is 30m old",
      "warning",
      at(0.5, { failure: { at: 0, reason: "the disk is full" } }),
    ],
    ["the newest good backup is 2h old, one is made every 1h", "warning", at(2)],
    ["the newest good backup is 4h old, one is made every 1h", "critical", at(4)],
  ];
  for (const [summary, status, { hoursAgo, change }] of cases)
    test(`are ${status} when ${summary}`, async () => {
      const backups = { everyMs: HOUR, startedAt: 0, lastGoodAt: 0, failure: null, ...change };
      const { look, clock } = watching({ ...self, backups });
      backups.lastGoodAt = clock.now() - hoursAgo * HOUR;
      expect(await look("backup_health")).toMatchObject([{ target: "backups", status, summary }]);
    });

  test("that were never made are counted from the start of Cortex", async () => {
    const backups = { everyMs: HOUR, startedAt: 0, lastGoodAt: null, failure: null };
    const { look, clock } = watching({ ...self, backups });
    backups.startedAt = clock.now();
    expect(await look("backup_health")).toMatchObject([{ status: "ok", summary: "no backup was made yet" }]);
    await clock.advance(4 * HOUR);
    expect(await look("backup_health")).toMatchObject([
      { status: "critical", summary: "there is no good backup; one should be made every 1h" },
    ]);
  });

  test("are none of a command that looks once", async () => {
    expect(await watching(self).look("backup_health")).toEqual([{ skipped: "no backups are made here" }]);
  });
});
