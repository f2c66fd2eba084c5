import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import type { Standing, StandingEntry } from "../../domain/decide/standing.ts";
import {
  breakDemo,
  createAgentRig,
  demoHooks,
  type Rig,
  type RigOptions,
  type World,
} from "../../testing/agent-rig.ts";
import type { TrustStore } from "./trust-store.ts";
import { createTestMonitorKey, earned } from "../../testing/test-monitor-key.ts";
import type { CommandResult } from "../../wire/command.ts";

const SECOND = 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const CRITICAL = {
  node: { tags: ["critical"] },
  verify: { stable: "2s", watch: "30s", interval: "1s", timeout: "10s" },
  breaker: { attempts: 100, waits: ["0s"] },
  policy: { cooldown: "0s", healed_count: 1000, max_per_hour: 1000, proposal_ttl: "5m" },
};
const key = createTestMonitorKey();

/** Where the class alone decides. */
const OPEN = { ...CRITICAL, node: {} };

/** Two services, each with a start that takes its time. */
const twoSlow = (world: World): PluginHooks => {
  const base = hooks()(world);
  const results = () =>
    ["a", "b"].map((target) => {
      const status = world.status[target] ?? ("ok" as const);
      return { target, status, summary: `${target} is ${status}`, owner: `process:${target}` };
    });
  const apply = async ({ id }: { id: string }) => {
    world.acts.push(`apply:${id}`);
    await world.gate;
    world.status[id] = "ok";
    return { ok: true, summary: "started" };
  };
  return {
    ...base,
    checks: [{ ...base.checks![0]!, run: async () => results() }],
    repairs: [{ ...base.repairs![0]!, apply: apply as never }],
  };
};

/** The demo service, whose repair says what it does to the world. */
const hooks =
  (effect: object = { kind: "service", verb: "start", name: "demo" }) =>
  (world: World): PluginHooks => {
    const base = demoHooks(world, () => world.breaks !== true);
    const [repair] = base.repairs!;
    const plan = async () => ({
      summary: "start demo",
      changes: [{ what: "process demo", from: "dead", to: "running" }],
      effects: [effect as never],
    });
    return { ...base, repairs: [{ ...repair!, plan }] };
  };

async function node(options: Partial<RigOptions> = {}): Promise<Rig> {
  const rig = createAgentRig({ config: CRITICAL, hooks: hooks(), trust: key.trust, ...options });
  await rig.start();
  await rig.clock.advance(3 * SECOND);
  return rig;
}

const tell = (rig: Rig, document: unknown): Promise<CommandResult> =>
  rig.command({ type: "standing.set", document, actor: "monitor" });
const grant = (rig: Rig, change: Partial<StandingEntry> = {}, more: Partial<Standing> = {}) =>
  tell(rig, key.stand([earned(change)], "n_test", rig.clock.now(), more));
const codeOf = (result: CommandResult) => (result.ok ? "ok" : result.code);
const newest = (rig: Rig) => rig.store.intents.find({ kind: ["repair"], limit: 1 })[0]!;
const kinds = (rig: Rig) => rig.store.ledger.read(0, 2000).map(({ kind }) => kind);

