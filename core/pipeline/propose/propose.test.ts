import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import { createAgentRig, demoHooks, type Rig, type World } from "../../testing/agent-rig.ts";

const MINUTE = 60_000;
const CRITICAL = { node: { tags: ["critical"] }, policy: { proposal_ttl: "5m" } };

/** An agent whose demo service is down. */
async function down(config: Record<string, unknown>): Promise<{ rig: Rig; problem: string }> {
  const rig = createAgentRig({ config, hooks: demoHooks });
  await rig.start();
  await rig.clock.advance(3000);
  rig.world.status.demo = "critical";
  await rig.clock.advance(6000);
  return { rig, problem: rig.engine.stages.problems.open()[0]!.id };
}

const ask = (rig: Rig, problem: string) => rig.command({ type: "propose", problem, actor: "key:assistant" });
const retry = (rig: Rig, problem: string) => rig.command({ type: "retry", problem, actor: "user:anna" });
const intentsOf = (rig: Rig) => rig.store.intents.find({ kind: ["repair"], limit: 10 });

describe("asking a node for a proposal", () => {
  test("gives the one that waits, however often one asks, and runs nothing", async () => {
    const { rig, problem } = await down(CRITICAL);
    const [waiting] = intentsOf(rig);
    for (let times = 0; times < 3; times += 1)
      expect(await ask(rig, problem)).toEqual({
        ok: true,
        data: { intent: waiting!.id, state: "proposed" },
      });
    expect(intentsOf(rig)).toHaveLength(1);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("proposes anew what nobody answered in time", async () => {
    const { rig, problem } = await down(CRITICAL);
    await rig.clock.advance(6 * MINUTE);
    expect(intentsOf(rig).map(({ state }) => state)).toEqual(["expired"]);
    const [first, second] = await Promise.all([ask(rig, problem), ask(rig, problem)]);
    expect(first).toMatchObject({ ok: true, data: { state: "proposed" } });
    expect(second).toEqual(first);
    expect(intentsOf(rig)).toHaveLength(2);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("does not bring back what a person rejected", async () => {
    const { rig, problem } = await down(CRITICAL);
    const [waiting] = intentsOf(rig);
    const no = { verdict: "reject", approval: null, reason: "", actor: "user:anna" } as const;
    await rig.command({ type: "decision", intent: waiting!.id, ...no });
    expect(await ask(rig, problem)).toMatchObject({ ok: false, code: "propose.refused" });
    expect(intentsOf(rig)).toHaveLength(1);
    await rig.stop();
  });

  test("is one thing; that a person lets it be tried again is another, and is asked anew", async () => {
    const { rig, problem } = await down(CRITICAL);
    const [waiting] = intentsOf(rig);
    expect(await retry(rig, problem)).toMatchObject({ ok: false, code: "propose.not_needed" });
    const no = { verdict: "reject", approval: null, reason: "not tonight", actor: "user:anna" } as const;
    await rig.command({ type: "decision", intent: waiting!.id, ...no });
    const held = () => rig.engine.stages.problems.get(problem)!.guards;
    expect(held()).toMatchObject({
      hold: "rejected",
      holdText: "anna rejected the repair: not tonight; a person has to look",
    });
    await rig.clock.advance(MINUTE);
    expect(held().hold).toBe("rejected");
    expect(await retry(rig, problem)).toMatchObject({ ok: true });
    await rig.clock.advance(1000);
    expect(intentsOf(rig).map(({ state }) => state)).toEqual(["proposed", "rejected"]);
    expect(rig.world.acts).toEqual([]);
    expect(rig.engine.stages.problems.get(problem)?.events.map(({ kind }) => kind)).toContain("retry");
    await rig.stop();
  });

  test("does not make an act of what only observes, and knows no problem that is not open", async () => {
    const { rig, problem } = await down({ policy: { autonomy: "observe" } });
    expect(await ask(rig, problem)).toMatchObject({ ok: false, code: "propose.held" });
    expect(await ask(rig, crypto.randomUUID())).toMatchObject({ ok: false, code: "propose.not_open" });
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

/** The demo service, whose repair may only begin while the world says so. */
function guardedHooks(world: World): PluginHooks {
  const { checks, repairs } = demoHooks(world);
  const [repair] = repairs!;
  const preconditions = async () => [
    {
      name: "disk is healthy",
      ok: world.healthy === true,
      detail: world.healthy === true ? "yes" : "I/O errors",
    },
  ];
  return { checks, repairs: [{ ...repair!, preconditions }] };
}

describe("what must hold before an act", () => {
  test("is measured before anybody is asked, and asked about as soon as it holds", async () => {
    const rig = createAgentRig({ config: CRITICAL, hooks: guardedHooks });
    await rig.start();
    await rig.clock.advance(3000);
    rig.world.status.demo = "critical";
    await rig.clock.advance(6000);
    const problem = () => rig.engine.stages.problems.open()[0]!;
    expect(intentsOf(rig)).toEqual([]);
    expect(problem()).toMatchObject({
      level: "L3",
      guards: { hold: "precondition_failed", holdText: "disk is healthy: I/O errors" },
    });
    expect(await ask(rig, problem().id)).toMatchObject({ ok: false, code: "propose.held" });
    rig.world.healthy = true;
    await rig.clock.advance(2 * MINUTE);
    expect(intentsOf(rig).map(({ state }) => state)).toEqual(["proposed"]);
    expect(problem().level).toBe("L2");
    await rig.stop();
  });
});

describe("a breaker", () => {
  const untilFixed = (world: World): PluginHooks => demoHooks(world, () => world.fixed === true);

  test("is closed by who removed the cause: the repair is tried at once, with all attempts", async () => {
    const rig = createAgentRig({
      hooks: untilFixed,
      config: { breaker: { attempts: 2, waits: ["0s"] }, policy: { cooldown: "0s" } },
    });
    rig.world.status.demo = "critical";
    await rig.start();
    await rig.clock.advance(2 * MINUTE);
    const { id, guards } = rig.engine.stages.problems.open()[0]!;
    expect([guards.hold, guards.attemptsUsed, rig.world.acts.length]).toEqual(["breaker_open", 2, 2]);
    rig.world.fixed = true;
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toHaveLength(2);
    expect(await retry(rig, id)).toMatchObject({ ok: true });
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toHaveLength(3);
    expect(rig.engine.stages.problems.get(id)).toMatchObject({ state: "resolved" });
    expect(rig.engine.stages.problems.get(id)?.guards.attemptsUsed).toBe(1);
    const kinds = rig.store.ledger.read(0, 1000).map(({ kind }) => kind);
    expect(kinds).toContain("retry.asked");
    expect(await retry(rig, id)).toMatchObject({ ok: false, code: "propose.not_open" });
    await rig.stop();
  });
});
