import { describe, expect, test } from "bun:test";
import type { PluginHooks, Repair } from "cortex";
import { createAgentRig, demoHooks, type Rig, SCRIPTED, type World } from "../testing/agent-rig.ts";
import { createFaultyStore } from "../testing/faulty-store.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createTestClock } from "../testing/test-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const changed = (change: (world: World) => Partial<Repair>) => (world: World) => {
  const hooks = demoHooks(world);
  const [repair] = hooks.repairs!;
  return { ...hooks, repairs: [{ ...repair!, ...change(world) }] };
};

const rows = (rig: Rig) =>
  rig.store.intents.find({ kind: ["repair"] }).map((one) => [one.attempt, one.state]);
const again = (rig: Rig, hooks: (world: World) => PluginHooks = demoHooks) =>
  createAgentRig({ hooks, store: rig.store, clock: rig.clock, world: rig.world });

/** An act that lasts until its program is stopped, as one whose command is killed with it. */
const cutOff = changed((world) => ({
  apply: (_params, _plan, run) =>
    new Promise((_, reject) => {
      world.acts.push("apply");
      run.signal.addEventListener("abort", () => reject(new Error("killed")), { once: true });
    }),
}));

describe("a stop in the middle", () => {
  async function stoppedInApply(world: World) {
    const rig = createAgentRig({ hooks: cutOff, world });
    world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(6 * SECOND);
    expect(rows(rig)).toEqual([[1, "executing"]]);
    await rig.stop();
    return rig;
  }

  test("of an act leaves it as it is on disk, for the next start to look at", async () => {
    const rig = await stoppedInApply({ status: {}, acts: [], probe: "not_done" });
    expect(rows(rig)).toEqual([[1, "executing"]]);
    expect(rig.store.attempts.running()).toHaveLength(1);
    const next = again(rig);
    await next.start();
    await next.clock.advance(3 * MINUTE);
    expect(rows(next)).toEqual([
      [2, "verified"],
      [1, "failed"],
    ]);
    await next.stop();
  });

  test("of an act whose effect is there is a success, not a failure that is undone or repeated", async () => {
    const rig = await stoppedInApply({ status: {}, acts: [] });
    rig.world.status.demo = "ok";
    const next = again(rig);
    await next.start();
    await next.clock.advance(2 * MINUTE);
    expect(rows(next)).toEqual([[1, "verified"]]);
    expect(rig.world.acts).toEqual(["apply"]);
    await next.stop();
  });

  test("of the last verification opens no breaker", async () => {
    const config = { breaker: { attempts: 1 } };
    const rig = createAgentRig({ hooks: demoHooks, config });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(10 * SECOND);
    expect(rows(rig)).toEqual([[1, "verifying"]]);
    await rig.stop();
    expect(rig.store.breakers.all()).toEqual([]);
    expect(rig.store.problems.open()[0]?.level).toBe("L1");
  });
});

