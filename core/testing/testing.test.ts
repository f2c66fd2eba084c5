import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytes, definePlugin, defineRepair } from "cortex";
import type { Check } from "cortex";
import * as z from "zod";
import { checkContract } from "./check.contract.ts";
import { createTestContext, runCheck } from "./context.ts";
import { createFakeExec } from "./fake-exec.ts";
import { createFakeDaemons } from "./fake-ports.ts";
import { goldenCases } from "./golden.ts";
import { pluginContract } from "./plugin.contract.ts";
import { createTestProblem, repairContract } from "./repair.contract.ts";
import { createRootFs } from "./root-fs.ts";
import { createTestClock } from "./test-clock.ts";
import { testFolder } from "./test-folder.ts";

const check = (run: Check["run"]): Check => ({
  name: "a_check",
  summary: "Looks.",
  type: "a.type",
  nature: "fact",
  intervalMs: 1000,
  confirmMs: 0,
  run,
});

describe("the test clock", () => {
  test("runs due timers in order of their time and leaves later ones", async () => {
    const clock = createTestClock();
    const order: number[] = [];
    for (const ms of [30, 10, 20, 50]) clock.after(ms, () => order.push(ms));
    await clock.advance(30);
    expect(order).toEqual([10, 20, 30]);
  });

  test("lets what a timer starts run at its own time", async () => {
    const clock = createTestClock({ monotonic: 0 });
    const seen: number[] = [];
    const loop = async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await clock.sleep(10);
        seen.push(clock.monotonic());
      }
    };
    const done = loop();
    await clock.advance(100);
    await done;
    expect(seen).toEqual([10, 20, 30]);
  });

  test("a sleep ends with the reason of its signal", async () => {
    const clock = createTestClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(10, stop.signal);
    stop.abort(new Error("enough"));
    expect(sleeping).rejects.toThrow("enough");
  });

  test("a wall clock step moves no timer", async () => {
    const clock = createTestClock({ now: 0 });
    clock.jump(3_600_000);
    await clock.advance(1);
    expect(clock.now()).toBe(3_600_001);
  });
});

describe("the exec fake", () => {
  test("answers by base name and gives lists one by one", async () => {
    const exec = createFakeExec({ "systemctl is-active x": [{ stdout: "failed" }, { stdout: "active" }] });
    const outputs = [];
    for (let turn = 0; turn < 3; turn += 1)
      outputs.push((await exec.run(["/usr/bin/systemctl", "is-active", "x"])).stdout);
    expect(outputs).toEqual(["failed", "active", "active"]);
  });

  test("an unlisted command fails the run of a check that swallows the error", async () => {
    const ctx = createTestContext({ plugin: "x", exec: { "uname -r": { stdout: "6" } } });
    const careless = check(async () => {
      await ctx.exec.run(["rm", "-rf", "/"]).catch(() => undefined);
      return [{ skipped: "nothing" }];
    });
    expect(runCheck(careless, ctx)).rejects.toThrow("unlisted command: rm -rf /");
  });

  test("what is not installed is not found", async () => {
    const exec = createFakeExec({ installed: ["nginx"] });
    expect(exec.which("nginx")).toBe("/usr/bin/nginx");
    expect(exec.which("apache2")).toBeNull();
    expect(exec.run(["apache2", "-t"])).rejects.toMatchObject({ code: "exec.not_found" });
  });
});

