import { describe, expect, test } from "bun:test";
import { createAgentRig, demoHooks, type RigOptions, type World } from "../testing/agent-rig.ts";
import { createFaultyStore } from "../testing/faulty-store.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createTestClock } from "../testing/test-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const WORKS = ["proposed", "approved", "executing", "verifying", "verified"];

const demoRig = (options: Partial<RigOptions> & { apply?: () => boolean } = {}) => {
  const { apply, ...rest } = options;
  return createAgentRig({ hooks: (world) => demoHooks(world, apply), ...rest });
};

describe("the loop", () => {
  test("a confirmed fault is repaired, verified and resolved, each step in order", async () => {
    const rig = demoRig();
    await rig.start();
    await rig.clock.advance(5 * SECOND);
    rig.world.status.demo = "critical";
    await rig.clock.advance(4 * SECOND);
    expect(rig.world.acts).toEqual([]);
    await rig.clock.advance(2 * SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.clock.advance(61 * SECOND);
    expect(rig.steps()).toEqual([WORKS]);
    expect(rig.engine.stages.problems.open()).toEqual([]);
    const [intent] = rig.store.intents.find({ kind: ["repair"] });
    expect(rig.store.evidence.get(intent!.evidenceIds[0]!)?.parts.problem).toContain("demo is critical");
    expect((await rig.store.ledger.verify()).fault).toBeNull();
    await rig.stop();
  });

  test("a certain fact is acted on without waiting for the confirm time", async () => {
    const rig = demoRig();
    await rig.start();
    rig.world.status.demo = "critical";
    rig.world.certain = true;
    rig.engine.wake("service");
    await rig.clock.advance(300);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("a repair that never works gets three attempts, then the breaker opens, L3, and checking goes on", async () => {
    const rig = demoRig({ apply: () => false });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(20 * MINUTE);
    expect(rig.world.acts).toHaveLength(3);
    const [problem] = rig.engine.stages.problems.open();
    expect(problem).toMatchObject({
      level: "L3",
      guards: { attemptsUsed: 3, attemptsMax: 3, hold: "breaker_open" },
    });
    const runs = rig.engine.history("service").runs;
    await rig.clock.advance(MINUTE);
    expect(rig.engine.history("service").runs).toBeGreaterThan(runs + 25);
    expect(rig.world.acts).toHaveLength(3);
    await rig.stop();
  });

  test("attempts wait none, one and three minutes", async () => {
    const at: number[] = [];
    const rig = demoRig({
      apply: () => {
        at.push(rig.clock.monotonic());
        return false;
      },
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(20 * MINUTE);
    const waits = at.slice(1).map((one, index) => Math.round((one - at[index]!) / SECOND));
    expect(waits[0]).toBeWithin(60, 64);
    expect(waits[1]).toBeWithin(180, 184);
    await rig.stop();
  });

  test("a target that does not stay good fails its verification and counts as an attempt", async () => {
    const rig = demoRig();
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(6 * SECOND);
    expect(rig.world.acts).toHaveLength(1);
    rig.world.status.demo = "critical";
    await rig.clock.advance(20 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("failed");
    expect(rig.engine.stages.problems.open()[0]?.guards.attemptsUsed).toBe(1);
    await rig.stop();
  });

  test("a target that was seen to go before it was good is not waited for", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        // It answered, and ended before the first look.
        const apply = async () => ({ ok: true, summary: "started" });
        return { ...hooks, repairs: [{ ...hooks.repairs![0]!, apply }] };
      },
      config: { verify: { timeout: "2m" } },
    });
    rig.world.certain = true;
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(8 * SECOND);
    const [intent] = rig.store.intents.find({ kind: ["repair"] });
    expect(intent?.state).toBe("failed");
    await rig.stop();
  });

  test("what is seen between act and proof is not what the problem is remembered by", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        const check = hooks.checks![0]!;
        const apply = async () => {
          world.starting = true;
          return { ok: true, summary: "started" };
        };
        const run: typeof check.run = async (run) => {
          const results = await check.run(run);
          return world.starting === true && world.status.demo === "critical"
            ? results.map((one) => ({ ...one, summary: "demo is starting" }))
            : results;
        };
        return { checks: [{ ...check, run }], repairs: [{ ...hooks.repairs![0]!, apply }] };
      },
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(8 * SECOND);
    expect(rig.engine.stages.problems.open()[0]?.summary).toBe("demo is critical");
    rig.world.status.demo = "ok";
    await rig.clock.advance(80 * SECOND);
    const told = rig.sent.filter((one) => one.type === "problem").map((one) => one.body);
    expect(told.at(-1)).toMatchObject({ state: "resolved", summary: "demo is critical" });
    await rig.stop();
  });

  test("a relapse within the watch turns the verified intent into a failed one", async () => {
    const rig = demoRig();
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(80 * SECOND);
    expect(rig.steps()).toEqual([WORKS]);
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("failed");
    await rig.stop();
  });

  test("the third success in a day is a problem of its own, with the evidence of all", async () => {
    const rig = demoRig({ config: { verify: { stable: "1s", watch: "1s" }, policy: { cooldown: "1s" } } });
    await rig.start();
    for (let round = 0; round < 3; round += 1) {
      rig.world.status.demo = "critical";
      await rig.clock.advance(6 * MINUTE);
    }
    const healed = rig.engine.stages.problems
      .open()
      .find((problem) => problem.type === "repair.healed_too_often");
    expect(healed).toMatchObject({ level: "L3", target: "service:demo" });
    expect(healed?.result.labels?.evidence?.split(" ")).toHaveLength(3);
    await rig.stop();
  });
});

