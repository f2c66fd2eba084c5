import { describe, expect, test } from "bun:test";
import { CortexError, type PluginHooks } from "cortex";
import { demoHooks, type World } from "../testing/agent-rig.ts";
import {
  createDecideRig,
  type DecideRig,
  type DecideRigOptions,
  RIG_NODE,
  settled,
} from "../testing/decide-rig.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { createAutonomy } from "./autonomy.ts";

const MINUTE = 60_000;
const LEAST = 3;
const EARNING = { least: LEAST, bound: 0.4, ttlMs: 90 * 86_400_000, runs: 20 };
const CONFIG = {
  node: { tags: ["critical"], group: "web" },
  link: { report: "1s", heartbeat: "5s" },
  verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" },
  breaker: { attempts: 100, waits: ["0s"] },
  policy: { cooldown: "0s", healed_count: 1000, max_per_hour: 1000 },
};
const SCOPE = `node:${RIG_NODE}`;
const REPAIR = "service.start";
const anna = { kind: "user", id: "1", name: "anna", method: "password", isFresh: true } as const;

/** The demo service with typed effects, so that the gate can look at it. */
function hooks(world: World): PluginHooks {
  const base = demoHooks(world, () => world.breaks !== true);
  const [repair] = base.repairs!;
  const effects = [{ kind: "service", verb: "start", name: "demo" } as const];
  const plan = async () => ({ summary: "start demo", changes: [], effects });
  const repairClass = (world.class as "R2" | undefined) ?? "R2";
  return { ...base, repairs: [{ ...repair!, class: repairClass, plan }] };
}

async function joined(options: Partial<DecideRigOptions> = {}): Promise<DecideRig> {
  const rig = createDecideRig({ config: CONFIG, hooks, decide: { autonomy: EARNING }, ...options });
  await rig.start();
  await settled(rig);
  return rig;
}

async function breakIt(rig: DecideRig): Promise<void> {
  rig.agent.world.status.demo = "critical";
  await settled(rig, 12_000);
}

/** It fails, somebody approves, it is verified. */
async function approved(rig: DecideRig, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await breakIt(rig);
    rig.decide.decisions.vote(rig.decision().id, "approve", "", anna);
    await settled(rig, 15_000);
  }
}

const promote = (rig: DecideRig, state: "act" | "ask" | "shadow" = "act", scope = SCOPE) =>
  rig.decide.autonomy.set({ repair: REPAIR, scope, state, reason: "" }, "user:anna");
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return (error as CortexError).code;
  }
};
const acts = (rig: DecideRig) => rig.agent.world.acts.length;
const kinds = (rig: DecideRig) => rig.store.ledger.read(0, 5000).map(({ kind }) => kind);
const state = (rig: DecideRig) => rig.decide.autonomy.current()[0]?.state;

describe("earned autonomy", () => {
  test("is offered after enough verified repairs, accepted by a person, and acts without asking", async () => {
    const rig = await joined();
    await approved(rig, LEAST - 1);
    expect(rig.decide.autonomy.offers()).toEqual([]);
    expect(codeOf(() => promote(rig))).toBe("autonomy.unearned");
    await approved(rig);
    expect(rig.decide.autonomy.offers()).toMatchObject([
      { repair: REPAIR, scope: SCOPE, evidence: { verified: LEAST, failed: 0, nodes: 1 } },
    ]);
    promote(rig);
    expect(rig.decide.autonomy.offers()).toEqual([]);
    await settled(rig, 5000);
    const asked = rig.store.decisions.find({ limit: 100 }).items.length;
    await breakIt(rig);
    await settled(rig, MINUTE);
    expect(acts(rig)).toBe(LEAST + 1);
    expect(rig.store.decisions.find({ limit: 100 }).items.length).toBe(asked);
    expect(kinds(rig)).toContain("autonomy.promoted");
    await rig.stop();
  });

  test("is lost with the first bad outcome, at once and on the record; what was earned before counts no more", async () => {
    const rig = await joined();
    await approved(rig, LEAST);
    promote(rig);
    await settled(rig, 5000);
    rig.agent.world.breaks = true;
    await breakIt(rig);
    expect(state(rig)).toBe("ask");
    expect(rig.decide.autonomy.current()[0]).toMatchObject({ by: "cortex" });
    expect(rig.decide.autonomy.history(10)).toMatchObject([{ state: "act", endedBy: "cortex" }]);
    expect(kinds(rig)).toContain("autonomy.demoted");
    rig.agent.world.breaks = false;
    const before = acts(rig);
    await settled(rig, 20_000);
    expect([acts(rig), rig.decision().state]).toEqual([before, "pending"]);
    expect([rig.decide.autonomy.offers(), codeOf(() => promote(rig))]).toEqual([[], "autonomy.unearned"]);
    await rig.stop();
  });

  test("is lost on the node and at the Monitor also when the line was cut meanwhile", async () => {
    let isCut = false;
    const rig = await joined({
      downlink: (real) => ({
        send: (node, command) =>
          isCut
            ? Promise.reject(new CortexError("monitor.node_unreachable", "unavailable", "away"))
            : real.send(node, command),
      }),
    });
    await approved(rig, LEAST);
    promote(rig);
    await settled(rig, 5000);
    isCut = true;
    rig.agent.world.breaks = true;
    await breakIt(rig);
    const before = acts(rig);
    await settled(rig, 20_000);
    expect([acts(rig), state(rig)]).toEqual([before, "ask"]);
    await rig.stop();
  });

  test("accepted anew before it lapses, it is on the record as accepted, not as taken back", async () => {
    const rig = await joined();
    await approved(rig, LEAST);
    promote(rig);
    promote(rig);
    const said = kinds(rig).filter((kind) => kind.startsWith("autonomy."));
    expect(said).toEqual(["autonomy.promoted", "autonomy.ended", "autonomy.promoted"]);
    await rig.stop();
  });

  test("can be taken back by hand, and the node hears it", async () => {
    const rig = await joined();
    await approved(rig, LEAST);
    const { id } = promote(rig);
    await settled(rig, 5000);
    rig.decide.autonomy.demote(id, "before the holidays", "user:ben");
    await settled(rig, 5000);
    const before = acts(rig);
    await breakIt(rig);
    expect([acts(rig), rig.decision().state]).toEqual([before, "pending"]);
    expect(codeOf(() => rig.decide.autonomy.demote(id, "", "user:ben"))).toBe("autonomy.unknown");
    await rig.stop();
  });

  test("ends by itself, and is offered anew", async () => {
    const rig = await joined({ decide: { autonomy: { ...EARNING, ttlMs: MINUTE } } });
    await approved(rig, LEAST);
    promote(rig);
    await settled(rig, 3 * MINUTE);
    expect(rig.decide.autonomy.current()).toEqual([]);
    expect(kinds(rig)).toContain("autonomy.ended");
    expect(rig.decide.autonomy.offers()).toMatchObject([{ scope: SCOPE }]);
    await rig.stop();
  });

  test("what failed before it began says nothing about the repair", async () => {
    const rig = await joined();
    await approved(rig, LEAST);
    promote(rig);
    const intent = rig.store.intents.find({ kind: ["repair"], limit: 1 }).items[0]!.body;
    const outcome = [{ step: "precondition", ok: false, summary: "a lock is held", at: intent.updatedAt }];
    const body = { ...intent, id: crypto.randomUUID(), state: "failed" as const, outcome };
    rig.store.transaction(() => rig.decide.intents.noticed(RIG_NODE, body));
    expect(state(rig)).toBe("act");
    await rig.stop();
  });
});

