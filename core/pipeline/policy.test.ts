import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import { testStore } from "../store/agent/test-store.ts";
import { createAgentRig, demoHooks, type Rig, SCRIPTED, type World } from "../testing/agent-rig.ts";
import { settleAttempt } from "./propose/attempts.ts";
import { inventoryBody } from "../wire/inventory.ts";
import { intentBody } from "../wire/intent.ts";
import { problemBody } from "../wire/problem.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const problemOf = (rig: Rig) => rig.engine.stages.problems.open().find((one) => one.check === "service");
const intentsOf = (rig: Rig) =>
  rig.store.intents.find({ kind: ["repair"] }).map((one) => [one.state, one.level, one.shadow]);

async function broken(rig: Rig): Promise<void> {
  rig.world.status.demo = "critical";
  await rig.start();
  await rig.clock.advance(10 * SECOND);
}

describe("policy", () => {
  test("what the operator restricts at the check's instance holds, whoever brings the repair", async () => {
    const rig = createAgentRig({ hooks: demoHooks });
    await rig.start();
    // The first instance brings the repair, the second one finds the problem and must only observe.
    const finder = { id: "finder", enabled: true, autonomy: "observe" as const };
    await rig.apply([SCRIPTED, { ...SCRIPTED, id: "finder", host: finder }]);
    await rig.command({ type: "check.pause", check: "service", until: null, actor: "local" });
    rig.world.status.demo = "critical";
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(intentsOf(rig)).toEqual([["proposed", "L3", true]]);
    await rig.stop();
  });

  test("a tag that its target gets while a problem is open raises its level", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        const [service] = hooks.checks!;
        const run: NonNullable<typeof service>["run"] = async (given) =>
          (await service!.run(given)).map((one) => ({ ...one, tags: world.isCritical ? ["critical"] : [] }));
        return { ...hooks, checks: [{ ...service!, run }] };
      },
    });
    await rig.start();
    await rig.command({ type: "switch", repairs: false, reason: "", actor: "local" });
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    rig.world.isCritical = true;
    await rig.clock.advance(5 * SECOND);
    await rig.command({ type: "switch", repairs: true, reason: "", actor: "local" });
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(intentsOf(rig)).toEqual([["proposed", "L2", false]]);
    await rig.stop();
  });

  test("what a repair may do now is told before what is proposed because of it", async () => {
    const rig = createAgentRig({ hooks: demoHooks });
    await rig.command({ type: "autonomy.set", autonomy: "observe", reason: "", actor: "local" });
    await broken(rig);
    expect(intentsOf(rig)).toEqual([["proposed", "L3", true]]);
    const before = rig.sent.length;
    await rig.command({ type: "autonomy.set", autonomy: "ask", reason: "", actor: "local" });
    await rig.clock.advance(SECOND);
    const told = rig.sent.slice(before).flatMap(({ type, body }) => {
      if (type === "inventory") return [inventoryBody.parse(body).repairs[0]?.mode];
      if (type !== "intent") return [];
      const { state, shadow } = intentBody.parse(body);
      return state === "proposed" && !shadow ? ["proposed"] : [];
    });
    expect(told.slice(0, 2)).toEqual(["ask", "proposed"]);
    await rig.stop();
  });

  test("a node that was set to observe repairs nothing until it is let act again; both are in its ledger", async () => {
    const rig = createAgentRig({ hooks: demoHooks });
    await rig.start();
    const set = (autonomy: "act" | "observe") =>
      rig.command({ type: "autonomy.set", autonomy, reason: "", actor: "local" });
    await set("observe");
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toEqual([]);
    expect(intentsOf(rig)).toEqual([["proposed", "L3", true]]);
    await set("act");
    await rig.clock.advance(SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    const kinds = rig.store.ledger.read(0, 100).map((entry) => entry.kind);
    expect(kinds.filter((kind) => kind === "autonomy.set")).toHaveLength(2);
    await rig.stop();
  });

  test("what was set from outside never loosens the node's own file", async () => {
    const rig = createAgentRig({ hooks: demoHooks, config: { policy: { autonomy: "observe" } } });
    await rig.start();
    await rig.command({ type: "autonomy.set", autonomy: "act", reason: "", actor: "local" });
    rig.world.status.demo = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("a proposal that would not be made like this after a reload is void; what policy says now happens", async () => {
    const rig = createAgentRig({ hooks: demoHooks, config: { policy: { autonomy: "observe" } } });
    await broken(rig);
    expect(intentsOf(rig)).toEqual([["proposed", "L3", true]]);
    rig.reconfigure({});
    await rig.clock.advance(SECOND);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    expect(intentsOf(rig)).toEqual([
      ["verifying", "L1", false],
      ["superseded", "L3", true],
    ]);
    await rig.stop();
  });

  test("a proposal that still stands after a reload is left alone", async () => {
    const rig = createAgentRig({ hooks: demoHooks, config: { policy: { autonomy: "ask" } } });
    await broken(rig);
    rig.reconfigure({ policy: { autonomy: "ask" }, link: { report: "5s" } });
    await rig.clock.advance(MINUTE);
    expect(intentsOf(rig)).toEqual([["proposed", "L2", false]]);
    await rig.stop();
  });

  test("nobody is asked about the child of a broken parent, or in maintenance", async () => {
    const rig = createAgentRig({
      config: { policy: { autonomy: "ask" } },
      hooks: (world: World): PluginHooks => {
        const hooks = demoHooks(world);
        const [service] = hooks.checks!;
        const run: NonNullable<typeof service>["run"] = async (given) =>
          (await service!.run(given)).map((one) => ({ ...one, dependsOn: ["mount:/data"] }));
        const mount = {
          ...service!,
          name: "mount",
          type: "mount.missing",
          confirmMs: 0,
          run: async () => [
            { target: "/data", status: world.status.data ?? "ok", summary: "/data", owner: "mount:/data" },
          ],
        };
        return { ...hooks, checks: [mount, { ...service!, run }] };
      },
    });
    rig.world.status.data = "critical";
    await broken(rig);
    expect(intentsOf(rig)).toEqual([]);
    expect(problemOf(rig)?.guards.hold).toBe("because_of_parent");
    const from = new Date(rig.clock.now()).toISOString();
    const until = new Date(rig.clock.now() + 5 * MINUTE).toISOString();
    const id = "00000000-0000-7000-8000-00000000000b";
    const window = { id, check: "*", target: "*", from, until, reason: "work", actor: "local" };
    await rig.command({ type: "maintenance.add", ...window });
    rig.world.status.data = "ok";
    await rig.clock.advance(MINUTE);
    expect(intentsOf(rig)).toEqual([]);
    await rig.clock.advance(5 * MINUTE);
    expect(intentsOf(rig)).toEqual([["proposed", "L2", false]]);
    await rig.stop();
  });
});

describe("a repair that is stopped before it begins", () => {
  function withTest(passes: () => boolean) {
    return (world: World) => {
      const hooks = demoHooks(world);
      const [repair] = hooks.repairs!;
      const configTest = async () => ({ ok: passes(), summary: "nginx: [emerg] unknown directive" });
      return { ...hooks, repairs: [{ ...repair!, configTest }] };
    };
  }

  test("is written down once, uses up no budget of others, and goes on by itself when nothing stops it", async () => {
    let passes = false;
    const rig = createAgentRig({ hooks: withTest(() => passes) });
    await broken(rig);
    await rig.clock.advance(20 * MINUTE);
    expect(intentsOf(rig)).toEqual([["failed", "L1", false]]);
    expect(problemOf(rig)).toMatchObject({
      level: "L3",
      guards: { hold: "config_test_failed", attemptsUsed: 0 },
    });
    passes = true;
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("a step before the act that throws ends the intent and is no act", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        const [repair] = hooks.repairs!;
        const preconditions = async () => {
          throw new Error("systemctl is not installed");
        };
        return { ...hooks, repairs: [{ ...repair!, preconditions }] };
      },
    });
    await broken(rig);
    await rig.clock.advance(MINUTE);
    expect(intentsOf(rig)).toEqual([["failed", "L1", false]]);
    expect(problemOf(rig)?.guards).toMatchObject({ hold: "precondition_failed", attemptsUsed: 0 });
    await rig.stop();
  });

  test("the text of what stopped it reaches the Monitor, however long it is", async () => {
    const rig = createAgentRig({
      hooks: (world) => {
        const hooks = demoHooks(world);
        const [repair] = hooks.repairs!;
        const configTest = async () => ({ ok: false, summary: "x".repeat(20_000) });
        return { ...hooks, repairs: [{ ...repair!, configTest }] };
      },
    });
    await broken(rig);
    for (const envelope of rig.sent) {
      if (envelope.type === "problem") expect(problemBody.safeParse(envelope.body).success).toBe(true);
      if (envelope.type === "intent") expect(intentBody.safeParse(envelope.body).success).toBe(true);
    }
    await rig.stop();
  });
});

