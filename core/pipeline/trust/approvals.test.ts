import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import type { Approval } from "../../domain/decide/approval.ts";
import type { IntentRecord } from "../../domain/intent.ts";
import {
  answer,
  createAgentRig,
  demoHooks,
  type Rig,
  type RigOptions,
  type World,
} from "../../testing/agent-rig.ts";
import { createFaultyStore } from "../../testing/faulty-store.ts";
import { createMemoryStore } from "../../testing/memory-store.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import { createTestMonitorKey } from "../../testing/test-monitor-key.ts";
import type { CommandResult } from "../../wire/command.ts";

const SECOND = 1000;
const MINUTE = 60_000;
/** Budgets as small as the order of events allows. */
const CRITICAL = {
  node: { tags: ["critical"] },
  verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" },
};
const key = createTestMonitorKey();

/** An agent whose critical service is down and whose repair waits for a decision. */
async function waiting(options: Partial<RigOptions> = {}) {
  const rig = createAgentRig({ config: CRITICAL, hooks: demoHooks, trust: key.trust, ...options });
  await rig.start();
  await rig.clock.advance(3 * SECOND);
  rig.world.status.demo = "critical";
  await rig.clock.advance(6 * SECOND);
  const [intent] = rig.store.intents.find({ kind: ["repair"], limit: 10 });
  expect(intent).toMatchObject({ state: "proposed", level: "L2", repair: "service.start" });
  return { rig, intent: intent! };
}

const approve = (rig: Rig, intent: IntentRecord, change: Partial<Approval> = {}) =>
  answer(rig, intent, key.approve(intent, "n_test", rig.clock.now(), change));
const codeOf = (result: CommandResult) => (result.ok ? "ok" : result.code);
const stateOf = (rig: Rig, intent: IntentRecord) => rig.store.intents.get(intent.id)!.state;