describe("a repair that earned to act by itself", () => {
  test("runs at once where it asked before, and its intent names the grant", async () => {
    const rig = await node();
    expect(codeOf(await grant(rig))).toBe("ok");
    await breakDemo(rig);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    expect(newest(rig)).toMatchObject({ state: "verified", level: "L1" });
    expect(newest(rig).decisions[0]!.decider).toBe(`standing:${earned().id}`);
    expect((await rig.store.ledger.verify()).fault).toBeNull();
    await rig.stop();
  });

  test("runs what waited for a decision when it arrives", async () => {
    const rig = await node();
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await grant(rig);
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test.each(["apply", "watch"])(
    "asks again at once after a bad %s, with no Monitor to tell it",
    async (how) => {
      const rig = await node();
      await grant(rig);
      rig.world.breaks = how === "apply";
      await breakDemo(rig);
      if (how === "watch") await breakDemo(rig);
      await rig.clock.advance(MINUTE);
      expect(rig.world.acts).toEqual(["apply:demo"]);
      expect(newest(rig)).toMatchObject({ state: "proposed", level: "L2" });
      expect(kinds(rig)).toContain("standing.withdrawn");
      // The same document again changes nothing: what was taken back is gone for good.
      await grant(rig);
      await rig.clock.advance(2 * MINUTE);
      expect(rig.world.acts).toEqual(["apply:demo"]);
      await rig.stop();
    },
  );

  test("asks when it acted as often as it may within a day", async () => {
    const rig = await node();
    await grant(rig, { maxRuns: 2 });
    for (let time = 0; time < 3; time += 1) {
      await breakDemo(rig);
      await rig.clock.advance(5 * MINUTE);
    }
    expect(rig.world.acts).toEqual(["apply:demo", "apply:demo"]);
    expect(newest(rig).level).toBe("L2");
    await rig.stop();
  });

  test("T25 two at once are two acts: one of them asks where only one is left", async () => {
    const gate = Promise.withResolvers<void>();
    const rig = await node({ hooks: twoSlow, world: { status: {}, acts: [], gate: gate.promise } });
    await grant(rig, { maxRuns: 1 });
    rig.world.status.a = "critical";
    rig.world.status.b = "critical";
    await rig.clock.advance(10 * SECOND);
    expect(rig.world.acts).toHaveLength(1);
    gate.resolve();
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toHaveLength(1);
    await rig.stop();
  });

  test("T25 what was allowed by policy does not begin by a grant that its row does not name", async () => {
    let rig: Rig | null = null;
    const gate = Promise.withResolvers<void>();
    const slow = (world: World): PluginHooks => {
      const base = hooks()(world);
      const evidence = async () => {
        // Between proposal and act this node became careful.
        rig!.reconfigure({ ...OPEN, policy: { ...CRITICAL.policy, autonomy: "ask" } });
        gate.resolve();
        return {};
      };
      return { ...base, repairs: [{ ...base.repairs![0]!, evidence }] };
    };
    rig = await node({ config: OPEN, hooks: slow });
    await grant(rig);
    rig.world.breaks = true;
    await breakDemo(rig);
    await gate.promise;
    await rig.clock.advance(5 * MINUTE);
    const acted = rig.store.intents.find({ kind: ["repair"], state: ["failed"], limit: 10 });
    expect(acted.map(({ decisions }) => decisions[0]!.decider)).toEqual([`standing:${earned().id}`]);
    expect(kinds(rig)).toContain("standing.withdrawn");
    await rig.stop();
  });

  test("asks again once its document has lapsed, also when the clock was set back", async () => {
    const rig = await node();
    await grant(rig, {}, { expiresAt: rig.clock.now() + MINUTE });
    rig.clock.jump(-DAY);
    await rig.clock.advance(2 * MINUTE);
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("asks after the next document says nothing of it", async () => {
    const rig = await node();
    await grant(rig);
    await rig.clock.advance(SECOND);
    await tell(rig, key.stand([], "n_test", rig.clock.now()));
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

describe("T25 what has been earned lifts only the default caution", () => {
  const rules = (rule: object) => ({ ...CRITICAL, policy: { ...CRITICAL.policy, rules: [rule] } });
  const files: [string, Record<string, unknown>][] = [
    ["a rule of this node", rules({ repair: "service.start", level: "L2" })],
    ["a rule of this node's autonomy", rules({ tag: "critical", autonomy: "ask" })],
    ["observe", { ...CRITICAL, policy: { ...CRITICAL.policy, autonomy: "observe" } }],
    ["earned_autonomy: false", { ...CRITICAL, policy: { ...CRITICAL.policy, earned_autonomy: false } }],
  ];
  test.each(files)("%s stands above it", async (_, config) => {
    const rig = await node({ config });
    await grant(rig);
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test("so does what somebody asked for from outside", async () => {
    const rig = await node();
    await grant(rig);
    await rig.command({ type: "autonomy.set", autonomy: "ask", reason: "careful today", actor: "user:anna" });
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });

  test.each([
    ["a host-level repair", "R3", undefined],
    ["one that touches data", "R4", undefined],
    ["what can't be taken back", "R2", { kind: "write", file: "/etc/x.conf" }],
    ["a protected unit", "R2", { kind: "service", verb: "stop", name: "auditd.service" }],
  ] as const)("%s is never lifted", async (_, repairClass, effect) => {
    const base = hooks(effect);
    const rig = await node({
      hooks(world) {
        const all = base(world);
        return { ...all, repairs: [{ ...all.repairs![0]!, class: repairClass }] };
      },
    });
    await grant(rig);
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

describe("T24 a standing approval that is not the deciding Monitor's changes nothing", () => {
  const now = (rig: Rig) => rig.clock.now();
  const forged: [string, string, (rig: Rig) => unknown][] = [
    ["a stranger's", "unknown_signer", (rig) => createTestMonitorKey().stand([earned()], "n_test", now(rig))],
    [
      "an altered one",
      "bad_signature",
      (rig) => ({ ...key.stand([earned()], "n_test", now(rig)), entries: [earned({ maxRuns: 999 })] }),
    ],
    ["another node's", "wrong_node", (rig) => key.stand([earned()], "n_other", now(rig))],
    [
      "one for ever",
      "approval_expired",
      (rig) => key.stand([earned()], "n_test", now(rig), { expiresAt: now(rig) + 365 * DAY }),
    ],
    [
      "one that is over",
      "approval_expired",
      (rig) => key.stand([earned()], "n_test", now(rig), { notBefore: 1, expiresAt: 2 }),
    ],
    ["one of the future", "not_yet_valid", (rig) => key.stand([earned()], "n_test", now(rig) + DAY)],
    [
      "one for R4",
      "malformed_approval",
      (rig) => key.stand([earned({ maxClass: "R4" as never })], "n_test", now(rig)),
    ],
    ["nothing", "malformed_approval", () => null],
  ];
  test.each(forged)("%s", async (_, reason, document) => {
    const rig = await node();
    expect(codeOf(await tell(rig, document(rig)))).toBe(`approval.${reason}`);
    await breakDemo(rig);
    expect([rig.world.acts, kinds(rig).includes("standing.refused")]).toEqual([[], true]);
    await rig.stop();
  });

  test("an older one does not come back", async () => {
    const rig = await node();
    const older = key.stand([earned()], "n_test", rig.clock.now());
    await rig.clock.advance(SECOND);
    await tell(rig, key.stand([], "n_test", rig.clock.now()));
    expect(codeOf(await tell(rig, older))).toBe("approval.replayed");
    await rig.stop();
  });

  test("an older one does not come back behind another signer's", async () => {
    const other = createTestMonitorKey();
    const both: TrustStore = {
      signers: () => [key.signer, other.signer],
      verify: (signer, message, signature) =>
        (signer === key.signer ? key : other).trust.verify(signer, message, signature),
    };
    const rig = await node({ trust: both });
    const older = key.stand([earned()], "n_test", rig.clock.now());
    const newer = key.stand([], "n_test", rig.clock.now() + 1);
    await tell(rig, newer);
    await tell(rig, other.stand([], "n_test", rig.clock.now() + 2));
    expect(codeOf(await tell(rig, older))).toBe("approval.replayed");
    expect(codeOf(await tell(rig, newer))).toBe("approval.replayed");
    await rig.stop();
  });

  test("a grant that the node took back stays so when it leaves the document and comes again", async () => {
    const rig = await node();
    await grant(rig);
    rig.world.breaks = true;
    await breakDemo(rig);
    await tell(rig, key.stand([], "n_test", rig.clock.now()));
    await rig.clock.advance(SECOND);
    rig.world.breaks = false;
    expect(codeOf(await grant(rig))).toBe("ok");
    await rig.clock.advance(2 * MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("one whose signer is trusted no more grants nothing", async () => {
    let trusted = [key.signer];
    const rig = await node({ trust: { ...key.trust, signers: () => trusted } });
    await grant(rig);
    trusted = [];
    await breakDemo(rig);
    expect(rig.world.acts).toEqual([]);
    await rig.stop();
  });
});

describe("a repair in shadow", () => {
  const open = { ...CRITICAL, node: {} };

  test("only says what it would do, and goes on so when nobody renews it", async () => {
    const rig = await node({ config: open });
    await grant(rig, { state: "shadow" }, { expiresAt: rig.clock.now() + MINUTE });
    await breakDemo(rig);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.world.acts).toEqual([]);
    expect(newest(rig)).toMatchObject({ shadow: true, level: "L3" });
    await rig.stop();
  });

  test("acts as its class allows once nothing is said of it", async () => {
    const rig = await node({ config: open });
    await grant(rig, { state: "shadow" });
    await breakDemo(rig);
    await tell(rig, key.stand([], "n_test", rig.clock.now() + 1));
    await rig.clock.advance(MINUTE);
    expect(rig.world.acts).toEqual(["apply:demo"]);
    await rig.stop();
  });

  test("asks where it was set to ask", async () => {
    const rig = await node({ config: open });
    await grant(rig, { state: "ask" });
    await breakDemo(rig);
    expect([rig.world.acts, newest(rig).level]).toEqual([[], "L2"]);
    await rig.stop();
  });
});
