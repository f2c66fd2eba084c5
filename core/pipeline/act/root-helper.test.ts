import { expect, test } from "bun:test";
import type { ApplyOutcome, PluginHooks } from "cortex";
import type { Approval } from "../../domain/decide/approval.ts";
import { hashOf } from "../../domain/decide/bound-hash.ts";
import type { RootWork } from "../../domain/root-work.ts";
import { answer, createAgentRig, demoHooks, type RigOptions, type World } from "../../testing/agent-rig.ts";
import { createTestMonitorKey, earned } from "../../testing/test-monitor-key.ts";
import type { RootHelper } from "./root-helper.ts";
import { standingOf } from "../trust/standing.ts";

const SECOND = 1000;
const VERIFY = { verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" } };
const CRITICAL = { node: { tags: ["critical"] }, ...VERIFY };
const key = createTestMonitorKey();

/** The demo's repair, done by the helper. */
function helped(asks: string | null): (world: World) => PluginHooks {
  return (world) => {
    const { checks = [], repairs = [] } = demoHooks(world);
    const start = repairs[0]!;
    const plan: typeof start.plan = async (params, run) => ({
      ...(await start.plan(params, run)),
      effects: [{ kind: "service", verb: "start", name: "demo.service" }],
    });
    const apply: typeof start.apply = (_params, _plan, run) => run.helper!();
    return { checks, repairs: [{ ...start, plan, apply, asks: () => asks }] };
  };
}

function recorder(world: World) {
  const asked: { work: RootWork; approval: Approval | null }[] = [];
  const helper: RootHelper = {
    leave: () => "decided",
    async act(work, approval): Promise<ApplyOutcome> {
      asked.push({ work, approval });
      world.status.demo = "ok";
      return { ok: true, summary: "started by the helper" };
    },
  };
  return { asked, helper };
}

async function broken(options: Partial<RigOptions>, asks: string | null = null) {
  const world: World = { status: {}, acts: [] };
  const { asked, helper } = recorder(world);
  const rig = createAgentRig({
    hooks: helped(asks),
    world,
    trust: key.trust,
    rootHelper: helper,
    ...options,
  });
  await rig.start();
  await rig.clock.advance(3 * SECOND);
  world.status.demo = "critical";
  await rig.clock.advance(6 * SECOND);
  const [intent] = rig.store.intents.find({ kind: ["repair"], limit: 10 });
  return { rig, asked, intent: intent! };
}

test("T41 the helper is given the stored intent, whose hash it can make again, and the Monitor's very words", async () => {
  const { rig, asked, intent } = await broken({ config: CRITICAL });
  expect([intent.state, asked]).toEqual(["proposed", []]);
  const approval = key.approve(intent, "n_test", rig.clock.now());
  await answer(rig, intent, approval);
  await rig.clock.advance(20 * SECOND);
  expect(asked).toHaveLength(1);
  // As the socket carries it.
  const work = JSON.parse(JSON.stringify(asked[0]!.work)) as RootWork;
  expect([hashOf({ node: "n_test", ...work }), asked[0]!.approval]).toEqual([approval.hash, approval]);
  expect(rig.store.intents.get(intent.id)?.state).toBe("verified");
  await rig.stop();
});

test("what policy lets the node do by itself reaches the helper without an approval", async () => {
  const { rig, asked } = await broken({ config: VERIFY });
  await rig.clock.advance(20 * SECOND);
  expect(asked.map(({ approval }) => approval)).toEqual([null]);
  await rig.stop();
});

test("T41 where the helper wants an approval, a repair that would act by itself waits for a decision and says why", async () => {
  const why = "root work on demo.service goes through the privileged helper, which wants a signed approval";
  const { rig, asked, intent } = await broken({ config: VERIFY }, why);
  await rig.clock.advance(20 * SECOND);
  expect([intent.state, intent.level, intent.decisions[0]?.reason]).toEqual(["proposed", "L2", why]);
  expect(asked).toEqual([]);
  await rig.stop();
});

test("T41 T25 what a repair has earned does not lift the helper's wish: it asks, nothing fails, and it keeps what it earned", async () => {
  const why = "root work on demo.service goes through the privileged helper, which wants a signed approval";
  const { rig, asked, intent } = await broken({ config: CRITICAL }, why);
  const document = key.stand([earned()], "n_test", rig.clock.now());
  expect(await rig.command({ type: "standing.set", document, actor: "monitor" })).toMatchObject({ ok: true });
  await rig.clock.advance(120 * SECOND);
  const now = rig.store.intents.get(intent.id)!;
  expect([now.state, now.level, asked]).toEqual(["proposed", "L2", []]);
  const approval = key.approve(now, "n_test", rig.clock.now());
  await answer(rig, intent, approval);
  await rig.clock.advance(20 * SECOND);
  expect([asked.map((one) => one.approval), rig.store.intents.get(intent.id)?.state]).toEqual([
    [approval],
    "verified",
  ]);
  expect(rig.engine.stages.standing.of("service.start")).toMatchObject({ state: "act", isAlive: true });
  await rig.stop();
});

test("T41 T25 what the helper refused was not done and costs a repair nothing that it earned", async () => {
  const refuses: RootHelper = {
    leave: () => "alone",
    act: async () => ({ ok: false, summary: "3 acts were begun in the last hour", isRefused: true }),
  };
  const { rig } = await broken({ config: CRITICAL, rootHelper: refuses });
  const document = key.stand([earned()], "n_test", rig.clock.now());
  await rig.command({ type: "standing.set", document, actor: "monitor" });
  const ended = () =>
    rig.store.intents
      .find({ kind: ["repair"], limit: 100 })
      .findLast((one) => standingOf(one) === earned().id && one.finishedAt !== null);
  for (let second = 0; second < 300 && ended() === undefined; second += 1) {
    await rig.clock.advance(SECOND);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const acted = ended();
  expect([acted?.state, acted?.outcome.map(({ step }) => step)]).toEqual(["failed", ["helper"]]);
  expect(rig.engine.stages.standing.of("service.start")).toMatchObject({ state: "act" });
  expect(rig.store.ledger.read(0, 500).map(({ kind }) => kind)).not.toContain("standing.withdrawn");
  await rig.stop();
});

test("T41 what a helper was asked to do and did not answer is unknown: not failed, not undone, not tried again", async () => {
  const lost: RootHelper = {
    leave: () => "decided",
    act: async () => ({ ok: false, summary: "it did not answer within 155 s", isLost: true }),
  };
  const { rig, intent } = await broken({ config: VERIFY, rootHelper: lost });
  await rig.clock.advance(120 * SECOND);
  expect(rig.store.intents.find({ kind: ["repair"], limit: 10 }).map(({ state }) => state)).toEqual([
    "unknown",
  ]);
  const outcome = rig.store.intents.get(intent.id)!.outcome.find(({ step }) => step === "apply");
  expect(outcome?.summary).toContain("did not answer");
  await rig.stop();
});

test("where there is no helper, a repair that counts on one fails and says so", async () => {
  const { rig, intent } = await broken({ config: VERIFY, rootHelper: undefined });
  await rig.clock.advance(20 * SECOND);
  const outcome = rig.store.intents.get(intent.id)!.outcome.find(({ step }) => step === "apply");
  expect(outcome).toMatchObject({ ok: false, summary: "there is no privileged helper for this" });
  await rig.stop();
});
