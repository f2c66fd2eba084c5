import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Precondition, Privileges, Repair } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeExec, type FakeCommands } from "../../core/testing/fake-exec.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { UNIT_NAME } from "../common/systemd-unit.ts";
import { GUARD_PROPERTIES, guardUnit, type UnitState } from "./guard.ts";
import systemd from "./index.ts";

const root = testFolder();
mkdirSync(join(root, "run/systemd/system"), { recursive: true });

const showKey = (...units: string[]) =>
  `systemctl show --no-pager --property=${GUARD_PROPERTIES.join(",")} -- ${units.join(" ")}`;
const shown = (state: UnitState) => ({
  stdout: Object.entries(state)
    .map(([key, value]) => `${key}=${value}\n`)
    .join(""),
});
const UNIT = "nginx.service";
const active = {
  Id: UNIT,
  LoadState: "loaded",
  ActiveState: "active",
  SubState: "running",
  Type: "forking",
  CanReload: "yes",
  NRestarts: "0",
  InvocationID: "aa",
  Job: "0",
};
const failed = {
  ...active,
  ActiveState: "failed",
  SubState: "failed",
  Result: "exit-code",
  InvocationID: "",
};

/** With `privileges`, Cortex is not root. */
function setUp(commands: FakeCommands, config: object = {}, privileges?: Privileges) {
  const exec = createFakeExec(commands);
  const node = { isRoot: privileges === undefined };
  const ctx = createTestContext({ plugin: systemd, root, exec, node, ...(privileges ? { privileges } : {}) });
  const hooks = systemd.setup(ctx, systemd.config.parse(config));
  const repair = (name: string): Repair => hooks.repairs!.find((entry) => entry.name === name)!;
  return {
    ctx,
    hooks,
    exec,
    repair,
    run: createTestRun(ctx),
    lines: () => exec.calls.map((argv) => argv.join(" ")),
  };
}
const problem = (type: string, owner = `unit:${UNIT}`, target = "x") =>
  createTestProblem({ type, target, owner });
const offered = async (given: ReturnType<typeof setUp>, of: ReturnType<typeof problem>) => {
  const names: string[] = [];
  for (const repair of given.hooks.repairs!) if (await repair.resolve(of, given.run)) names.push(repair.name);
  return names;
};

repairContract(systemd, {
  cases: [
    {
      repair: "unit.start",
      problem: problem("unit.failed"),
      context: () => ({ root, exec: createFakeExec({ [showKey(UNIT)]: shown(failed) }) }),
    },
    {
      repair: "unit.start",
      problem: problem("service.down"),
      context: () => ({ root, exec: createFakeExec({ [showKey(UNIT)]: shown(failed) }) }),
    },
    {
      repair: "unit.restart",
      problem: problem("http.probe"),
      context: () => ({ root, exec: createFakeExec({ [showKey(UNIT)]: shown(active) }) }),
    },
    {
      repair: "unit.reload",
      problem: problem("http.probe"),
      context: () => ({ root, exec: createFakeExec({ [showKey(UNIT)]: shown(active) }) }),
    },
    {
      repair: "mount.start",
      problem: {
        ...problem("mount.missing", "mount:/srv/data", "/srv/data"),
        result: {
          target: "/srv/data",
          status: "critical",
          summary: "gone",
          data: { unit: "srv-data.mount" },
        },
      },
      context: () => ({
        root,
        exec: createFakeExec({
          [showKey("srv-data.mount")]: shown({ ...failed, Id: "srv-data.mount", Type: "" }),
        }),
      }),
    },
  ],
});