describe("a start", () => {
  test("ends no problem of a plugin that starts later than others", async () => {
    const rig = createAgentRig({ hooks: demoHooks, config: { policy: { autonomy: "ask" } } });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(10 * SECOND);
    await rig.stop();
    const before = rig.store.problems.open().map(({ id }) => id);
    expect(before).toHaveLength(1);
    const next = again(rig);
    await next.engine.start(async () => {
      // The built-in ones are there, those of the user are not yet.
      next.engine.reschedule();
      await next.apply([SCRIPTED]);
    });
    await next.clock.advance(10 * SECOND);
    expect(next.store.problems.open().map(({ id }) => id)).toEqual(before);
    await next.stop();
  });

  test("acts on nothing before what was under way is settled", async () => {
    const rig = createAgentRig({
      hooks: (world) => ({
        ...demoHooks(world),
        async start() {
          // An event of a plugin that starts, while others still do.
          rig.engine.reschedule();
          rig.engine.wake("service");
          await rig.clock.sleep(5 * SECOND);
        },
      }),
    });
    rig.world.status.demo = "critical";
    rig.world.certain = true;
    const starting = rig.start();
    await rig.clock.advance(4 * SECOND);
    expect(rig.engine.stages.problems.open()).toHaveLength(1);
    expect(rig.world.acts).toEqual([]);
    await rig.clock.advance(2 * SECOND);
    await starting;
    await rig.clock.advance(SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  /** Killed while executing; the problem is open, the intent executing, nobody works on it. */
  async function killedInApply(world: World) {
    const clock = createTestClock();
    const store = createMemoryStore(clock);
    const life = createFaultyStore(store, clock);
    const rig = createAgentRig({
      hooks: cutOff,
      world,
      clock,
      store: life.store,
      agentClock: life.clock,
    });
    world.status.demo = "critical";
    await rig.start();
    await clock.advance(6 * SECOND);
    life.kill();
    return { ...rig, store, clock };
  }

  test("asks the repair that did it what became of it, whatever that would do now", async () => {
    const rig = await killedInApply({ status: {}, acts: [] });
    const asked: unknown[] = [];
    const next = again(
      rig,
      changed(() => ({
        // It resolves to nothing where there is nothing left to do, which is how a unit is that was started.
        resolve: () => null,
        probe: async (params) => {
          asked.push(params);
          return "done";
        },
      })),
    );
    await next.start();
    expect(asked).toEqual([{ id: "demo" }]);
    expect(rows(next)).toEqual([[1, "verifying"]]);
    await next.stop();
  });

  test("goes on when a probe or a resolve throws or never answers", async () => {
    const rig = await killedInApply({ status: {}, acts: [] });
    const next = again(
      rig,
      changed(() => ({ probe: () => new Promise(() => {}) })),
    );
    const started = next.start();
    await next.clock.advance(2 * MINUTE);
    await started;
    expect(rows(next)).toEqual([[1, "unknown"]]);
    await next.stop();
  });

  test("an unknown outcome keeps its owner only until the target is well again", async () => {
    const rig = await killedInApply({ status: {}, acts: [], probe: "unknown" });
    const next = again(rig);
    await next.start();
    await next.clock.advance(10 * MINUTE);
    expect(next.engine.stages.repairer.ownerInFlight("process:demo")).toBe(true);
    expect(next.engine.stages.problems.open()[0]).toMatchObject({ level: "L3" });
    rig.world.status.demo = "ok";
    await next.clock.advance(20 * SECOND);
    expect(next.engine.stages.repairer.ownerInFlight("process:demo")).toBe(false);
    expect(rows(next)).toEqual([[1, "failed"]]);
    rig.world.status.demo = "critical";
    await next.clock.advance(3 * MINUTE);
    expect(rig.world.acts).toEqual(["apply", "apply:demo"]);
    await next.stop();
  });

  test("without the plugin that acted leaves nothing under way", async () => {
    const rig = await killedInApply({ status: {}, acts: [] });
    const next = again(rig, () => ({}));
    await next.start();
    await next.clock.advance(20 * SECOND);
    expect(rows(next)).toEqual([[1, "failed"]]);
    expect(next.store.attempts.running()).toEqual([]);
    expect(next.engine.stages.problems.open()).toEqual([]);
    await next.stop();
  });

  test("another problem of an owner with an unknown outcome is for people, and says why", async () => {
    const rig = await killedInApply({ status: {}, acts: [], probe: "unknown" });
    const next = again(rig, (world) => {
      const hooks = demoHooks(world);
      return { ...hooks, checks: [...hooks.checks!, { ...hooks.checks![0]!, name: "port" }] };
    });
    await next.start();
    await next.clock.advance(MINUTE);
    const port = next.engine.stages.problems.open().find((one) => one.check === "port");
    expect(port).toMatchObject({ level: "L3", guards: { hold: "in_flight" } });
    expect(port?.guards.holdText).toContain("a person has to look");
    await next.stop();
  });

  test("a proposal whose problem ended in the last moment before a kill is void", async () => {
    const rig = createAgentRig({ hooks: demoHooks, config: { policy: { autonomy: "ask" } } });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(10 * SECOND);
    await rig.stop();
    // Between the end of the problem and that of its proposal.
    const [problem] = rig.store.problems.open();
    rig.store.problems.put({ ...problem!, state: "resolved", resolvedAt: rig.clock.now() });
    rig.world.status.demo = "ok";
    const next = again(rig);
    await next.start();
    expect(rows(next)).toEqual([[1, "superseded"]]);
    await next.stop();
  });
});

describe("while it runs", () => {
  test("a child is no longer marked when its parent's repair is verified", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        const site = {
          ...hooks.checks![0]!,
          name: "site",
          type: "site.down",
          run: async () => [
            {
              target: "site",
              status: "critical" as const,
              summary: "site is down",
              dependsOn: ["process:demo"],
            },
          ],
        };
        return { ...hooks, checks: [...hooks.checks!, site] };
      },
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(20 * SECOND);
    const child = () => rig.engine.stages.problems.open().find((one) => one.check === "site");
    expect(child()?.becauseOf).not.toBeNull();
    await rig.clock.advance(MINUTE);
    expect(child()?.becauseOf).toBeNull();
    const told = rig.sent.filter((one) => one.type === "problem").map((one) => one.body);
    expect(told.findLast((one) => (one as { check: string }).check === "site")).toMatchObject({
      becauseOf: null,
    });
    await rig.stop();
  });

  test("a held problem is looked at on one timer, however often all were considered", async () => {
    let looks = 0;
    const rig = createAgentRig({
      hooks: changed(() => ({
        resolve: () => {
          looks += 1;
          return null;
        },
      })),
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(10 * SECOND);
    for (let n = 0; n < 10; n += 1) {
      rig.engine.stages.repairer.considerAll();
      await rig.clock.advance(100);
    }
    looks = 0;
    await rig.clock.advance(MINUTE);
    expect(looks).toBeLessThanOrEqual(4);
    await rig.stop();
  });
});
