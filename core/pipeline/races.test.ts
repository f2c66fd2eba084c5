import { describe, expect, test } from "bun:test";
import type { PluginHooks, Repair } from "cortex";
import { createAgentRig, demoHooks, type Rig, SCRIPTED, type World } from "../testing/agent-rig.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The demo service, its repair changed in some of its steps. `rig` is there once it runs. */
function rigWith(
  change: (rig: () => Rig) => Partial<Repair>,
  more: (hooks: PluginHooks, world: World) => void = () => {},
) {
  const hooks = (world: World) => {
    const scripted = demoHooks(world);
    const [repair] = scripted.repairs!;
    const repairs = [{ ...repair!, ...change(() => rig) }];
    more(scripted, world);
    return { ...scripted, repairs };
  };
  const rig = createAgentRig({ hooks });
  return rig;
}

const STARTS = [{ kind: "process", verb: "start", name: "demo" }] as const;

const slow = (step: "plan" | "configTest", ms: number) => (rig: () => Rig) => ({
  async plan() {
    if (step === "plan") await rig().clock.sleep(ms);
    return { summary: "start demo", changes: [], effects: [...STARTS] };
  },
  async configTest() {
    if (step === "configTest") await rig().clock.sleep(ms);
    return { ok: true, summary: "fine" };
  },
});

const states = (rig: Rig) => rig.store.intents.find({ kind: ["repair"] }).map((one) => one.state);

async function broken(rig: Rig): Promise<void> {
  await rig.start();
  rig.world.status.demo = "critical";
  rig.world.certain = true;
  rig.engine.wake("service");
  await rig.clock.advance(SECOND);
}

