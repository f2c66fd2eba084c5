import { describe, expect, test } from "bun:test";
import { createAgentRig, demoHooks, type World } from "../testing/agent-rig.ts";
import { createFaultyStore } from "../testing/faulty-store.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createTestClock } from "../testing/test-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function rigOnFaultyDisk() {
  const clock = createTestClock();
  const real = createMemoryStore(clock);
  const disk = createFaultyStore(real, clock);
  const world: World = { status: {}, acts: [], probe: "not_done" };
  const rig = createAgentRig({ hooks: demoHooks, world, clock, store: disk.store, agentClock: disk.clock });
  return { clock, real, disk, world, rig };
}

describe("a full disk", () => {
  test("T97 ends nothing: checks go on, nothing is repaired, and what lasts is repaired when there is room again", async () => {
    const { clock, real, disk, world, rig } = rigOnFaultyDisk();
    await rig.start();
    await clock.advance(5 * SECOND);
    disk.full = true;
    world.status.demo = "critical";
    await clock.advance(5 * MINUTE);
    const { runs } = rig.engine.history("service");
    expect(runs).toBeGreaterThan(100);
    expect(world.acts).toEqual([]);
    expect(rig.engine.stages.problems.open()).toEqual([]);
    disk.full = false;
    await clock.advance(2 * MINUTE);
    expect(world.acts).toEqual(["apply:demo"]);
    expect(real.problems.find({}).map((one) => [one.state, one.resolution?.slice(0, 11)])).toEqual([
      ["resolved", "repaired by"],
    ]);
    expect((await real.ledger.verify()).fault).toBeNull();
    await rig.stop();
  });

  test("while an act is under way leaves it to be looked at, never to be repeated blindly", async () => {
    const { clock, real, disk, world, rig } = rigOnFaultyDisk();
    await rig.start();
    world.status.demo = "critical";
    world.certain = true;
    rig.engine.wake("service");
    await clock.advance(SECOND);
    expect(world.acts).toEqual(["apply:demo"]);
    disk.full = true;
    await clock.advance(3 * MINUTE);
    disk.full = false;
    await clock.advance(3 * MINUTE);
    expect(world.acts).toEqual(["apply:demo"]);
    expect(real.intents.find({ kind: ["repair"] }).map((one) => one.state)).toEqual(["verified"]);
    expect(real.attempts.running()).toEqual([]);
    expect(rig.engine.stages.problems.open()).toEqual([]);
    await rig.stop();
  });

  test("does not keep the agent from starting", async () => {
    const { clock, disk, world, rig } = rigOnFaultyDisk();
    disk.full = true;
    world.status.demo = "critical";
    await rig.start();
    await clock.advance(MINUTE);
    expect(rig.engine.history("service").runs).toBeGreaterThan(20);
    disk.full = false;
    await clock.advance(MINUTE);
    expect(world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("at the stop keeps nothing from ending", async () => {
    const { clock, disk, rig } = rigOnFaultyDisk();
    await rig.start();
    await clock.advance(5 * SECOND);
    disk.full = true;
    await rig.stop();
  });
});