describe("the root file system", () => {
  const dir = testFolder();
  mkdirSync(join(dir, "proc/12"), { recursive: true });
  mkdirSync(join(dir, "usr/lib"), { recursive: true });
  writeFileSync(join(dir, "proc/12/comm"), "nginx\n");
  writeFileSync(join(dir, "usr/lib/os-release"), "ID=debian\n");
  mkdirSync(join(dir, "etc"));
  symlinkSync("/usr/lib/os-release", join(dir, "etc/os-release"));
  writeFileSync(join(dir, ".links.json"), JSON.stringify({ "/proc/12/exe": "/usr/sbin/nginx" }));
  writeFileSync(join(dir, ".denied.json"), JSON.stringify(["/proc/12/fd"]));
  writeFileSync(join(dir, ".usage.json"), JSON.stringify({ "/mnt/nfs": "timeout" }));
  writeFileSync(join(dir, ".stat.json"), JSON.stringify({ "/dev/sda": { kind: "block" } }));
  const fs = createRootFs(dir);

  test("reads files, links given as data, and absolute links inside the root", async () => {
    expect(await fs.readText("/proc/12/comm")).toBe("nginx\n");
    expect(await fs.readLink("/proc/12/exe")).toBe("/usr/sbin/nginx");
    expect(await fs.readText("/etc/os-release")).toBe("ID=debian\n");
    expect((await fs.stat("/etc/os-release")).kind).toBe("symlink");
  });

  test("lists what exists only as data and hides the data files", async () => {
    expect(await fs.list("/")).toEqual(["dev", "etc", "proc", "usr"]);
    expect(await fs.list("/dev")).toEqual(["sda"]);
    expect(await fs.list("/proc/12")).toEqual(["comm", "exe"]);
    expect((await fs.stat("/dev/sda")).kind).toBe("block");
  });

  test("has the errors of a host", async () => {
    expect(fs.readText("/proc/13/comm")).rejects.toMatchObject({ code: "fs.not_found" });
    expect(fs.list("/proc/12/fd")).rejects.toMatchObject({ code: "fs.denied" });
    expect(fs.exists("/proc/12/fd/3")).rejects.toMatchObject({ code: "fs.denied" });
    expect(fs.usage("/mnt/nfs")).rejects.toMatchObject({ code: "fs.timeout" });
    expect(await fs.readTextIfPresent("/nowhere")).toBeNull();
    expect(await fs.exists("/dev/sdb")).toBe(false);
  });
});

test("a daemon that ends tells its watchers once and is dead", async () => {
  const daemons = createFakeDaemons();
  const identity = await daemons.start({
    argv: ["/bin/demo"],
    logFile: "/tmp/x",
    env: { CORTEX_INTENT: "i" },
  });
  const exits: (number | null)[] = [];
  daemons.watch(identity, (exit) => exits.push(exit.exitCode));
  expect(daemons.findByEnv("CORTEX_INTENT", "i")).toEqual([identity]);
  daemons.exit(identity.pid, 3);
  daemons.exit(identity.pid, 3);
  expect(exits).toEqual([3]);
  expect(daemons.alive(identity)).toBe(false);
});

/** The suites themselves, against a plugin that keeps its promises. */
const model = definePlugin({
  name: "model",
  version: "1.0.0",
  sdk: 1,
  summary: "Size of the swap file, as an example.",
  config: z.strictObject({ limit: bytes("1MiB").describe("Largest size.") }),
  modes: ["agent"],
  capabilities: ["fs-read", "exec:swapon"],
  setup: (ctx, config) => ({
    checks: [
      check(async () => {
        const text = await ctx.fs.readTextIfPresent("/swap");
        if (text === null) return [{ skipped: "/swap does not exist" }];
        const size = text.length;
        return [
          {
            target: "/swap",
            status: size > config.limit ? "warning" : "ok",
            summary: `/swap has ${size} bytes`,
            metrics: { "swap.size_bytes": size, "node.uptime_seconds": ctx.node.uptimeMs() / 1000 },
          },
        ];
      }),
    ],
    repairs: [
      defineRepair({
        name: "swap.enable",
        version: 1,
        summary: "Switch swap on.",
        class: "R2",
        remedies: ["swap.off"],
        params: z.strictObject({ file: z.string() }),
        resolve: (problem) => (problem.type === "swap.off" ? { file: problem.target } : null),
        plan: async ({ file }) => {
          await ctx.exec.run(["swapon", "--show"]);
          return { summary: `switch ${file} on`, changes: [{ what: file, from: "off", to: "on" }] };
        },
        apply: async () => ({ ok: true, summary: "on" }),
        undo: "none",
      }),
    ],
  }),
});
pluginContract(model, {}, import.meta.dir.replace(/testing$/, "sdk"));
checkContract(model);
goldenCases(model, import.meta.dir);
repairContract(model, {
  cases: [
    {
      repair: "swap.enable",
      problem: createTestProblem({ type: "swap.off", target: "/swap" }),
      context: () => ({ exec: { "swapon --show": { stdout: "" } } }),
    },
  ],
  mutating: ["swapon --all"],
});
