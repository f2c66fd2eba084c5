import { describe, expect, test } from "bun:test";
import type { PluginHooks, Repair, Result } from "cortex";
import { createAgentRig, demoHooks, type Rig, type World } from "../testing/agent-rig.ts";
import { createFaultyStore } from "../testing/faulty-store.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createTestClock } from "../testing/test-clock.ts";
import type { ReportBody } from "../wire/report.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The demo service with a repair that can be taken back, and what depends on it. */
function watchedHooks(world: World): PluginHooks {
  const hooks = demoHooks(world);
  const [repair] = hooks.repairs!;
  const undo: Repair["undo"] = async () => {
    world.acts.push("undo:demo");
    return { ok: world.undoFails !== true, summary: "stopped again" };
  };
  const result = (): Result => ({
    target: "site",
    status: world.status.site ?? "ok",
    summary: `site is ${world.status.site ?? "ok"}`,
    owner: "process:site",
    dependsOn: ["process:demo"],
    observe: world.observeSite === true,
  });
  return {
    checks: [
      ...hooks.checks!,
      { ...hooks.checks![0]!, name: "site", type: "site.down", confirmMs: 0, run: async () => [result()] },
    ],
    repairs: [{ ...repair!, undo }],
  };
}

async function repaired(rig: Rig): Promise<void> {
  rig.world.status.demo = "critical";
  await rig.start();
  await rig.clock.advance(80 * SECOND);
  expect(rig.steps()[0]?.at(-1)).toBe("verified");
}

const attemptsOf = (rig: Rig) => {
  const [problem] = rig.store.problems.find({}).filter((one) => one.check === "service");
  return rig.store.attempts.since(problem!.fingerprint, 0).map((one) => one.outcome);
};

describe("within the watch", () => {
  test("a repair whose target fails again is taken back before anything else is tried", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    await repaired(rig);
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.steps()[0]).toEqual([
      ...["proposed", "approved", "executing", "verifying", "verified", "failed", "undone"],
    ]);
    expect(rig.world.acts).toEqual(["apply:demo", "undo:demo"]);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo", "undo:demo", "apply:demo"]);
    await rig.stop();
  });

  test("one that made what depends on its target worse is taken back, and counts as a failed attempt", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    await repaired(rig);
    rig.world.status.site = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.steps()[0]?.slice(-2)).toEqual(["failed", "undone"]);
    expect(attemptsOf(rig)).toEqual(["failure"]);
    await rig.stop();
  });

  test("what is merely observed says nothing about the repair", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    rig.world.observeSite = true;
    await repaired(rig);
    rig.world.status.site = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("verified");
    await rig.stop();
  });

  test("nothing is taken back while repairs are switched off", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    await repaired(rig);
    await rig.command({ type: "switch", repairs: false, reason: "", actor: "local" });
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    expect(rig.steps()[0]?.at(-1)).toBe("failed");
    await rig.stop();
  });

  test("the watch is as long as it should be, whatever the wall clock does", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    await repaired(rig);
    rig.clock.jump(6 * 3_600_000);
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.steps()[0]?.slice(-2)).toEqual(["failed", "undone"]);
    await rig.stop();
  });
});

