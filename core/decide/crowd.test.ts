import { expect, test } from "bun:test";
import { createDecideRig, settled } from "../testing/decide-rig.ts";
import { demoHooks } from "../testing/agent-rig.ts";
import { sampleIntent, sampleInventory, sampleProblem, sampleRepair } from "../testing/wire-samples.ts";
import { MOST_PENDING } from "./crowd.ts";

const EFFECTS = [{ kind: "service" as const, verb: "restart" as const, name: "nginx.service" }];
const FLOODING = `n_${"f".repeat(26)}`;
const OTHER = `n_${"o".repeat(26)}`;

test("T40 a node that proposes a thousand repairs puts few before people, and others are heard meanwhile", async () => {
  const rig = createDecideRig({ hooks: demoHooks });
  await rig.start();
  const { store } = rig;
  let seq = 0;
  const envelope = (node: string, type: "intent" | "problem" | "inventory", body: unknown) => ({
    v: 1 as const,
    type,
    id: crypto.randomUUID(),
    node,
    epoch: 1,
    seq: (seq += 1),
    at: new Date(rig.clock.now()).toISOString(),
    body,
  });
  /** Proposals that only a person may approve, all about one problem. */
  async function say(node: string, count: number): Promise<void> {
    const now = rig.clock.now();
    const problem = { ...sampleProblem(now), id: crypto.randomUUID() };
    const repair = sampleRepair({ class: "R3", remedies: [problem.type] });
    const intent = {
      ...sampleIntent(now),
      state: "proposed" as const,
      level: "L2" as const,
      class: "R3" as const,
      problemId: problem.id,
      target: problem.target,
      repair: repair.id,
      repairVersion: repair.version,
      outcome: [],
      plan: { summary: "restart", changes: [], effects: EFFECTS },
      expiresAt: new Date(now + 3_600_000).toISOString(),
    };
    await rig.monitor
      .connect(node)
      .deliver([
        envelope(node, "inventory", sampleInventory({ repairs: [repair] })),
        envelope(node, "problem", problem),
        ...Array.from({ length: count }, () =>
          envelope(node, "intent", { ...intent, id: crypto.randomUUID() }),
        ),
      ]);
  }
  const asked = (node: string) => store.decisions.find({ node, limit: 500 }).items;
  const open = (node: string) => asked(node).filter(({ state }) => state === "pending").length;

  for (let times = 0; times < 10; times += 1) await say(FLOODING, 100);
  await say(OTHER, 1);
  expect([asked(FLOODING).length, asked(OTHER).length]).toEqual([MOST_PENDING, 1]);

  await settled(rig, 10_000);
  expect([asked(FLOODING).length, open(FLOODING)]).toEqual([MOST_PENDING, MOST_PENDING]);

  const voter = { kind: "user" as const, id: "u", name: "anna", method: "session", isFresh: true };
  rig.decide.decisions.vote(asked(FLOODING)[0]!.id, "reject", "", voter);
  await settled(rig, 10_000);
  expect([asked(FLOODING).length, open(FLOODING)]).toEqual([MOST_PENDING + 1, MOST_PENDING]);
  await rig.stop();
});
