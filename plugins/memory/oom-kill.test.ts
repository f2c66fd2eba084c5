import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, PluginStore, Result } from "cortex";
import fc from "fast-check";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeStore } from "../../core/testing/fake-ports.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";
import { parseOomVictims } from "./oom-kill.parse.ts";

const HOUR = 3_600_000;

/** A host whose counter the test sets, with a disk that outlives Cortex. */
function host(store: PluginStore = createFakeStore(), uptimeHours = 100) {
  const root = testFolder();
  mkdirSync(join(root, "proc"));
  const clock = createTestClock({ monotonic: uptimeHours * HOUR });
  const start = (bootId = "boot-1", uptimeMs = () => clock.monotonic()): Check => {
    const ctx = createTestContext({
      plugin,
      root,
      clock,
      store,
      exec: { installed: [] },
      node: { bootId, uptimeMs },
    });
    const checks = plugin.setup(ctx, plugin.config.parse({})).checks ?? [];
    return checks.find((check) => check.name === "oom_kill")!;
  };
  const look = async (check: Check, total: number, oneShot = false): Promise<Result> => {
    writeFileSync(join(root, "proc/vmstat"), `pswpin 0\noom_kill ${total}\n`);
    return (await runCheck(check, undefined, { oneShot }))[0] as Result;
  };
  return { clock, start, look, store };
}

test("a kill is a warning for half an hour and then over", async () => {
  const { clock, start, look } = host();
  const check = start();
  expect((await look(check, 4)).status).toBe("ok");
  expect((await look(check, 5)).status).toBe("warning");
  await clock.advance(29 * 60_000);
  expect((await look(check, 5)).status).toBe("warning");
  await clock.advance(60_000);
  expect((await look(check, 5)).status).toBe("ok");
});

test("a kill while Cortex was down is seen after its restart, and is forgotten by none", async () => {
  const { clock, start, look } = host();
  await look(start(), 0);
  await clock.advance(HOUR);
  const restarted = start();
  expect((await look(restarted, 1)).status).toBe("warning");
  await clock.advance(HOUR);
  expect((await look(restarted, 3)).status).toBe("critical");
  expect((await look(start(), 3)).status).toBe("critical");
});

test("after a reboot the kernel counts anew, and its kills since are news", async () => {
  const { start, look } = host();
  await look(start("boot-1"), 7);
  expect(
    (
      await look(
        start("boot-2", () => HOUR),
        0,
      )
    ).status,
  ).toBe("ok");
  expect(
    (
      await look(
        start("boot-3", () => HOUR),
        1,
      )
    ).status,
  ).toBe("warning");
});

test("a counter that stands still is not written again, and a single inspection writes nothing", async () => {
  let writes = 0;
  const inner = createFakeStore();
  const store: PluginStore = { ...inner, set: (key, value) => ((writes += 1), inner.set(key, value)) };
  const { start, look } = host(store);
  const check = start();
  for (let round = 0; round < 5; round += 1) await look(check, 2);
  expect(writes).toBe(1);
  await look(start("boot-2"), 3, true);
  expect(writes).toBe(1);
});

test("victims are found with their unit, in the words of old and new kernels", () => {
  const text = [
    "Out of memory: Kill process 812 (mysqld) score 901 or sacrifice child",
    "Killed process 812 (mysqld) total-vm:2093847kB, anon-rss:1029384kB, file-rss:0kB",
    "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/system.slice/a.service," +
      "task_memcg=/system.slice/a.service,task=a,b,pid=91,uid=0",
    "Memory cgroup out of memory: Killed process 91 (a,b) total-vm:1kB",
  ].join("\n");
  expect(parseOomVictims(text)).toEqual([
    { pid: 812, name: "mysqld", unit: null },
    { pid: 91, name: "a,b", unit: "a.service" },
  ]);
});

test("no log text breaks the search for victims", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      parseOomVictims(`oom-kill:${text}\nKilled process ${text}`);
    }),
  );
});
