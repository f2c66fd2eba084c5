import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import { createAgentRig, demoHooks, type Rig, SCRIPTED, type World } from "../testing/agent-rig.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The demo service; while `world.blind`, its check throws; `world.absent`: it reports nothing. */
function sightedHooks(world: World): PluginHooks {
  const hooks = demoHooks(world);
  const [service] = hooks.checks!;
  const run: NonNullable<typeof service>["run"] = async (given) => {
    if (world.blind === true) throw new Error("no such file");
    return world.absent === true ? [] : service!.run(given);
  };
  return { ...hooks, checks: [{ ...service!, run }] };
}

async function broken(rig: Rig): Promise<void> {
  await rig.start();
  rig.world.status.demo = "critical";
  await rig.clock.advance(6 * SECOND);
}

const problemOf = (rig: Rig) => rig.engine.stages.problems.open().find((one) => one.check === "service");

describe("what nobody can see", () => {
  test("is not repaired: a check without an answer holds the repair, and says so", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = sightedHooks(world);
        const [repair] = hooks.repairs!;
        const apply = async () => {
          world.acts.push("apply");
          return { ok: false, summary: "exited" };
        };
        return { ...hooks, repairs: [{ ...repair!, apply }] };
      },
    });
    await broken(rig);
    expect(rig.world.acts).toEqual(["apply"]);
    rig.world.blind = true;
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts).toEqual(["apply"]);
    expect(problemOf(rig)).toMatchObject({ status: "unknown", guards: { hold: "target_unknown" } });
    rig.world.blind = false;
    await rig.clock.advance(20 * SECOND);
    expect(rig.world.acts).toEqual(["apply", "apply"]);
    await rig.stop();
  });

  test("is not repaired while its check is paused", async () => {
    const rig = createAgentRig({ hooks: sightedHooks });
    await rig.start();
    rig.store.meta.set("switch", { repairs: false, reason: "", actor: "local", at: 0 });
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    await rig.command({ type: "check.pause", check: "service", until: null, actor: "local" });
    await rig.command({ type: "switch", repairs: true, reason: "", actor: "local" });
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(problemOf(rig)?.guards.holdText).toContain("paused");
    await rig.stop();
  });

  test("fails no verification: one run without an answer is no relapse", async () => {
    const rig = createAgentRig({ hooks: sightedHooks });
    await broken(rig);
    rig.world.blind = true;
    await rig.clock.advance(20 * SECOND);
    rig.world.blind = false;
    await rig.clock.advance(70 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("verified");
    await rig.stop();
  });

  test("fails no verification either when it is the repair's own question that gets no answer once", async () => {
    let asked = 0;
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = sightedHooks(world);
        const [repair] = hooks.repairs!;
        const verify = async () => {
          asked += 1;
          if (asked === 3) throw new Error("systemctl gave no answer");
          return { name: "active", ok: true, detail: "" };
        };
        return { ...hooks, repairs: [{ ...repair!, verify }] };
      },
    });
    await broken(rig);
    await rig.clock.advance(80 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("verified");
    await rig.stop();
  });

  test("is not verified either: without any answer the verification fails in its time", async () => {
    const rig = createAgentRig({ hooks: sightedHooks });
    await broken(rig);
    rig.world.blind = true;
    await rig.clock.advance(5 * MINUTE);
    expect(rig.steps()[0]?.at(-1)).toBe("failed");
    await rig.stop();
  });

  test("a target that a restart takes away for a moment is not let go under its repair", async () => {
    const rig = createAgentRig({ hooks: sightedHooks });
    await broken(rig);
    rig.world.absent = true;
    await rig.clock.advance(20 * SECOND);
    rig.world.absent = false;
    await rig.clock.advance(70 * SECOND);
    expect(rig.steps()[0]?.at(-1)).toBe("verified");
    await rig.stop();
  });

  test("a burst of runs within one interval lets no target go", async () => {
    const rig = createAgentRig({ hooks: sightedHooks });
    await rig.start();
    rig.store.meta.set("switch", { repairs: false, reason: "", actor: "local", at: 0 });
    rig.world.status.demo = "critical";
    await rig.clock.advance(6 * SECOND);
    rig.world.absent = true;
    for (let n = 0; n < 5; n += 1) {
      rig.engine.wake("service");
      await rig.clock.advance(10);
    }
    expect(problemOf(rig)).toBeDefined();
    await rig.clock.advance(10 * SECOND);
    expect(problemOf(rig)).toBeUndefined();
    await rig.stop();
  });
});

describe("a check that is gone", () => {
  test("while Cortex was down takes its problems with it", async () => {
    const rig = createAgentRig({ hooks: (world) => ({ checks: demoHooks(world).checks! }) });
    await broken(rig);
    expect(problemOf(rig)).toBeDefined();
    await rig.stop();
    const again = createAgentRig({ store: rig.store, clock: rig.clock, world: rig.world, hooks: () => ({}) });
    await again.start();
    await again.clock.advance(MINUTE);
    expect(again.engine.stages.problems.open()).toEqual([]);
    expect(again.store.targets.all()).toEqual([]);
    await again.stop();
  });

  test("because its plugin is broken keeps its problems open until it is back", async () => {
    let isBroken = false;
    const rig = createAgentRig({
      hooks: (world) => {
        if (isBroken) throw new Error("no such database");
        return { checks: demoHooks(world).checks! };
      },
    });
    await broken(rig);
    isBroken = true;
    await rig.apply([{ ...SCRIPTED, host: { ...SCRIPTED.host, labels: { n: "1" } } }]);
    await rig.clock.advance(MINUTE);
    expect(problemOf(rig)).toMatchObject({ state: "open" });
    isBroken = false;
    await rig.apply([SCRIPTED]);
    rig.world.status.demo = "ok";
    await rig.clock.advance(10 * SECOND);
    expect(problemOf(rig)).toBeUndefined();
    await rig.stop();
  });

  test("a schedule that is none breaks its own check only", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const [service] = demoHooks(world).checks!;
        return { checks: [{ ...service!, name: "nightly", schedule: "at night" }, service!] };
      },
    });
    await rig.start();
    await rig.clock.advance(5 * SECOND);
    expect(rig.engine.history("service").runs).toBeGreaterThan(1);
    expect(rig.engine.history("nightly").reason).toContain("no cron expression");
    await rig.stop();
  });
});