describe("T32 the ceiling is compiled in", () => {
  test.each(["R3", "R4"] as const)("a repair of class %s never earns it", async (repairClass) => {
    const world: World = { status: {}, acts: [], class: repairClass };
    const rig = await joined({ world });
    expect(codeOf(() => promote(rig))).toBe("autonomy.ceiling");
    await rig.stop();
  });

  test("nor does one that no node has, or a place that is none", async () => {
    const rig = await joined();
    const set = (repair: string, scope: string) =>
      codeOf(() => rig.decide.autonomy.set({ repair, scope, state: "ask", reason: "" }, "user:anna"));
    expect(set("service.explode", SCOPE)).toBe("autonomy.unknown_repair");
    expect(set(REPAIR, "group:other")).toBe("autonomy.unknown_repair");
    expect(set(REPAIR, "everything")).toBe("autonomy.scope");
    await rig.stop();
  });
});

describe("shadow", () => {
  test("a repair that acts by its class only says what it would do, until it is let go", async () => {
    const rig = await joined({ config: { ...CONFIG, node: { group: "web" } } });
    const grant = promote(rig, "shadow", "group:web");
    await settled(rig, 5000);
    await breakIt(rig);
    await settled(rig, MINUTE);
    expect(acts(rig)).toBe(0);
    expect(rig.store.intents.find({ kind: ["repair"], limit: 1 }).items[0]!.body.shadow).toBe(true);
    expect(rig.store.decisions.find({ limit: 1 }).items).toEqual([]);
    rig.decide.autonomy.remove(grant.id, "user:anna");
    await settled(rig, MINUTE);
    expect(acts(rig)).toBe(1);
    await rig.stop();
  });
});

test("a node that was away is told when it is back", async () => {
  let reachable = false;
  const rig = await joined({
    downlink: (real) => ({
      send: (node, command) =>
        reachable || command.type !== "standing.set"
          ? real.send(node, command)
          : Promise.reject(new CortexError("monitor.node_unreachable", "unavailable", "away")),
    }),
  });
  promote(rig, "shadow");
  await settled(rig, 10_000);
  const told = () => rig.store.autonomy.standings.get(RIG_NODE)?.toldAt ?? null;
  expect(told()).toBeNull();
  reachable = true;
  await settled(rig, 10_000);
  expect(told()).not.toBeNull();
  await rig.stop();
});

test("on a large fleet the list of offers looks at each node a few times, not once for every other", () => {
  const ids = Array.from({ length: 400 }, (_, at) => {
    const letters = at.toString(4).replaceAll(/\d/g, (digit) => "abcd"[Number(digit)]!);
    return `n_${letters.padStart(26, "a")}`;
  });
  let looks = 0;
  const nodes = {
    ids: () => ids,
    place(id: string) {
      looks += 1;
      return { id, labels: {}, group: null };
    },
  };
  const clock = createTestClock();
  const store = createTestMonitorStore(clock.now);
  const row = { repair: REPAIR, class: "R2", ok: true, asked: true, at: clock.now() } as const;
  store.transaction(() => {
    for (const node of ids)
      for (let time = 0; time < LEAST; time += 1)
        store.autonomy.outcomes.put(crypto.randomUUID(), { ...row, node });
  });
  const autonomy = createAutonomy({
    clock,
    store,
    nodes: nodes as never,
    world: {} as never,
    config: () => ({ autonomy: EARNING }) as never,
    newId: () => crypto.randomUUID(),
    changed: () => {},
  });
  expect(autonomy.offers()).toHaveLength(ids.length);
  expect(looks).toBeLessThan(10 * ids.length);
  store.close();
});