describe("a kill around an undo", () => {
  /** Killed while it is taken back, or before that is on disk. Returns the next life's rig. */
  async function killed(world: World, during: boolean, meanwhile = () => {}) {
    const clock = createTestClock();
    const store = createMemoryStore(clock);
    const life = createFaultyStore(store, clock);
    const hooks = (one: World) => {
      const scripted = watchedHooks(one);
      const [repair] = scripted.repairs!;
      const undo: Repair["undo"] = () => {
        one.acts.push("undo began");
        life.kill();
        return new Promise(() => {});
      };
      return { ...scripted, repairs: [{ ...repair!, undo }] };
    };
    const first = createAgentRig({ hooks, world, clock, store: life.store, agentClock: life.clock });
    await repaired(first);
    if (!during) {
      // The transaction that fails it is the last thing that happens.
      const move = store.intents.move.bind(store.intents);
      store.intents.move = (id, to, ...rest) => {
        const moved = move(id, to, ...rest);
        if (to === "failed") life.killAtNextWrite();
        return moved;
      };
    }
    world.status.demo = "critical";
    await clock.advance(10 * SECOND);
    expect(life.dead()).toBe(true);
    meanwhile();
    const next = createAgentRig({ hooks: watchedHooks, world, clock, store });
    await next.start();
    await clock.advance(SECOND);
    return next;
  }

  test("in its middle is not tried twice: a person is told", async () => {
    const world: World = { status: {}, acts: [] };
    const rig = await killed(world, true);
    expect(world.acts).toEqual(["apply:demo", "undo began"]);
    const [intent] = rig.store.intents.find({ kind: ["repair"], state: ["failed"] });
    expect(intent?.outcome.at(-1)).toMatchObject({ step: "undo", ok: false });
    expect(rig.store.ledger.read(0, 1000).map((one) => one.kind)).toContain("intent.undo_failed");
    await rig.stop();
  });

  test("before it begins does not keep it from being done", async () => {
    const world: World = { status: {}, acts: [] };
    const rig = await killed(world, false);
    expect(world.acts.slice(0, 2)).toEqual(["apply:demo", "undo:demo"]);
    await rig.stop();
  });

  test("before it begins takes nothing away from a target that somebody made well meanwhile", async () => {
    const world: World = { status: {}, acts: [] };
    const rig = await killed(world, false, () => {
      world.status.demo = "ok";
    });
    await rig.clock.advance(MINUTE);
    expect(world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });
});

describe("an undo", () => {
  test("that fails stands in the ledger and stops further attempts: a person is told", async () => {
    const rig = createAgentRig({ hooks: watchedHooks });
    rig.world.undoFails = true;
    await repaired(rig);
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo", "undo:demo"]);
    expect(rig.engine.stages.problems.open()[0]).toMatchObject({
      level: "L3",
      guards: { hold: "breaker_open" },
    });
    const kinds = rig.store.ledger.read(0, 1000).map((one) => one.kind);
    expect(kinds.indexOf("intent.undoing")).toBeLessThan(kinds.indexOf("intent.undo_failed"));
    await rig.stop();
  });

  test("of one problem is not overtaken by a repair of another problem of the same owner", async () => {
    let undoing = false;
    let overtaken = false;
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = watchedHooks(world);
        const [repair] = hooks.repairs!;
        const undo: Repair["undo"] = async () => {
          undoing = true;
          await rig.clock.sleep(30 * SECOND);
          undoing = false;
          return { ok: true, summary: "stopped" };
        };
        const apply: Repair["apply"] = async () => {
          overtaken ||= undoing;
          world.status.demo = "ok";
          return { ok: true, summary: "started" };
        };
        const port = { ...hooks.checks![0]!, name: "port" };
        return { checks: [...hooks.checks!, port], repairs: [{ ...repair!, undo, apply }] };
      },
    });
    await repaired(rig);
    rig.world.status.demo = "critical";
    await rig.clock.advance(2 * MINUTE);
    expect(overtaken).toBe(false);
    await rig.stop();
  });
});

describe("a bad result that is no problem yet", () => {
  test("is reported with since when and how long it has to last, and without once it is a problem", async () => {
    const slow = (world: World): PluginHooks => ({
      checks: [
        { ...demoHooks(world).checks![0]!, nature: "measured", confirmMs: 10 * MINUTE, ownGrace: true },
      ],
    });
    const rig = createAgentRig({ hooks: slow });
    await rig.start();
    rig.world.status.demo = "critical";
    const told = () =>
      rig.sent
        .filter(({ type }) => type === "report")
        .flatMap(({ body }) => (body as ReportBody).results)
        .findLast(({ target }) => target === "demo");
    await rig.clock.advance(5 * MINUTE);
    expect(told()).toMatchObject({ status: "critical", confirming: { seconds: 600 } });
    await rig.clock.advance(8 * MINUTE);
    expect(rig.engine.stages.problems.open()).toHaveLength(1);
    expect(told()?.confirming).toBeUndefined();
    rig.world.status.demo = "ok";
    await rig.clock.advance(2 * MINUTE);
    expect(told()).toMatchObject({ status: "ok" });
    expect(told()?.confirming).toBeUndefined();
    await rig.stop();
  });
});