describe("which repair is offered", () => {
  test("a unit that does not run is started, one that runs is reloaded and then restarted", async () => {
    expect(await offered(setUp({ [showKey(UNIT)]: shown(failed) }), problem("http.probe"))).toEqual([
      "unit.start",
    ]);
    const running = setUp({ [showKey(UNIT)]: shown(active) });
    expect(await offered(running, problem("http.probe"))).toEqual(["unit.restart", "unit.reload"]);
    running.ctx.store.set(`reloaded:${UNIT}`, running.ctx.clock.now());
    expect(await offered(running, problem("http.probe"))).toEqual(["unit.restart"]);
  });

  test("T44 none for names that are no single unit, whatever the owner says", async () => {
    const given = setUp({});
    for (const name of [
      "s*.service",
      "[a-z]*.service",
      "-H x",
      "--host=x",
      "nginx.service;id",
      "a\nb.service",
      "../x.service",
      "nginx",
      "%i.service",
      "nginx.service --now",
      "",
      `${"a".repeat(300)}.service`,
    ])
      expect(await offered(given, problem("unit.failed", `unit:${name}`))).toEqual([]);
    expect(given.lines()).toEqual([]);
    for (const good of ["nginx.service", "getty@tty1.service", "dev-disk-by\\x2dlabel-x.mount", "a:b.timer"])
      expect(good).toMatch(UNIT_NAME);
  });

  test("a missed job is made up for only when it is listed as idempotent", async () => {
    const missed = problem("timer.missed", "unit:backup.service");
    const commands = {
      [showKey("backup.service")]: shown({
        ...failed,
        Id: "backup.service",
        Type: "oneshot",
        ActiveState: "inactive",
      }),
    };
    expect(await offered(setUp(commands), missed)).toEqual([]);
    expect(await offered(setUp(commands, { idempotent: ["backup.service"] }), missed)).toEqual([
      "unit.start",
    ]);
  });
});

describe("the guard", () => {
  const options = {
    protect: ["mine*"],
    idempotent: [],
    crashLoopRestarts: 5,
    uptimeMs: 3_600_000,
    patroniActive: false,
  };
  const broken = (
    unit: string,
    state: UnitState,
    verb: "start" | "restart" | "reload" = "start",
    more: object = {},
  ) =>
    guardUnit(unit, state, verb, { ...options, ...more })
      .filter((rule: Precondition) => !rule.ok)
      .map((rule) => rule.name);

  test("lets an ordinary failed unit pass", () => {
    expect(broken(UNIT, failed)).toEqual([]);
    expect(broken("sshguard-exporter.service", failed)).toEqual([]);
  });

  test("refuses what is masked, unknown, protected, managed by a cluster or already in work", () => {
    expect(broken(UNIT, { ...failed, LoadState: "masked", UnitFileState: "masked" })).toEqual([
      "unit is loaded",
      "unit is not masked",
    ]);
    expect(broken(UNIT, { ...failed, LoadState: "not-found" })).toEqual(["unit is loaded"]);
    expect(broken(UNIT, {})).toEqual(["unit is loaded"]);
    for (const unit of [
      "ssh.service",
      "sshd.socket",
      "ssh@1.service",
      "systemd-journald.service",
      "dbus.service",
      "cortex.service",
      "cortex-agent.service",
      "nftables.service",
      "mine-x.service",
    ])
      expect(broken(unit, failed)).toEqual(["unit is not protected"]);
    for (const unit of ["pacemaker.service", "patroni.service", "drbd@r0.service"])
      expect(broken(unit, failed)).toEqual(["no cluster manages it"]);
    expect(
      broken(UNIT, { ...failed, DropInPaths: "/run/systemd/system/nginx.service.d/50-pacemaker.conf" }),
    ).toEqual(["no cluster manages it"]);
    expect(broken("postgresql@15-main.service", failed, "start", { patroniActive: true })).toEqual([
      "no cluster manages it",
    ]);
    expect(broken(UNIT, { ...failed, RefuseManualStart: "yes" })).toEqual(["start by hand is allowed"]);
    expect(broken(UNIT, { ...failed, Job: "812" })).toEqual(["no job is pending"]);
    expect(broken("import.service", { ...failed, Type: "oneshot" })).toEqual(["unit is no one-time job"]);
  });

  test("refuses a crash loop, but not restarts of long ago", () => {
    expect(broken(UNIT, { ...failed, Result: "start-limit-hit" })).toEqual(["unit is not crash-looping"]);
    expect(broken(UNIT, { ...failed, SubState: "auto-restart" })).toEqual(["unit is not crash-looping"]);
    expect(broken(UNIT, { ...failed, NRestarts: "5" })).toEqual(["unit is not crash-looping"]);
    const old = { ...active, NRestarts: "7", ActiveEnterTimestampMonotonic: "60000000" };
    expect(broken(UNIT, old, "restart")).toEqual([]);
    expect(broken(UNIT, { ...old, ActiveEnterTimestampMonotonic: "3500000000" }, "restart")).toEqual([
      "unit is not crash-looping",
    ]);
  });
});