describe("what holds a repair", () => {
  const off = { type: "switch", repairs: false, reason: "test", actor: "local" } as const;

  test("nothing is repaired while the switch is off, also after a restart; switched on again it goes on", async () => {
    const rig = demoRig();
    await rig.start();
    await rig.command(off);
    rig.world.status.demo = "critical";
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(rig.engine.stages.problems.open()[0]?.guards.hold).toBe("switch_off");
    await rig.stop();

    const again = demoRig({ store: rig.store, clock: rig.clock, world: rig.world });
    await again.start();
    await again.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    await again.command({ ...off, repairs: true });
    await again.clock.advance(SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await again.stop();
  });

  test("maintenance: seen, not repaired; repaired when it ends", async () => {
    const rig = demoRig();
    await rig.start();
    const from = new Date(rig.clock.now()).toISOString();
    const until = new Date(rig.clock.now() + 10 * MINUTE).toISOString();
    const id = "00000000-0000-7000-8000-00000000000a";
    await rig.command({
      type: "maintenance.add",
      id,
      check: "service",
      target: "*",
      from,
      until,
      reason: "work",
      actor: "local",
    });
    rig.world.status.demo = "critical";
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(rig.engine.stages.problems.open()[0]?.guards.hold).toBe("maintenance");
    await rig.clock.advance(6 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("a flapping target is noticed once and not repaired", async () => {
    const rig = demoRig({ config: { engine: { tick: "1s" } }, hooks: (world) => flappingHooks(world) });
    await rig.start();
    await rig.clock.advance(2 * MINUTE);
    const notices = rig.sent.filter(
      (one) => one.type === "problem" && (one.body as { flapping: boolean; state: string }).flapping,
    );
    expect(rig.world.acts.length).toBeLessThanOrEqual(3);
    const before = rig.world.acts.length;
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts.length).toBe(before);
    expect(notices.length).toBeGreaterThan(0);
    await rig.stop();
  });

  test("the child of a broken parent is marked and left alone", async () => {
    const rig = demoRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        hooks.checks!.push({
          name: "mount_missing",
          summary: "Is it mounted?",
          type: "mount.missing",
          nature: "fact",
          intervalMs: 2000,
          confirmMs: 0,
          run: async () => [
            { target: "/data", status: "critical", summary: "/data is missing", owner: "mount:/data" },
          ],
        });
        const original = hooks.checks![0]!;
        hooks.checks![0] = {
          ...original,
          run: async (run) =>
            (await original.run(run)).map((one) => ({ ...one, dependsOn: ["mount:/data"] })),
        };
        return hooks;
      },
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(MINUTE);
    const child = rig.engine.stages.problems.open().find((problem) => problem.check === "service");
    expect(child?.becauseOf).not.toBeNull();
    expect(child?.guards.hold).toBe("because_of_parent");
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("a critical target waits for a decision, executes nothing and expires to L3", async () => {
    const rig = demoRig({ config: { node: { tags: ["critical"] }, policy: { proposal_ttl: "10m" } } });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(MINUTE);
    expect(rig.steps()).toEqual([["proposed"]]);
    expect(rig.engine.stages.problems.open()[0]?.level).toBe("L2");
    await rig.clock.advance(15 * MINUTE);
    expect(rig.steps()).toEqual([["proposed", "expired"]]);
    expect(rig.engine.stages.problems.open()[0]?.level).toBe("L3");
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("observe-only says what it would do and does nothing", async () => {
    const rig = demoRig({ config: { policy: { autonomy: "observe" } } });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(5 * MINUTE);
    expect(rig.store.intents.find({ kind: ["repair"] })).toMatchObject([{ shadow: true, state: "proposed" }]);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

describe("after a crash", () => {
  /** An agent that stopped existing in the middle of apply: what is on "disk" is all that is left. */
  async function crashedInApply(world: World) {
    const clock = createTestClock();
    const store = createMemoryStore(clock);
    const life = createFaultyStore(store, clock);
    const rig = demoRig({
      world,
      clock,
      store: life.store,
      agentClock: life.clock,
      hooks: (one) => ({ ...demoHooks(one), repairs: [hangingRepair(one)] }),
    });
    world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(6 * SECOND);
    expect(rig.store.intents.find({ kind: ["repair"] })[0]?.state).toBe("executing");
    life.kill();
    return { clock, store };
  }

  test("an executing intent whose effect is there is verified, never run again", async () => {
    const world: World = { status: {}, acts: [] };
    const crashed = await crashedInApply(world);
    world.status.demo = "ok";
    const rig = demoRig({ store: crashed.store, clock: crashed.clock, world });
    await rig.start();
    await rig.clock.advance(70 * SECOND);
    expect(rig.store.intents.find({ kind: ["repair"] }).map((one) => one.state)).toEqual(["verified"]);
    expect(world.acts).toEqual(["hang"]);
    await rig.stop();
  });

  test("without effect, a new intent with the next attempt number follows", async () => {
    const world: World = { status: {}, acts: [], probe: "not_done" };
    const crashed = await crashedInApply(world);
    const rig = demoRig({ store: crashed.store, clock: crashed.clock, world });
    await rig.start();
    await rig.clock.advance(3 * MINUTE);
    const intents = rig.store.intents.find({ kind: ["repair"] });
    expect(intents.map((one) => [one.attempt, one.state])).toEqual([
      [2, "verified"],
      [1, "failed"],
    ]);
    expect(world.acts).toEqual(["hang", "apply:demo"]);
    await rig.stop();
  });

  test("when nobody can tell, the intent is unknown and a person is told", async () => {
    const world: World = { status: {}, acts: [], probe: "unknown" };
    const crashed = await crashedInApply(world);
    const rig = demoRig({ store: crashed.store, clock: crashed.clock, world });
    await rig.start();
    await rig.clock.advance(3 * MINUTE);
    expect(rig.store.intents.find({ kind: ["repair"] }).map((one) => one.state)).toEqual(["unknown"]);
    expect(rig.engine.stages.problems.open()[0]?.level).toBe("L3");
    expect(world.acts).toEqual(["hang"]);
    await rig.stop();
  });

  test("a confirmed problem is not opened again and its confirm time is not counted again", async () => {
    const rig = demoRig({ apply: () => false });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(10 * SECOND);
    const [problem] = rig.engine.stages.problems.open();
    await rig.stop();
    const again = demoRig({ store: rig.store, clock: rig.clock, world: rig.world, apply: () => false });
    await again.start();
    await again.clock.advance(10 * SECOND);
    expect(again.engine.stages.problems.open().map((one) => one.id)).toEqual([problem!.id]);
    await again.stop();
  });
});

describe("checks that misbehave", () => {
  test("one that hangs is unknown after its time-out and slows no other", async () => {
    const rig = demoRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        hooks.checks!.push({
          name: "hangs",
          summary: "Never answers.",
          type: "hangs.bad",
          nature: "fact",
          intervalMs: 15_000,
          confirmMs: 0,
          run: () => new Promise(() => {}),
        });
        return hooks;
      },
    });
    await rig.start();
    await rig.clock.advance(30 * SECOND);
    expect(rig.engine.history("hangs")).toMatchObject({ status: "unknown" });
    expect(rig.engine.history("hangs").reason).toContain("no answer within 10000 ms");
    expect(rig.engine.history("service").runs).toBeGreaterThan(12);
    await rig.stop();
  });
});

function hangingRepair(world: World) {
  const [repair] = demoHooks(world).repairs!;
  return {
    ...repair!,
    apply: () => {
      world.acts.push("hang");
      return new Promise<never>(() => {});
    },
    timeoutMs: 3_600_000,
  };
}

/** Changes its status with every look. */
function flappingHooks(world: World) {
  const hooks = demoHooks(world);
  let bad = false;
  hooks.checks![0] = {
    ...hooks.checks![0]!,
    confirmMs: 0,
    async run() {
      bad = !bad;
      return [
        {
          target: "demo",
          status: bad ? "critical" : "ok",
          summary: bad ? "down" : "up",
          owner: "process:demo",
        },
      ];
    },
  };
  return hooks;
}
