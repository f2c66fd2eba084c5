import { describe, expect, test } from "bun:test";
import type { PluginHooks, Repair } from "cortex";
import { createAgentRig, demoHooks, type World } from "../testing/agent-rig.ts";
import { createFaultyStore, type FaultyStore } from "../testing/faulty-store.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createTestClock } from "../testing/test-clock.ts";

const SECOND = 1000;
/** Budgets as small as the order of events allows, so that each of the many lives is short. */
const QUICK = {
  verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" },
  breaker: { waits: ["0s", "5s", "5s"] },
};

/** One life that ends before its n-th durable write, and what the next life makes of it. */
async function killedAt(killAt: number) {
  const clock = createTestClock();
  const real = createMemoryStore(clock);
  const world: World = { status: {}, acts: [], probe: "not_done" };
  const hooks = (one: World) => demoHooks(one);
  const faulty = createFaultyStore(real, clock, killAt);
  const first = createAgentRig({
    hooks: (one) => mortalHooks(one, faulty),
    world,
    clock,
    config: QUICK,
    store: faulty.store,
    agentClock: faulty.clock,
  });
  await first.start().catch(() => undefined);
  await clock.advance(3 * SECOND);
  world.status.demo = "critical";
  await clock.advance(20 * SECOND);
  const died = faulty.dead();
  faulty.kill();
  const actsBefore = world.acts.length;
  const second = createAgentRig({ hooks, world, clock, config: QUICK, store: real });
  await second.start();
  await clock.advance(40 * SECOND);
  await second.stop();
  return { died, real, world, actsBefore, second };
}

/** A dead process changes nothing any more, however far its code would go on here. */
function mortalHooks(world: World, life: FaultyStore): PluginHooks {
  const hooks = demoHooks(world);
  const [repair] = hooks.repairs!;
  const apply: Repair["apply"] = async (...given) =>
    life.dead() ? new Promise<never>(() => {}) : repair!.apply(...given);
  return { ...hooks, repairs: [{ ...repair!, apply }] };
}

describe("killed before any durable write, the next life", () => {
  test("leaves nothing under way, repeats nothing, counts every act once, and the target is well", async () => {
    const seen = new Set<string>();
    for (let killAt = 1; ; killAt += 1) {
      const { died, real, world, second } = await killedAt(killAt);
      if (!died) break;
      const intents = real.intents.find({ kind: ["repair"], limit: 500 });
      const where = `killed before write ${killAt}`;
      for (const intent of intents) seen.add(intent.state);
      expect([where, world.status.demo]).toEqual([where, "ok"]);
      expect([where, second.engine.stages.problems.open()]).toEqual([where, []]);
      expect([where, real.attempts.running()]).toEqual([where, []]);
      const applied = intents.filter((one) => !["superseded"].includes(one.state));
      expect([where, applied.filter((one) => !["verified", "failed"].includes(one.state))]).toEqual([
        where,
        [],
      ]);
      expect([where, world.acts.length <= applied.length]).toEqual([where, true]);
      // Success and failure are told apart the same way by intent and attempt, or the guards count wrongly.
      const problems = real.problems.find({ limit: 100 });
      const attempts = problems.flatMap((one) => real.attempts.since(one.fingerprint, 0));
      for (const attempt of attempts) {
        const { state } = real.intents.get(attempt.intentId)!;
        const fits = state === "verified" ? ["success"] : ["failure", "interrupted"];
        expect([where, state, fits.includes(attempt.outcome)]).toEqual([where, state, true]);
      }
      expect([where, (await real.ledger.verify()).fault]).toEqual([where, null]);
    }
    expect([...seen].sort()).toEqual(["failed", "superseded", "verified"]);
  }, 60_000);
});
