import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Repair, Result, Status } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createFakeDaemons, createFakeNet, createFakeStore } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import service from "./index.ts";

const config = { start: ["/usr/bin/demo", "--port", "8099"], port: 8099, reload_signal: "SIGHUP" };
const OWNER = "process:demo";

/** A host where the program exists; more files by path. */
function hostRoot(files: Record<string, string> = {}): string {
  const root = testFolder();
  for (const [path, text] of Object.entries({ "/usr/bin/demo": "", ...files })) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const HEADER = "  sl  local_address rem_address   st\n";
const listening = (inode: number) =>
  `${HEADER}   0: 0100007F:1FA3 00000000:0000 0A 0:0 00:0 0 0 0 ${inode} 1\n`;
const stat = (pid: number, session: number, parent = 1) =>
  `${pid} (p${pid}) S ${parent} ${session} ${session} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${pid * 10} 0\n`;

/** Files and links of a host on which `pid` holds the port. */
function holder(pid: number, session: number): Record<string, string> {
  return {
    "/proc/net/tcp": listening(71),
    [`/proc/${pid}/stat`]: stat(pid, session),
    "/.links.json": JSON.stringify({ [`/proc/${pid}/fd/3`]: "socket:[71]" }),
  };
}

function setUp(
  options: {
    files?: Record<string, string>;
    config?: object;
    open?: boolean;
    inFlight?: string[];
    daemons?: ReturnType<typeof createFakeDaemons>;
    store?: ReturnType<typeof createFakeStore>;
    inspect?: boolean;
  } = {},
) {
  const clock = createTestClock();
  const daemons = options.daemons ?? createFakeDaemons();
  const root = hostRoot(options.files);
  const ctx = createTestContext({
    plugin: service,
    instance: "demo",
    root,
    clock,
    daemons,
    store: options.store,
    net: createFakeNet(options.open === false ? {} : { connect: { "127.0.0.1:8099": 1 } }),
    paths: { services: options.inspect ? null : "/data/services" },
    inFlight: options.inFlight,
    exec: { installed: [] },
  });
  const hooks = service.setup(ctx, service.config.parse(options.config ?? config));
  const check = async (previous?: Status): Promise<Result> =>
    (await runCheck(hooks.checks![0]!, ctx, previous ? { previous: { demo: previous } } : {}))[0] as Result;
  const repair = (name: string): Repair => hooks.repairs!.find((entry) => entry.name === name)!;
  const act = async (name: string) => {
    const params = await repair(name).resolve(problem("service.down"), createTestRun(ctx));
    const plan = await repair(name).plan(params, createTestRun(ctx));
    return repair(name).apply(params ?? { id: "demo" }, plan, createTestRun(ctx));
  };
  return {
    ctx,
    hooks,
    check,
    repair,
    act,
    daemons,
    clock,
    root,
    write: (path: string, text: string) => hostWrite(root, path, text),
  };
}

function hostWrite(root: string, path: string, text: string) {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

const problem = (type: string, target = "demo", owner = OWNER) =>
  createTestProblem({ type, target, owner, check: "service" });

pluginContract(service, config);
checkContract(service, config, { instance: "demo" });
goldenCases(service, import.meta.dir);
repairContract(service, {
  config,
  cases: [
    {
      repair: "service.start",
      problem: problem("service.down"),
      context: () => ({ instance: "demo", root: hostRoot() }),
    },
    {
      repair: "service.restart",
      problem: problem("service.unhealthy"),
      context: () => ({ instance: "demo", root: hostRoot() }),
    },
    {
      repair: "service.restart",
      problem: problem("http.probe", "http://127.0.0.1:8099/"),
      context: () => ({ instance: "demo", root: hostRoot() }),
    },
    {
      repair: "service.reload",
      problem: problem("http.probe", "http://127.0.0.1:8099/"),
      context: () => {
        const daemons = createFakeDaemons();
        const identity = { pid: 9, startTicks: 90, bootId: "boot-test", exe: "/usr/bin/demo" };
        daemons.adopt(identity);
        const running = { identity, intent: null, argv: config.start };
        return {
          instance: "demo",
          root: hostRoot(),
          daemons,
          store: createFakeStore({ process: { running, starting: null, ended: null, reloadedAt: null } }),
        };
      },
    },
  ],
});

describe("at start-up", () => {
  test("a declared service that does not run is started, and the ledger has a note of it", async () => {
    const { hooks, daemons, ctx } = setUp({ open: false });
    await hooks.start!();
    expect(daemons.started).toHaveLength(1);
    const { spec } = daemons.started[0]!;
    expect(spec.argv).toEqual(config.start);
    expect(spec.env).toEqual({ CORTEX_SERVICE: "/data/services/demo" });
    expect(spec.logFile).toBe("/data/services/demo.log");
    expect(ctx.notes.map((note) => note.summary)).toEqual([
      "started demo as process 1001: it is declared and was not running",
    ]);
  });

  test("its identity is stored before it counts as started", async () => {
    const store = createFakeStore();
    const daemons = createFakeDaemons();
    const start = daemons.start;
    let before: unknown;
    daemons.start = async (spec) => {
      before = store.get("process");
      return start(spec);
    };
    const { hooks } = setUp({ open: false, store, daemons });
    await hooks.start!();
    expect(before).toMatchObject({ starting: { intent: null } });
    expect(store.get("process")).toMatchObject({ starting: null, running: { identity: { pid: 1001 } } });
  });

  test("one that runs since an earlier life of Cortex is adopted, and its end is heard", async () => {
    const daemons = createFakeDaemons();
    const store = createFakeStore();
    const first = setUp({ open: false, store, daemons });
    await first.hooks.start!();
    await first.hooks.stop!();
    const second = setUp({ open: false, store, daemons });
    await second.hooks.start!();
    expect(daemons.started).toHaveLength(1);
    expect(second.ctx.notes).toEqual([]);
    daemons.exit(1001, 1);
    expect(second.ctx.wakes).toEqual(["service"]);
  });

  test("one that ended while Cortex was away, with an intent for it in flight, has ended for certain", async () => {
    const daemons = createFakeDaemons();
    const store = createFakeStore();
    const first = setUp({ open: false, store, daemons });
    await first.hooks.start!();
    await first.hooks.stop!();
    daemons.exit(1001, 1);
    const second = setUp({ open: false, store, daemons, inFlight: [OWNER] });
    await second.hooks.start!();
    expect(daemons.started).toHaveLength(1);
    expect(await second.check()).toMatchObject({ status: "critical", certain: true });
  });

  test("nothing is started while an intent for it is in flight, nor by inspect", async () => {
    for (const options of [{ inFlight: [OWNER] }, { inspect: true }]) {
      const { hooks, daemons } = setUp({ open: false, ...options });
      await hooks.start?.();
      expect(daemons.started).toEqual([]);
    }
  });

  test("nothing is started while a stranger holds the port", async () => {
    const { hooks, daemons, check } = setUp({ files: holder(500, 500) });
    await hooks.start!();
    expect(daemons.started).toEqual([]);
    expect(await check()).toMatchObject({ status: "critical", type: "service.port_taken", owner: OWNER });
  });

  test("what an interrupted start left behind is taken over by its intent", async () => {
    const daemons = createFakeDaemons();
    const identity = { pid: 77, startTicks: 770, bootId: "boot-test", exe: "/usr/bin/demo" };
    daemons.adopt(identity, { CORTEX_INTENT: "intent-1", CORTEX_SERVICE: "/data/services/demo" });
    const store = createFakeStore({
      process: { starting: { intent: "intent-1" }, running: null, ended: null, reloadedAt: null },
    });
    const { hooks, ctx, repair } = setUp({ daemons, store, inFlight: [OWNER] });
    expect(await repair("service.start").probe!({ id: "demo" }, createTestRun(ctx))).toBe("done");
    await hooks.start!();
    expect(daemons.started).toEqual([]);
    expect(store.get("process")).toMatchObject({ starting: null, running: { identity, intent: "intent-1" } });
  });

  test("one that was started after what the store knows is adopted, where its command is the declared one", async () => {
    const identity = { pid: 77, startTicks: 770, bootId: "boot-test", exe: "/usr/bin/demo" };
    const known = {
      running: { identity: { ...identity, pid: 5, startTicks: 50 }, intent: null, argv: config.start },
      starting: null,
      ended: null,
      reloadedAt: null,
    };
    const adoptedWith = async (argv: string[]) => {
      const daemons = createFakeDaemons();
      daemons.adopt(identity, { CORTEX_SERVICE: "/data/services/demo" });
      const files = { "/proc/77/stat": stat(77, 77), "/proc/77/cmdline": `${argv.join("\0")}\0` };
      const { hooks, ctx } = setUp({
        daemons,
        files,
        open: false,
        store: createFakeStore({ process: known }),
      });
      await hooks.start!();
      expect(daemons.started).toHaveLength(ctx.notes.length);
      return ctx.notes.length === 0;
    };
    expect(await adoptedWith(config.start)).toBe(true);
    expect(await adoptedWith(["/bin/sh", ...config.start])).toBe(true);
    // A daemon that the service itself had started carries its mark, too.
    expect(await adoptedWith(["/usr/bin/other", "--port", "8099"])).toBe(false);
  });

  test("one that hides its environment is taken over by its output", async () => {
    const daemons = createFakeDaemons();
    daemons.adopt({ pid: 77, startTicks: 770, bootId: "boot-test", exe: "/usr/sbin/nginx" });
    const links = { "/proc/77/fd/1": "/data/services/demo.log", "/proc/77/exe": "/usr/sbin/nginx" };
    const files = { "/proc/77/stat": stat(77, 77), "/.links.json": JSON.stringify(links) };
    const { hooks, ctx } = setUp({ daemons, files });
    await hooks.start!();
    expect(daemons.started).toEqual([]);
    expect(ctx.store.get("process")).toMatchObject({
      running: { identity: { pid: 77, exe: "/usr/sbin/nginx" } },
    });
  });
});

describe("the check", () => {
  test("a running process that holds its port is ok", async () => {
    const daemons = createFakeDaemons();
    const identity = { pid: 9, startTicks: 90, bootId: "boot-test", exe: "/usr/bin/demo" };
    daemons.adopt(identity);
    const process = {
      running: { identity, intent: null, argv: config.start },
      starting: null,
      ended: null,
      reloadedAt: null,
    };
    const { check } = setUp({ daemons, store: createFakeStore({ process }), files: holder(12, 9) });
    expect(await check()).toMatchObject({
      status: "ok",
      owner: OWNER,
      summary: "demo runs as process 9 since 59m59s, listens on 127.0.0.1:8099",
      metrics: { "service.uptime_seconds": 3599.1 },
    });
  });

  test("an exit is certain, tells code and last words, and asks for a look at once", async () => {
    const { hooks, check, daemons, ctx } = setUp({ open: false });
    await hooks.start!();
    ctx.wakes.length = 0;
    daemons.exit(1001, 1);
    expect(ctx.wakes).toEqual(["service"]);
    expect(await check()).toMatchObject({
      status: "critical",
      certain: true,
      summary: "demo is not running: exited with code 1 after 0ms",
    });
  });

  test("the last line of a log is a detail of an end, and stands in no headline", async () => {
    const daemons = createFakeDaemons();
    const { watch } = daemons;
    daemons.watch = (identity, onExit) =>
      watch(identity, (exit) => onExit({ ...exit, lastLine: '127.0.0.1 - - "GET / HTTP/1.1" 200 -' }));
    const { hooks, check } = setUp({ open: false, daemons });
    await hooks.start!();
    daemons.exit(1001, 1);
    expect(await check()).toMatchObject({
      summary: "demo is not running: exited with code 1 after 0ms",
      detail: 'last line of its log: 127.0.0.1 - - "GET / HTTP/1.1" 200 -',
    });
  });

  test("a young process without its port is starting, an older one is not well", async () => {
    const daemons = createFakeDaemons();
    const identity = { pid: 9, startTicks: 360_000 - 500, bootId: "boot-test", exe: "/usr/bin/demo" };
    daemons.adopt(identity);
    const process = {
      running: { identity, intent: null, argv: config.start },
      starting: null,
      ended: null,
      reloadedAt: null,
    };
    const { check, clock } = setUp({ open: false, daemons, store: createFakeStore({ process }) });
    const summary = "demo runs as process 9, starting: 127.0.0.1:8099 does not answer yet";
    expect(await check()).toMatchObject({ status: "ok", summary });
    // What was bad, or not known, stays so until the port answers: starting ends no problem.
    expect(await check("critical")).toMatchObject({ status: "critical", summary });
    expect(await check("unknown")).toMatchObject({ status: "unknown", summary });
    await clock.advance(10_000);
    expect(await check()).toMatchObject({ status: "critical", type: "service.unhealthy" });
  });

  test("workers whose leader was killed are no strangers", async () => {
    const daemons = createFakeDaemons();
    const identity = { pid: 9, startTicks: 90, bootId: "boot-test", exe: "/usr/bin/demo" };
    const process = {
      running: { identity, intent: null, argv: config.start },
      starting: null,
      ended: null,
      reloadedAt: null,
    };
    const store = createFakeStore({ process });
    const { check, act, daemons: fake } = setUp({ daemons, store, files: holder(12, 9) });
    const result = await check();
    expect(result.type).toBeUndefined();
    expect(result.summary).toContain("still held by a process it left behind");
    fake.adopt({ pid: 12, startTicks: 120, bootId: "boot-test", exe: "" });
    expect(await act("service.start")).toMatchObject({ ok: true });
    expect(fake.signals).toEqual([{ pid: 12, signal: "SIGTERM" }]);
  });

  test("a port that the kernel has not closed yet is held by nobody, one that stays is", async () => {
    const ended = {
      at: createTestClock().now(),
      exitCode: null,
      signal: "SIGKILL",
      lastLine: "",
      ranMs: 5000,
    };
    const store = createFakeStore({ process: { running: null, starting: null, ended, reloadedAt: null } });
    const { check, clock } = setUp({ store, files: { "/proc/net/tcp": listening(71) } });
    const first = await check();
    expect(first.type).toBeUndefined();
    expect(first.summary).toContain("was ended by SIGKILL");
    await clock.advance(1000);
    expect(await check()).toMatchObject({ type: "service.port_taken" });
  });

  test("a port held by another process is said with its name", async () => {
    const { check } = setUp({ files: holder(500, 500) });
    expect(await check()).toMatchObject({
      type: "service.port_taken",
      summary:
        "demo is not running, and 127.0.0.1:8099 is held by process 500 (p500), which is not this service",
    });
  });
});

describe("repairs", () => {
  test("start waits until the port answers and marks the process with the intent", async () => {
    const { act, daemons, ctx } = setUp();
    expect(await act("service.start")).toMatchObject({ ok: true, summary: "demo runs as process 1001" });
    expect(daemons.started[0]!.spec.env).toMatchObject({ CORTEX_INTENT: "intent-1" });
    expect(ctx.store.get("process")).toMatchObject({ running: { intent: "intent-1" } });
  });

  test("a program that dies at once fails the start with its last words", async () => {
    const daemons = createFakeDaemons();
    const watch = daemons.watch;
    daemons.watch = (identity, onExit) =>
      watch(identity, (exit) => onExit({ ...exit, lastLine: "bind: address already in use" }));
    const { act, clock, ctx } = setUp({ open: false, daemons });
    const outcome = act("service.start");
    await clock.advance(30);
    daemons.exit(1001, 98);
    await clock.advance(1000);
    expect(await outcome).toMatchObject({
      ok: false,
      summary: "demo exited with code 98 after 30ms: bind: address already in use",
    });
    expect(ctx.wakes).toEqual(["service"]);
  });

  test("a port that never opens fails the start in the time that was given, and the process stays", async () => {
    const { act, clock, daemons } = setUp({ open: false });
    const outcome = act("service.start");
    await clock.advance(11_000);
    expect(await outcome).toMatchObject({
      ok: false,
      summary: expect.stringContaining("accepts no connection after 10s"),
    });
    expect(daemons.alive(daemons.started[0]!.identity)).toBe(true);
  });

  test("start is refused while it runs, while the program is absent, and while a stranger holds the port", async () => {
    const failing = async (given: ReturnType<typeof setUp>) =>
      (await given.repair("service.start").preconditions!({ id: "demo" }, createTestRun(given.ctx)))
        .filter((one) => !one.ok)
        .map((one) => one.name);
    const running = setUp({ open: false });
    await running.hooks.start!();
    expect(await failing(running)).toEqual(["not running"]);
    const absent = setUp({ open: false });
    rmSync(join(absent.root, "usr"), { recursive: true });
    expect(await failing(absent)).toEqual(["program exists"]);
    expect(await failing(setUp({ files: holder(500, 500) }))).toEqual(["port is not held by a stranger"]);
    expect(await failing(setUp({ open: false }))).toEqual([]);
  });

  test("restart asks first, kills once, and wakes nobody by the end that it causes", async () => {
    const daemons = createFakeDaemons({ diesOn: ["SIGKILL"] });
    const { hooks, act, clock, ctx, check } = setUp({ daemons });
    await hooks.start!();
    ctx.wakes.length = 0;
    const outcome = act("service.restart");
    await clock.advance(5000);
    expect(await check("critical")).toMatchObject({ status: "critical", summary: "demo is being restarted" });
    await clock.advance(6000);
    expect(await outcome).toMatchObject({ ok: true, summary: "demo runs as process 1002" });
    expect(daemons.signals.map(({ signal }) => signal)).toEqual(["SIGTERM", "SIGKILL"]);
    expect(ctx.wakes).toEqual([]);
  });

  test("another instance's service is not resolved", async () => {
    const { repair, ctx } = setUp();
    for (const name of ["service.start", "service.restart", "service.reload"])
      expect(
        await repair(name).resolve(problem("service.down", "other", "process:other"), createTestRun(ctx)),
      ).toBeNull();
  });

  test("reload signals the process alone, and is offered once per problem", async () => {
    const { hooks, repair, act, ctx, daemons } = setUp();
    await hooks.start!();
    const ask = () =>
      repair("service.reload").resolve(problem("http.probe", "http://x/"), createTestRun(ctx));
    expect(await ask()).toEqual({ id: "demo" });
    expect(await act("service.reload")).toEqual({ ok: true, summary: "sent SIGHUP to process demo" });
    expect(daemons.signals.map(({ signal }) => signal)).toEqual(["SIGHUP"]);
    expect(await ask()).toBeNull();
  });

  test("without a reload signal there is no reload", async () => {
    const { hooks, repair, ctx } = setUp({ config: { ...config, reload_signal: undefined } });
    await hooks.start!();
    expect(await repair("service.reload").resolve(problem("http.probe"), createTestRun(ctx))).toBeNull();
  });

  test("after a crash nothing running means not done, another process is for a person to judge", async () => {
    const nothing = setUp({ open: false });
    const probe = (given: ReturnType<typeof setUp>, name: string) =>
      given.repair(name).probe!({ id: "demo" }, createTestRun(given.ctx));
    expect(await probe(nothing, "service.start")).toBe("not_done");
    const other = setUp({ open: false });
    await other.hooks.start!();
    expect(await probe(other, "service.start")).toBe("unknown");
    expect(await probe(other, "service.restart")).toBe("not_done");
  });
});

describe("when Cortex ends", () => {
  test("the service is kept, or stopped where the config says so", async () => {
    const kept = setUp({ open: false });
    await kept.hooks.start!();
    await kept.hooks.stop!();
    expect(kept.daemons.signals).toEqual([]);
    const stopped = setUp({ open: false, config: { ...config, on_stop: "stop" } });
    await stopped.hooks.start!();
    await stopped.hooks.stop!();
    expect(stopped.daemons.signals.map(({ signal }) => signal)).toEqual(["SIGTERM"]);
  });
});

describe("the config", () => {
  test("each manager needs its own fields", () => {
    const issues = (value: object) =>
      service.config.safeParse(value).error?.issues.map((issue) => issue.path.join(".")) ?? [];
    expect(issues({})).toEqual(["start"]);
    expect(issues({ start: ["python3"] })).toEqual(["start"]);
    expect(issues({ manager: "systemd" })).toEqual(["unit"]);
    expect(issues({ manager: "systemd", unit: "s*.service" })).toEqual(["unit"]);
    expect(issues({ manager: "systemd", unit: "a.service", start: ["/bin/true"] })).toEqual(["start"]);
    expect(issues({ start: ["/bin/true"], depends_on: ["mount:/data"] })).toEqual([]);
  });
});