describe("budgets under a clock that is set", () => {
  test.each([86_400_000, -86_400_000])(
    "T116 an attempt is as long as it ran, though the wall clock was moved by %d ms meanwhile",
    (jump) => {
      const store = testStore();
      const attempt = {
        intentId: "1",
        problemFingerprint: "f",
        check: "demo",
        target: "demo",
        repair: "demo",
        startedAt: 1_000_000_000,
        bootId: "b",
        monoMs: 5000.25,
        outcome: "running" as const,
        endedAt: null,
      };
      store.attempts.put(attempt);
      const now = { wall: attempt.startedAt + jump, mono: 8000.75, bootId: "b" };
      settleAttempt(store, { id: "1", problemId: null }, "success", now);
      expect(store.attempts.since("f", 0)[0]?.endedAt).toBe(attempt.startedAt + 3001);
    },
  );

  test("attempts are not forgotten when the wall clock is set a day ahead", async () => {
    const rig = createAgentRig({ hooks: (world) => demoHooks(world, () => false) });
    await broken(rig);
    expect(rig.world.acts).toHaveLength(1);
    rig.clock.jump(30 * 3_600_000);
    await rig.clock.advance(20 * MINUTE);
    expect(rig.world.acts).toHaveLength(3);
    expect(problemOf(rig)?.guards.hold).toBe("breaker_open");
    await rig.stop();
  });

  test("an open breaker stays open as long as it should", async () => {
    const config = { breaker: { attempts: 1, open: "2h", window: "10m" }, engine: { tick: "10s" } };
    const rig = createAgentRig({ config, hooks: (world) => demoHooks(world, () => false) });
    await broken(rig);
    await rig.clock.advance(15 * MINUTE);
    rig.clock.jump(6 * 3_600_000);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts).toHaveLength(1);
    expect(problemOf(rig)?.guards.hold).toBe("breaker_open");
    await rig.stop();
  });

  test("a proposal waits its time, and no longer", async () => {
    const config = { policy: { autonomy: "ask", proposal_ttl: "10m" } };
    const rig = createAgentRig({ config, hooks: demoHooks });
    await broken(rig);
    rig.clock.jump(5 * 3_600_000);
    await rig.clock.advance(MINUTE);
    expect(intentsOf(rig)).toEqual([["proposed", "L2", false]]);
    rig.clock.jump(-12 * 3_600_000);
    await rig.clock.advance(10 * MINUTE);
    expect(intentsOf(rig)).toEqual([["expired", "L2", false]]);
    await rig.stop();
  });
});