describe("between seeing and acting", () => {
  test("a problem that ends while its repair is planned is not repaired, and no intent is written", async () => {
    const rig = rigWith(slow("plan", 5 * SECOND));
    await broken(rig);
    rig.world.status.demo = "ok";
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(states(rig)).toEqual([]);
    await rig.stop();
  });

  test("a problem that ends while its approved repair is prepared is not repaired", async () => {
    const rig = rigWith(slow("configTest", 5 * SECOND));
    await broken(rig);
    expect(states(rig)).toEqual(["approved"]);
    rig.world.status.demo = "ok";
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(states(rig)).toEqual(["superseded"]);
    await rig.stop();
  });

  test("maintenance that begins meanwhile holds it", async () => {
    const rig = rigWith(slow("configTest", 5 * SECOND));
    await broken(rig);
    rig.store.maintenance.put({
      id: "m",
      check: "*",
      target: "*",
      from: rig.clock.now(),
      until: rig.clock.now() + 10 * MINUTE,
      reason: "work",
      actor: "local",
    });
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(rig.engine.stages.problems.open()[0]?.guards.hold).toBe("maintenance");
    await rig.stop();
  });

  test("a parent problem that opens meanwhile holds it", async () => {
    const rig = rigWith(slow("configTest", 5 * SECOND), (hooks, world) => {
      const [service] = hooks.checks!;
      hooks.checks = [
        {
          ...service!,
          run: async (run) =>
            (await service!.run(run)).map((one) => ({ ...one, dependsOn: ["mount:/data"] })),
        },
        {
          ...service!,
          name: "mount",
          type: "mount.missing",
          confirmMs: 0,
          run: async () => [
            { target: "/data", status: world.status.data ?? "ok", summary: "/data", owner: "mount:/data" },
          ],
        },
      ];
    });
    await broken(rig);
    rig.world.status.data = "critical";
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    const child = rig.engine.stages.problems.open().find((one) => one.check === "service");
    expect(child?.guards.hold).toBe("because_of_parent");
    await rig.stop();
  });

  test("a plugin instance that a reload takes away meanwhile acts no more", async () => {
    const rig = rigWith(slow("configTest", 5 * SECOND));
    await broken(rig);
    await rig.apply([]);
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(states(rig)).toEqual(["superseded"]);
    await rig.stop();
  });

  test("autonomy that is withdrawn meanwhile stops it", async () => {
    const rig = rigWith(slow("configTest", 5 * SECOND));
    await broken(rig);
    rig.reconfigure({ policy: { autonomy: "observe" } });
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("a plan that was changed after it was approved is not what runs: nothing runs", async () => {
    const plan = {
      summary: "start demo",
      changes: [],
      effects: [...STARTS],
      data: { exec: [["start", "demo"]] },
    };
    const rig = rigWith(() => ({
      plan: async () => plan,
      async preconditions() {
        plan.data.exec = [["start", "something else"]];
        return [];
      },
    }));
    await broken(rig);
    await rig.clock.advance(SECOND);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

describe("attempts that are used up", () => {
  test("open no breaker and wake nobody in maintenance; they do when it is over", async () => {
    const rig = rigWith((get) => ({
      maxAttempts: 1,
      async apply() {
        await get().clock.sleep(5 * SECOND);
        return { ok: false, summary: "exited" };
      },
    }));
    await rig.start();
    const from = rig.clock.now() + 2 * SECOND;
    const window = {
      id: "m",
      check: "*",
      target: "*",
      from,
      until: from + 10 * MINUTE,
      reason: "work",
      actor: "local",
    };
    rig.store.maintenance.put(window);
    rig.world.status.demo = "critical";
    rig.world.certain = true;
    rig.engine.wake("service");
    await rig.clock.advance(5 * MINUTE);
    expect(rig.store.breakers.all()).toEqual([]);
    expect(rig.engine.stages.problems.open()[0]).toMatchObject({
      level: "L1",
      guards: { hold: "maintenance" },
    });
    await rig.clock.advance(6 * MINUTE);
    expect(rig.engine.stages.problems.open()[0]).toMatchObject({
      level: "L3",
      guards: { hold: "breaker_open" },
    });
    await rig.stop();
  });
});

describe("two problems of one owner", () => {
  test("are repaired one after the other, never at once", async () => {
    let running = 0;
    let most = 0;
    const rig = rigWith(
      (get) => ({
        ...slow("configTest", SECOND)(get),
        async apply() {
          running += 1;
          most = Math.max(most, running);
          await get().clock.sleep(10 * SECOND);
          running -= 1;
          get().world.acts.push("apply");
          return { ok: true, summary: "started" };
        },
      }),
      (hooks) => hooks.checks!.push({ ...hooks.checks![0]!, name: "port" }),
    );
    await rig.start();
    rig.world.status.demo = "critical";
    await rig.clock.advance(MINUTE);
    expect(most).toBe(1);
    expect(rig.world.acts.length).toBeGreaterThan(0);
    await rig.stop();
  });
});

describe("a reload", () => {
  test("that takes the check away while its repair is verified takes nothing back and leaves nothing open", async () => {
    const rig = rigWith((get) => ({
      undo: async () => {
        get().world.acts.push("undo");
        return { ok: true, summary: "stopped" };
      },
    }));
    await broken(rig);
    expect(states(rig)).toEqual(["verifying"]);
    await rig.apply([]);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    expect(states(rig)).toEqual(["failed"]);
    expect(rig.store.attempts.running()).toEqual([]);
    expect(rig.engine.stages.problems.open()).toEqual([]);
    await rig.stop();
  });

  test("that changes the instance while its repair is verified does not fail the repair", async () => {
    const rig = rigWith(() => ({}));
    await broken(rig);
    await rig.apply([{ ...SCRIPTED, host: { ...SCRIPTED.host, labels: { team: "web" } } }]);
    await rig.clock.advance(2 * MINUTE);
    expect(states(rig)).toEqual(["verified"]);
    await rig.stop();
  });
});

describe("steps that never end", () => {
  test("a plan that hangs does not keep its problem from being considered again", async () => {
    let asked = 0;
    const rig = rigWith(() => ({
      plan: () => {
        asked += 1;
        return new Promise(() => {});
      },
    }));
    await broken(rig);
    await rig.clock.advance(3 * MINUTE);
    expect(asked).toBeGreaterThan(1);
    expect(rig.engine.stages.problems.open()[0]?.guards.hold).toBe("no_repair");
    await rig.stop();
  });

  test("an act that ignores being aborted is unknown, not failed: nothing else begins on its owner", async () => {
    const rig = rigWith((get) => ({
      timeoutMs: 10 * SECOND,
      apply: () => {
        get().world.acts.push("apply");
        return new Promise<never>(() => {});
      },
    }));
    await broken(rig);
    await rig.clock.advance(10 * MINUTE);
    expect(rig.world.acts).toEqual(["apply"]);
    expect(states(rig)).toEqual(["unknown"]);
    expect(rig.engine.stages.problems.open()[0]).toMatchObject({ level: "L3" });
    await rig.stop();
  });

  test("an undo that hangs ends as failed, and a person is told", async () => {
    const rig = rigWith(() => ({
      apply: async () => ({ ok: false, summary: "exited" }),
      undo: () => new Promise<never>(() => {}),
    }));
    await broken(rig);
    await rig.clock.advance(3 * MINUTE);
    const [problem] = rig.engine.stages.problems.open();
    expect(problem).toMatchObject({ level: "L3", guards: { hold: "breaker_open" } });
    expect(problem?.events.map((one) => one.kind)).toContain("undo_failed");
    expect(states(rig)).toEqual(["failed"]);
    await rig.stop();
  });
});