describe("a critical service that died", () => {
  test("is not started before anybody decided", async () => {
    const { rig } = await waiting();
    await rig.clock.advance(30 * MINUTE);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("is started once after the approval, and verified", async () => {
    const { rig, intent } = await waiting();
    expect(codeOf(await approve(rig, intent))).toBe("ok");
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    const stored = rig.store.intents.get(intent.id)!;
    expect(stored.state).toBe("verified");
    expect(stored.decisions.at(-1)).toMatchObject({ decider: "user:anna", verdict: "allow" });
    expect((await rig.store.ledger.verify()).fault).toBeNull();
    await rig.stop();
  });

  test("keeps in its record who said yes, by the name of that day, and why, once", async () => {
    const { rig, intent } = await waiting();
    const at = rig.clock.now();
    const person = {
      kind: "human",
      principal: "user:0199f000",
      name: "user:anna",
      method: "session",
      at,
    } as const;
    const approval = key.approve(intent, "n_test", at, { approvals: [person] });
    const reason = "a person approved it: demo may start";
    await rig.command({
      type: "decision",
      intent: intent.id,
      verdict: "approve",
      approval,
      reason,
      actor: "user:anna",
    });
    const said = `${reason} (session)`;
    expect(rig.store.intents.get(intent.id)!.decisions.at(-1)).toMatchObject({
      decider: "user:anna",
      reason: said,
    });
    await rig.clock.advance(2 * MINUTE);
    const { events } = rig.store.problems.get(intent.problemId!)!;
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "proposed", "asked", "approved", "resolved"]);
    expect(events[2]?.text).toContain("tagged critical");
    expect(events[3]?.text).toBe(`anna: ${said}`);
    await rig.stop();
  });

  test("is held by nothing any more from the yes on, and its attempt and its success count", async () => {
    const { rig, intent } = await waiting();
    const guards = () => rig.store.problems.get(intent.problemId!)!.guards;
    expect(guards()).toMatchObject({ hold: "autonomy_ask", attemptsUsed: 0 });
    await approve(rig, intent);
    expect(guards()).toMatchObject({ hold: null, holdText: null });
    await rig.clock.advance(SECOND);
    expect(guards()).toMatchObject({ hold: null, attemptsUsed: 1, successesToday: 0 });
    await rig.clock.advance(2 * MINUTE);
    expect(guards()).toMatchObject({ hold: null, attemptsUsed: 1, successesToday: 1 });
    await rig.stop();
  });

  test("is left alone after a no, and a person is told", async () => {
    const { rig, intent } = await waiting();
    expect(codeOf(await answer(rig, intent, null, "reject"))).toBe("ok");
    await rig.clock.advance(10 * MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(stateOf(rig, intent)).toBe("rejected");
    expect(rig.store.problems.get(intent.problemId!)).toMatchObject({ state: "open", level: "L3" });
    await rig.stop();
  });

  test("says in its history who said no, and why, once", async () => {
    const { rig, intent } = await waiting();
    const reason = "a person rejected it: not tonight";
    await rig.command({
      type: "decision",
      intent: intent.id,
      verdict: "reject",
      approval: null,
      reason,
      actor: "user:anna",
    });
    const last = rig.store.problems.get(intent.problemId!)!.events.at(-1);
    expect(last?.text).toBe("anna rejected the repair: not tonight; a person has to look");
    await rig.stop();
  });

  test("is left alone when nobody decides in time, and an approval after that does nothing", async () => {
    const { rig, intent } = await waiting({ config: { ...CRITICAL, policy: { proposal_ttl: "5m" } } });
    const approval = key.approve(intent, "n_test", rig.clock.now());
    await rig.clock.advance(6 * MINUTE);
    expect(stateOf(rig, intent)).toBe("expired");
    expect(rig.store.problems.get(intent.problemId!)?.level).toBe("L3");
    expect(codeOf(await answer(rig, intent, approval))).toBe("approval.already_decided");
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

test("supervision keeps its hands off what waits for a decision or was refused one, until the next boot", async () => {
  const { rig, intent } = await waiting();
  const held = (one: Rig) => one.engine.stages.repairer.ownerInFlight("process:demo");
  expect(held(rig)).toBe(true);
  await rig.stop();
  const options = {
    config: CRITICAL,
    hooks: demoHooks,
    trust: key.trust,
    store: rig.store,
    clock: rig.clock,
  };
  const restarted = createAgentRig({ ...options, world: rig.world });
  expect(held(restarted)).toBe(true);
  await restarted.start();
  await answer(restarted, intent, null, "reject");
  expect(held(restarted)).toBe(true);
  await restarted.stop();
  expect(held(createAgentRig({ ...options, bootId: "after-a-reboot" }))).toBe(false);
});

describe("T26 approved is what runs", () => {
  const changes: [string, Partial<Approval>, string][] = [
    ["another intent", { intent: "0199f000-0000-7000-8000-00000000000c" }, "approval.hash_mismatch"],
    ["another hash", { hash: "cd".repeat(32) }, "approval.hash_mismatch"],
    ["another class", { class: "R1" }, "approval.hash_mismatch"],
    ["another node", { node: "n_other" }, "approval.wrong_node"],
    ["another signer", { signer: "C".repeat(43) }, "approval.unknown_signer"],
    ["a broken signature", { signature: "AAAA" }, "approval.bad_signature"],
    ["a life that is over", { notBefore: 1, expiresAt: 2 }, "approval.approval_expired"],
    ["a life that is too long", { expiresAt: 9e15 }, "approval.approval_expired"],
    ["nobody", { approvals: [] }, "approval.malformed_approval"],
  ];
  test.each(changes)("an approval for %s starts nothing", async (_, change, code) => {
    const { rig, intent } = await waiting();
    expect(codeOf(await approve(rig, intent, change))).toBe(code);
    await rig.clock.advance(MINUTE);
    expect([rig.world.acts, stateOf(rig, intent)]).toEqual([[], "proposed"]);
    const kinds = rig.store.ledger.read(0, 1000).map((entry) => entry.kind);
    expect(kinds).toContain("approval.refused");
    await rig.stop();
  });

  test("T24 an agent that trusts nobody obeys nobody", async () => {
    const { rig, intent } = await waiting({ trust: { signers: () => [], verify: () => true } });
    expect(codeOf(await approve(rig, intent))).toBe("approval.unknown_signer");
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("T39 a plan that is another one today is asked about anew", async () => {
    let from = "dead";
    const hooks = (world: World): PluginHooks => {
      const base = demoHooks(world);
      const [repair] = base.repairs!;
      const plan = async () => ({
        summary: "start demo",
        changes: [{ what: "process demo", from, to: "running" }],
      });
      return { ...base, repairs: [{ ...repair!, plan }] };
    };
    const { rig, intent } = await waiting({ hooks });
    from = "stopped by hand";
    expect(codeOf(await approve(rig, intent))).toBe("approval.plan_changed");
    expect(stateOf(rig, intent)).toBe("superseded");
    await rig.clock.advance(20 * SECOND);
    expect(rig.world.acts).toEqual([]);
    const states = rig.store.intents.find({ kind: ["repair"], limit: 10 }).map((one) => one.state);
    expect(states.toSorted()).toEqual(["proposed", "superseded"]);
    await rig.stop();
  });

  test("T39 a precondition that does not hold any more stops it before the act", async () => {
    const hooks = (world: World): PluginHooks => {
      const base = demoHooks(world);
      const [repair] = base.repairs!;
      const preconditions = async () => [{ name: "is dead", ok: world.alive !== true, detail: "it runs" }];
      return { ...base, repairs: [{ ...repair!, preconditions }] };
    };
    const { rig, intent } = await waiting({ hooks });
    rig.world.alive = true;
    expect(codeOf(await approve(rig, intent))).toBe("ok");
    await rig.clock.advance(10 * SECOND);
    expect([rig.world.acts, stateOf(rig, intent)]).toEqual([[], "failed"]);
    expect(rig.store.problems.get(intent.problemId!)?.level).toBe("L3");
    await rig.stop();
  });

  test("T25 what this node's own policy forbids, no Monitor can approve", async () => {
    const { rig, intent } = await waiting();
    rig.reconfigure({ ...CRITICAL, policy: { autonomy: "observe" } });
    const result = await approve(rig, intent);
    expect(result.ok).toBe(false);
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

test("an agent that is only starting says so, and takes the same approval a moment later", async () => {
  const { rig, intent } = await waiting();
  await rig.stop();
  const options = {
    config: CRITICAL,
    hooks: demoHooks,
    trust: key.trust,
    store: rig.store,
    clock: rig.clock,
  };
  const restarted = createAgentRig({ ...options, world: rig.world });
  const approval = key.approve(intent, "n_test", rig.clock.now());
  expect(await answer(restarted, intent, approval)).toMatchObject({
    code: "approval.starting",
    kind: "unavailable",
  });
  await restarted.start();
  expect(codeOf(await answer(restarted, intent, approval))).toBe("ok");
  await rig.clock.advance(MINUTE);
  expect(rig.world.acts).toEqual(["apply:demo"]);
  await restarted.stop();
});

describe("T27 an approval is used once", () => {
  test("sent a hundred times at once, the act happens once", async () => {
    const { rig, intent } = await waiting();
    const approval = key.approve(intent, "n_test", rig.clock.now());
    const answers = await Promise.all(Array.from({ length: 100 }, () => answer(rig, intent, approval)));
    expect(answers.every((one) => one.ok)).toBe(true);
    await rig.clock.advance(2 * MINUTE);
    for (let again = 0; again < 5; again += 1)
      expect(await answer(rig, intent, approval)).toEqual({ ok: true, data: { state: "verified" } });
    const begun = rig.store.ledger.read(0, 1000).filter(({ kind }) => kind === "intent.executing");
    expect([rig.world.acts, begun.length]).toEqual([["apply:demo"], 1]);
    await rig.stop();
  });

  test("told again it is answered only when it is the very one that was used for this intent", async () => {
    const { rig, intent } = await waiting();
    const used = key.approve(intent, "n_test", rig.clock.now());
    await answer(rig, intent, used);
    await rig.clock.advance(2 * MINUTE);
    const others = [
      key.approve(intent, "n_test", rig.clock.now()),
      { ...used, reason: "ok" as const },
      createTestMonitorKey().approve(intent, "n_test", rig.clock.now(), { nonce: used.nonce }),
      null,
    ];
    for (const other of others)
      expect(codeOf(await answer(rig, intent, other))).toBe("approval.already_decided");
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("two different approvals of one intent start it once", async () => {
    const { rig, intent } = await waiting();
    const answers = await Promise.all([approve(rig, intent), approve(rig, intent)]);
    expect(answers.filter((one) => one.ok).length).toBe(1);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });
});

test("killed before any durable write of a decision, there is at most one act and one end", async () => {
  let decided = 0;
  for (let killAt = 1; ; killAt += 1) {
    const clock = createTestClock();
    const real = createMemoryStore(clock);
    const world: World = { status: {}, acts: [], probe: "not_done" };
    const faulty = createFaultyStore(real, clock);
    const options = { clock, world, store: faulty.store, agentClock: faulty.clock };
    const { rig, intent } = await waiting(options);
    const approval = key.approve(intent, "n_test", clock.now());
    faulty.killAfter(killAt);
    await answer(rig, intent, approval).catch(() => undefined);
    await clock.advance(10 * SECOND);
    const died = faulty.dead();
    faulty.kill();
    const acts = world.acts.length;
    const second = createAgentRig({
      config: CRITICAL,
      hooks: demoHooks,
      trust: key.trust,
      clock,
      world,
      store: real,
    });
    await second.start();
    await clock.advance(5 * SECOND);
    await answer(second, intent, approval);
    await clock.advance(15 * SECOND);
    const where = `killed before write ${killAt}`;
    expect([where, world.acts.length <= 1]).toEqual([where, true]);
    const after = real.intents.get(intent.id)!;
    expect([where, ["approved", "executing", "verifying"].includes(after.state)]).toEqual([where, false]);
    if (acts > 0) decided += 1;
    expect([where, (await real.ledger.verify()).fault]).toEqual([where, null]);
    await second.stop();
    if (!died) break;
  }
  expect(decided).toBeGreaterThan(3);
}, 60_000);
