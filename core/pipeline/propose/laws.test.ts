import { describe, expect, test } from "bun:test";
import { type Effect, type PluginHooks } from "cortex";
import {
  answer,
  breakDemo,
  createAgentRig,
  demoHooks,
  type Rig,
  type World,
} from "../../testing/agent-rig.ts";
import { createTestMonitorKey, earned } from "../../testing/test-monitor-key.ts";

const SECOND = 1000;
const key = createTestMonitorKey();
const STOPS_GUARD: Effect = { kind: "service", verb: "stop", name: "auditd.service" };
const STARTS_GUARD: Effect = { kind: "service", verb: "start", name: "auditd.service" };
const verify = { stable: "2s", watch: "30s", interval: "1s", timeout: "10s" };

/** The demo service, whose repair has these effects and can be taken back. */
const hooks =
  (effects?: Effect[]) =>
  (world: World): PluginHooks => {
    const base = demoHooks(world, () => world.breaks !== true);
    const [repair] = base.repairs!;
    const plan = async () => ({ summary: "start demo", changes: [], ...(effects && { effects }) });
    const undo = async () => {
      world.acts.push("undo:demo");
      return { ok: true, summary: "taken back" };
    };
    return { ...base, repairs: [{ ...repair!, plan, undo }] };
  };

async function down(effects: Effect[] | undefined, config: Record<string, unknown> = {}): Promise<Rig> {
  const rig = createAgentRig({ config: { verify, ...config }, hooks: hooks(effects), trust: key.trust });
  await rig.start();
  await rig.clock.advance(3 * SECOND);
  return rig;
}

const problem = (rig: Rig) => rig.engine.stages.problems.open()[0]!;
const newest = (rig: Rig) => rig.store.intents.find({ kind: ["repair"], limit: 1 })[0];
const crossings = (rig: Rig) =>
  rig.store.ledger
    .read(0, 2000)
    .filter(({ kind }) => kind === "invariant.crossed")
    .map(({ payload }) => JSON.parse(Buffer.from(payload!).toString()));

describe("T79 invariants hold on the node, by whichever way an act was allowed", () => {
  test("what acts by itself is not begun, wakes a person, and is in the ledger once with its reason", async () => {
    const rig = await down([STOPS_GUARD]);
    await breakDemo(rig);
    await rig.clock.advance(10 * 60 * SECOND);
    expect(rig.world.acts).toEqual([]);
    expect(problem(rig)).toMatchObject({ level: "L3", guards: { hold: "invariant" } });
    expect(problem(rig).guards.holdText).toContain("a protected unit is not stopped (unit auditd.service)");
    expect(crossings(rig)).toMatchObject([{ reason: "protected_unit" }]);
    await rig.stop();
  });

  test("a standing approval lifts nothing above them", async () => {
    const rig = await down([STOPS_GUARD], { node: { tags: ["critical"] } });
    const document = key.stand([earned()], "n_test", rig.clock.now(), {});
    await rig.command({ type: "standing.set", document, actor: "monitor" });
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("a signed approval is refused with the invariant's reason, ends the proposal and wakes a person", async () => {
    const rig = await down([STOPS_GUARD], { policy: { autonomy: "ask" } });
    await breakDemo(rig);
    const intent = newest(rig)!;
    const approval = key.approve(intent, "n_test", rig.clock.now());
    expect(await answer(rig, intent, approval)).toMatchObject({ ok: false, code: "approval.protected_unit" });
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toEqual([]);
    expect(newest(rig)).toMatchObject({ id: intent.id, state: "rejected" });
    expect(problem(rig).level).toBe("L3");
    await rig.stop();
  });

  test("what the configuration protects since a reload is not touched", async () => {
    const rig = await down([{ kind: "service", verb: "stop", name: "vault.service" }]);
    rig.reconfigure({ verify, policy: { protected_units: ["vault.service"] } });
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("an undo that would cross one is not carried out: the act stays, and a person has to look", async () => {
    const rig = await down([STARTS_GUARD]);
    rig.world.breaks = true;
    await breakDemo(rig);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    expect(problem(rig).level).toBe("L3");
    expect(crossings(rig)).toMatchObject([{ step: "undo", reason: "protected_unit" }]);
    await rig.stop();
  });

  test.each([[undefined], [[]]])(
    "a plan that does not say what it does (%p) asks a person",
    async (effects) => {
      const rig = await down(effects);
      await breakDemo(rig);
      expect(rig.world.acts).toEqual([]);
      expect(newest(rig)).toMatchObject({ state: "proposed", level: "L2" });
      await rig.stop();
    },
  );
});