describe("acting", () => {
  const params = { unit: UNIT };
  const plan = { summary: "", changes: [] };

  test("T43 a failed unit is reset and started, always by its exact name after --", async () => {
    const given = setUp({
      [showKey(UNIT)]: [shown(failed), shown({ ...active, NRestarts: "0" })],
      [`systemctl reset-failed -- ${UNIT}`]: {},
      [`systemctl start --no-ask-password -- ${UNIT}`]: { durationMs: 80 },
    });
    expect(await given.repair("unit.start").apply(params, plan, given.run)).toMatchObject({
      ok: true,
      summary: "nginx.service: start done, now active",
    });
    expect(await given.repair("unit.start").verify!(params, plan, given.run)).toMatchObject({ ok: true });
    expect(await given.repair("unit.start").probe!(params, given.run)).toBe("done");
  });

  test("what systemctl refuses is said in its words, with the next step", async () => {
    const given = setUp({
      [showKey(UNIT)]: shown({ ...failed, ActiveState: "inactive" }),
      [`systemctl start --no-ask-password -- ${UNIT}`]: {
        exitCode: 1,
        stderr: "Failed to start nginx.service: Access denied\nSee system logs\n",
      },
    });
    expect(await given.repair("unit.start").apply(params, plan, given.run)).toMatchObject({
      ok: false,
      summary:
        'systemctl start nginx.service failed: Failed to start nginx.service: Access denied; look at "journalctl -u nginx.service"',
    });
  });

  test("T41 without root, a unit that was not granted is left alone, and the reason says what to run", async () => {
    const missing = "needs a polkit rule for nginx.service (start); run: sudo cortex privileges install";
    const given = setUp(
      { [showKey(UNIT)]: shown(failed) },
      {},
      {
        unit: () => missing,
        helper: () => null,
        missing: () => [missing],
        chore: () => ({ by: "nobody", missing }),
      },
    );
    const start = given.repair("unit.start");
    expect(await start.preconditions!(params, given.run)).toContainEqual({
      name: "has the right",
      ok: false,
      detail: missing,
    });
    expect(start.needs!()).toEqual([missing]);
  });

  test("T41 without root, a granted unit is started by its exact name and nothing else is asked for", async () => {
    const given = setUp(
      { [showKey(UNIT)]: shown(failed), [`systemctl start --no-ask-password -- ${UNIT}`]: {} },
      {},
      {
        unit: () => null,
        helper: () => null,
        missing: () => [],
        chore: () => ({ by: "nobody", missing: "" }),
      },
    );
    await given.repair("unit.start").apply(params, plan, given.run);
    expect(given.lines().filter((line) => !line.startsWith("systemctl show"))).toEqual([
      `systemctl start --no-ask-password -- ${UNIT}`,
    ]);
  });

  test("T41 what the privileged helper does is asked of it, with a decision where it wants one, and systemd hears nothing from here", async () => {
    const given = setUp(
      { [showKey(UNIT)]: shown(failed) },
      {},
      {
        unit: () => null,
        helper: () => "decided",
        missing: () => [],
        chore: () => ({ by: "nobody", missing: "" }),
      },
    );
    const start = given.repair("unit.start");
    const helper = () => Promise.resolve({ ok: true, summary: "done by the helper" });
    expect(await start.apply(params, plan, { ...given.run, helper })).toMatchObject({
      summary: "done by the helper",
    });
    expect(given.lines().filter((line) => !line.startsWith("systemctl show"))).toEqual([]);
    expect(start.asks!(params)).toContain("wants a signed approval");
  });

  test("the plan of a mount names its mount point, as the gate and the helper read it", async () => {
    const unit = "srv-my\\x20data.mount";
    const given = setUp({ [showKey(unit)]: shown({ ...failed, Id: unit }) });
    const made = await given.repair("mount.start").plan({ unit }, given.run);
    expect(made.effects).toEqual([{ kind: "mount", verb: "mount", path: "/srv/my data" }]);
  });

  test("a unit that systemd had to restart again is not verified", async () => {
    const given = setUp({ [showKey(UNIT)]: shown({ ...active, NRestarts: "1" }) });
    expect(await given.repair("unit.restart").verify!(params, plan, given.run)).toMatchObject({ ok: false });
  });

  test("an interrupted restart is judged by the invocation id", async () => {
    const probe = async (before: string | null, now: UnitState) => {
      const given = setUp({ [showKey(UNIT)]: shown(now) });
      if (before !== null) given.ctx.store.set("invocation:intent-1", before);
      return given.repair("unit.restart").probe!(params, given.run);
    };
    expect(await probe("aa", active)).toBe("not_done");
    expect(await probe("aa", { ...active, InvocationID: "bb" })).toBe("done");
    expect(await probe("aa", { ...failed, InvocationID: "bb" })).toBe("unknown");
    expect(await probe(null, active)).toBe("unknown");
  });

  test("the configuration is tested by the program that knows it, where it is installed", async () => {
    const bad = setUp({
      installed: ["nginx"],
      "nginx -t": {
        exitCode: 1,
        stderr: 'nginx: [warn] x\nnginx: [emerg] unknown directive "sevrer" in /etc/nginx/nginx.conf:3\n',
      },
    });
    expect(await bad.repair("unit.restart").configTest!(params, bad.run)).toEqual({
      ok: false,
      summary: 'nginx -t: nginx: [emerg] unknown directive "sevrer" in /etc/nginx/nginx.conf:3',
    });
    const absent = setUp({ installed: [] });
    expect(await absent.repair("unit.restart").configTest!(params, absent.run)).toBeNull();
    expect(await absent.repair("unit.restart").configTest!({ unit: "own.service" }, absent.run)).toBeNull();
  });
});

test("a unit that was failed goes on being reported until it is well, also by the next life", async () => {
  const list =
    "systemctl list-units --all --full --plain --no-legend --no-pager --type=service,timer,socket,mount,target";
  const details = "systemctl show --no-pager --property=Id,Result,ExecMainStatus,NRestarts -- nginx.service";
  const line = (state: string) => ({ stdout: `nginx.service loaded ${state} ${state} Web\n` });
  const first = setUp({ [list]: line("failed"), [details]: { stdout: "Id=nginx.service\nResult=signal\n" } });
  expect(await runCheck(first.hooks.checks![0]!, first.ctx)).toMatchObject([
    { target: "host" },
    { target: UNIT, status: "warning", summary: "nginx.service has failed: signal" },
  ]);
  const ctx = createTestContext({
    plugin: systemd,
    root,
    store: first.ctx.store,
    exec: createFakeExec({ [list]: line("active") }),
  });
  const hooks = systemd.setup(ctx, systemd.config.parse({}));
  expect(await runCheck(hooks.checks![0]!, ctx)).toMatchObject([
    { target: "host" },
    { target: UNIT, status: "ok" },
  ]);
});
