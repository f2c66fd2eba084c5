import { describe, expect, test } from "bun:test";
import type { CortexError, PluginHooks } from "cortex";
import { createAgentRig, demoHooks, type Rig, type World } from "../testing/agent-rig.ts";
import { createDecideRig, type DecideRig, settled } from "../testing/decide-rig.ts";
import type { Voter } from "./votes.ts";

const CONFIG = {
  node: { tags: ["critical"], group: "web" },
  link: { report: "1s", heartbeat: "5s" },
  verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" },
};
const OTHER = `n_${"o".repeat(26)}`;
const anna: Voter = { kind: "user", id: "1", name: "anna", method: "password", isFresh: true };

function hooks(world: World): PluginHooks {
  const base = demoHooks(world);
  const plan = async () => ({
    summary: "start demo",
    changes: [{ what: "process demo", from: "dead", to: "running" }],
    effects: [{ kind: "service", verb: "start", name: "demo" } as const],
  });
  return { ...base, repairs: [{ ...base.repairs![0]!, plan }] };
}

/** Two nodes of one group, both with a dead critical service. */
async function twoDown(): Promise<{ rig: DecideRig; other: Rig }> {
  const rig = createDecideRig({ config: CONFIG, hooks });
  const other = createAgentRig({
    config: CONFIG,
    hooks,
    clock: rig.clock,
    nodeId: OTHER,
    uplink: rig.monitor.connect(OTHER),
    trust: rig.trust,
  });
  await rig.start();
  await other.start();
  await settled(rig);
  rig.agent.world.status.demo = "critical";
  other.world.status.demo = "critical";
  await settled(rig, 12_000);
  return { rig, other };
}

const decisions = (rig: DecideRig) => rig.store.decisions.find({ limit: 10 }).items.toReversed();
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return (error as CortexError).code;
  }
};

describe("one of a redundancy group at a time", () => {
  test("the second approval waits until the first repair has ended", async () => {
    const { rig, other } = await twoDown();
    const [first, second] = decisions(rig);
    expect([first?.state, second?.state]).toEqual(["pending", "pending"]);
    rig.decide.decisions.vote(first!.id, "approve", "", anna);
    const refused = () => rig.decide.decisions.vote(second!.id, "approve", "", anna);
    expect(codeOf(refused)).toBe("decision.not_now");
    expect(rig.decide.decisions.get(second!.id)?.state).toBe("pending");
    await settled(rig, 20_000);
    // T116: a clock that is set ahead frees nothing of the group's share, and one that is set back holds nothing.
    rig.clock.jump(60 * 60_000);
    await settled(rig, 6000);
    expect(codeOf(refused)).toBe("decision.not_now");
    rig.clock.jump(-70 * 60_000);
    await rig.clock.advance(11 * 60_000);
    await settled(rig, 6000);
    expect(codeOf(refused)).toBe("ok");
    await settled(rig, 20_000);
    expect([rig.agent.world.acts, other.world.acts]).toEqual([["apply:demo"], ["apply:demo"]]);
    await other.stop();
    await rig.stop();
  });
});

describe("what passes by itself", () => {
  test("a freeze makes it wait, said once, and a rule goes on by itself afterwards", async () => {
    const rig = createDecideRig({ config: CONFIG, hooks });
    const rules = [{ id: "web", when: { group: "web" }, verdict: "allow" }];
    rig.decide.policy.save({ version: 1, rules }, 0, "user:anna", "");
    await rig.start();
    await settled(rig);
    let maintenance = [window(rig, 60_000)];
    const real = rig.monitor.nodes.maintenance;
    rig.monitor.nodes.maintenance = () => maintenance;
    rig.agent.world.status.demo = "critical";
    await settled(rig, 20_000);
    expect(rig.decision()).toMatchObject({ state: "pending", voices: [{ reason: "frozen" }] });
    expect(rig.agent.world.acts).toEqual([]);
    maintenance = [];
    await settled(rig, 12_000);
    expect(rig.decision()).toMatchObject({ state: "approved" });
    await settled(rig, 20_000);
    expect(rig.agent.world.acts).toEqual(["apply:demo"]);
    rig.monitor.nodes.maintenance = real;
    await rig.stop();
  });

  test("a no needs neither the gate nor a fresh login", async () => {
    const rig = createDecideRig({ config: CONFIG, hooks });
    await rig.start();
    await settled(rig);
    rig.agent.world.status.demo = "critical";
    await settled(rig, 9000);
    const key: Voter = { kind: "key", id: "k", name: "ci", method: "key", isFresh: false };
    rig.monitor.nodes.maintenance = () => [window(rig, 60_000)];
    rig.decide.decisions.vote(rig.decision().id, "reject", "later", key);
    expect(rig.decision().state).toBe("rejected");
    await rig.stop();
  });
});

const window = (rig: DecideRig, ms: number) => ({
  id: "w",
  node: "n",
  nodeName: "n",
  check: "*",
  target: "*",
  from: new Date(rig.clock.now() - 1000).toISOString(),
  until: new Date(rig.clock.now() + ms).toISOString(),
  reason: "release week",
  actor: "local",
});
