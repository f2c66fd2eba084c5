import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock, DaemonExit, ProcessIdentity } from "cortex";
import { diskFolder } from "../../testing/test-folder.ts";
import { createDaemons } from "./daemons.ts";
import { parseProcessStat } from "./process-stat.ts";

/** Real time: these tests look at real processes, and end by events, not by waiting. */
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const started: ProcessIdentity[] = [];
const make = () => createDaemons({ clock, pollMs: 20 });

async function until(condition: () => boolean, what: string) {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not reached within 5 s: ${what}`);
    await Bun.sleep(5);
  }
}

const exitOf = (daemons: ReturnType<typeof make>, identity: ProcessIdentity) =>
  new Promise<DaemonExit>((resolve) => daemons.watch(identity, resolve));

afterEach(() => {
  const daemons = make();
  for (const identity of started.splice(0)) daemons.signal(identity, "SIGKILL");
});

async function start(
  daemons: ReturnType<typeof make>,
  argv: string[],
  extra: { env?: Record<string, string> } = {},
) {
  const logFile = join(diskFolder(), "services", "demo.log");
  const identity = await daemons.start({ argv, logFile, ...extra });
  started.push(identity);
  return { identity, logFile };
}

describe("starting", () => {
  test("a daemon leads its own session, writes to its log and inherits nothing", async () => {
    const daemons = make();
    const script =
      'import os,sys,time; print("out"); print("err", file=sys.stderr); print(sorted(os.environ)); sys.stdout.flush(); time.sleep(30)';
    const { identity, logFile } = await start(daemons, ["/usr/bin/python3", "-c", script], {
      env: { CORTEX_INTENT: "i1" },
    });
    const fields = readFileSync(`/proc/${identity.pid}/stat`, "utf8").split(" ");
    expect([Number(fields[4]), Number(fields[5])]).toEqual([identity.pid, identity.pid]);
    await until(() => readFileSync(logFile, "utf8").includes("PATH"), "output in the log");
    const log = readFileSync(logFile, "utf8");
    expect(log).toContain("err");
    expect(log).toContain("['CORTEX_INTENT', 'LANG', 'PATH']");
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
    expect(readlinkSync(`/proc/${identity.pid}/cwd`)).toBe("/");
    expect(readdirSync(`/proc/${identity.pid}/fd`)).toEqual(["0", "1", "2"]);
    expect(identity.exe).toBe(readlinkSync(`/proc/${identity.pid}/exe`));
    expect(daemons.alive(identity)).toBe(true);
  });

  test("a program that is absent or not named by its absolute path is refused by name", async () => {
    const daemons = make();
    const logFile = join(diskFolder(), "x.log");
    const code = (argv: string[]) =>
      daemons.start({ argv, logFile }).then(
        () => "started",
        (error) => error.code,
      );
    expect(await code(["/nonexistent/program"])).toBe("daemon.spawn_failed");
    expect(await code(["sleep", "1"])).toBe("daemon.spawn_failed");
    expect(await code([])).toBe("daemon.spawn_failed");
  });

  test("a program that ends at once is reported with its exit code, also to a late watcher", async () => {
    const daemons = make();
    const { identity } = await start(daemons, ["/usr/bin/python3", "-c", "raise SystemExit(7)"]);
    expect((await exitOf(daemons, identity)).exitCode).toBe(7);
    expect((await exitOf(daemons, identity)).exitCode).toBe(7);
    expect(daemons.alive(identity)).toBe(false);
  });

  test("a wrapper that replaces itself by another program stays the same process", async () => {
    const daemons = make();
    const { identity } = await start(daemons, ["/usr/bin/env", "/usr/bin/sleep", "30"]);
    await until(() => readlinkSync(`/proc/${identity.pid}/exe`).endsWith("sleep"), "exec of sleep");
    expect(daemons.alive(identity)).toBe(true);
    expect(daemons.signal(identity, "SIGTERM")).toBe(true);
    expect((await exitOf(daemons, identity)).signal).toBe("SIGTERM");
  });
});

describe("identity", () => {
  test("T45 the same pid with another start time, boot or program is a stranger and is never signalled", async () => {
    const daemons = make();
    const { identity } = await start(daemons, ["/usr/bin/sleep", "30"]);
    const other = make();
    expect(other.alive(identity)).toBe(true);
    for (const stranger of [
      { ...identity, startTicks: identity.startTicks + 1 },
      { ...identity, bootId: "another-boot" },
      { ...identity, exe: "/usr/bin/other" },
    ]) {
      expect(other.alive(stranger)).toBe(false);
      expect(other.signal(stranger, "SIGKILL")).toBe(false);
    }
    expect(other.alive({ ...identity, exe: `${identity.exe} (deleted)` })).toBe(true);
    expect(daemons.alive(identity)).toBe(true);
  });

  test("T45 init and pid 0 are never signalled", () => {
    const stat = parseProcessStat(readFileSync("/proc/1/stat", "utf8"))!;
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const daemons = make();
    expect(daemons.signal({ pid: 1, startTicks: stat.startTicks, bootId, exe: "" }, "SIGHUP")).toBe(false);
    expect(daemons.signal({ pid: 0, startTicks: 0, bootId, exe: "" }, "SIGHUP")).toBe(false);
  });

  test("a process name with blanks and brackets does not shift the fields", () => {
    const tail = "1 77 88 0 -1 4194304 20 0 1 0 0 0 0 0 20 0 1 0 105438 2453504";
    expect(parseProcessStat(`42 (a) S (b) c) R ${tail}`)).toEqual({
      state: "R",
      pgrp: 77,
      session: 88,
      startTicks: 105438,
    });
    expect(parseProcessStat("42 (short) R 1 2")).toBeNull();
  });

  test("a zombie counts as dead", async () => {
    const daemons = make();
    // The parent never waits for its child, so the child stays a zombie while the parent lives.
    const script =
      "import subprocess,time; p=subprocess.Popen(['/bin/true']); print(p.pid, flush=True); time.sleep(30)";
    const { logFile } = await start(daemons, ["/usr/bin/python3", "-c", script]);
    await until(() => readFileSync(logFile, "utf8").endsWith("\n"), "pid of the zombie");
    const pid = Number(readFileSync(logFile, "utf8"));
    await until(() => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "), "zombie");
    const stat = parseProcessStat(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    expect(daemons.alive({ pid, startTicks: stat.startTicks, bootId, exe: "" })).toBe(false);
  });
});

describe("watching and signalling", () => {
  test("the end of an adopted process is seen, once", async () => {
    const daemons = make();
    const { identity } = await start(daemons, ["/usr/bin/sleep", "30"]);
    const adopter = make();
    const exits: DaemonExit[] = [];
    adopter.watch(identity, (exit) => exits.push(exit));
    adopter.watch(identity, () => exits.push({ identity, exitCode: -1, signal: null }))();
    daemons.signal(identity, "SIGKILL");
    await until(() => exits.length > 0, "exit of the adopted process");
    expect(exits).toEqual([{ identity, exitCode: null, signal: null, lastLine: "" }]);
  });

  test("a signal reaches the whole group, also when only members are left of it", async () => {
    const daemons = make();
    const mark = crypto.randomUUID();
    const script =
      "import subprocess,time; p=subprocess.Popen(['/usr/bin/sleep','60']); print(p.pid, flush=True); time.sleep(60)";
    const { identity, logFile } = await start(daemons, ["/usr/bin/python3", "-c", script], {
      env: { CORTEX_SERVICE: mark },
    });
    await until(() => readFileSync(logFile, "utf8").endsWith("\n"), "pid of the member");
    const member = Number(readFileSync(logFile, "utf8"));
    process.kill(identity.pid, "SIGKILL");
    await exitOf(daemons, identity);
    expect(daemons.signal(identity, "SIGTERM")).toBe(false);
    const left = daemons.findByEnv("CORTEX_SERVICE", mark);
    expect(left.map((found) => found.pid)).toEqual([member]);
    expect(daemons.signal(left[0]!, "SIGTERM")).toBe(true);
    await exitOf(daemons, left[0]!);
  });

  test("what a start left behind is found by its environment", async () => {
    const daemons = make();
    // Another run of these tests on this host has processes of its own.
    const intent = crypto.randomUUID();
    const { identity } = await start(daemons, ["/usr/bin/sleep", "30"], { env: { CORTEX_INTENT: intent } });
    expect(daemons.findByEnv("CORTEX_INTENT", intent)).toEqual([identity]);
    expect(daemons.findByEnv("CORTEX_INTENT", intent.slice(0, -1))).toEqual([]);
  });
});

describe("output", () => {
  test("a log beyond its limit keeps the newest part as FILE.1 while the process writes on", async () => {
    const daemons = createDaemons({ clock, pollMs: 20, logCheckMs: 20 });
    const script = [
      "import time",
      "for i in range(400): print('line %04d' % i, flush=True)",
      "time.sleep(0.2)",
      "print('after', flush=True)",
      "time.sleep(30)",
    ].join("\n");
    const { identity, logFile } = await start(daemons, ["/usr/bin/python3", "-c", script]);
    await until(() => readFileSync(logFile, "utf8").includes("line 0399"), "all lines");
    const stop = daemons.watch(identity, () => {}, { file: logFile, maxBytes: 1000 });
    await until(() => existsSync(`${logFile}.1`), "rotation");
    await until(() => readFileSync(logFile, "utf8") === "after\n", "output after the rotation");
    const older = readFileSync(`${logFile}.1`, "utf8");
    expect(older.length).toBe(1000);
    expect(older.endsWith("line 0399\n")).toBe(true);
    expect(statSync(`${logFile}.1`).mode & 0o777).toBe(0o600);
    stop();
  });

  test("the last line goes with the exit", async () => {
    const daemons = make();
    const { identity } = await start(daemons, [
      "/usr/bin/python3",
      "-c",
      "import sys; sys.exit('cannot bind\\t8099\\n\\n')",
    ]);
    expect(await exitOf(daemons, identity)).toMatchObject({ exitCode: 1, lastLine: "cannot bind 8099" });
  });

  test("what another process said before it is not its last line", async () => {
    const daemons = make();
    const first = await start(daemons, ["/bin/echo", "served well"]);
    expect(await exitOf(daemons, first.identity)).toMatchObject({ lastLine: "served well" });
    const silent = await daemons.start({ argv: ["/bin/false"], logFile: first.logFile });
    expect(await exitOf(daemons, silent)).toMatchObject({ exitCode: 1, lastLine: "" });
  });
});

describe("the parent's end", () => {
  const launcher = `
    import { createDaemons } from ${JSON.stringify(join(import.meta.dir, "daemons.ts"))};
    const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {}, after: () => () => {} };
    const identity = await createDaemons({ clock }).start({ argv: ["/usr/bin/sleep", "60"], logFile: process.argv[2] });
    console.log(JSON.stringify(identity));
    if (process.argv[3] === "stay") await new Promise((resolve) => setTimeout(resolve, 60_000));
  `;

  for (const end of ["exit", "SIGTERM", "SIGKILL"] as const) {
    test(`a daemon survives it: ${end}`, async () => {
      const path = diskFolder();
      const script = join(path, "launcher.ts");
      writeFileSync(script, launcher);
      writeFileSync(
        join(path, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { paths: { cortex: [join(import.meta.dir, "../../sdk/index.ts")] } },
        }),
      );
      const parent = Bun.spawn(
        [process.execPath, script, join(path, "demo.log"), end === "exit" ? "go" : "stay"],
        {
          cwd: join(import.meta.dir, "../../.."),
          stdout: "pipe",
          stderr: "inherit",
        },
      );
      const reader = parent.stdout.getReader();
      const { value } = await reader.read();
      const identity = JSON.parse(new TextDecoder().decode(value)) as ProcessIdentity;
      started.push(identity);
      if (end !== "exit") parent.kill(end);
      await parent.exited;
      expect(make().alive(identity)).toBe(true);
      expect(existsSync(`/proc/${identity.pid}`)).toBe(true);
    });
  }
});
