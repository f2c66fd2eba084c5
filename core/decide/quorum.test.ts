/** Machines of one group of which some need a reboot: who may go down while the others stand. */
import { describe, expect, test } from "bun:test";
import { defineRepair, type PluginHooks, type Result } from "cortex";
import * as z from "zod";
import { createAgentRig, type Rig, type World } from "../testing/agent-rig.ts";
import { createDecideRig, settled } from "../testing/decide-rig.ts";
import type { Voter } from "./votes.ts";

const CONFIG = { node: { group: "db" }, link: { report: "1s", heartbeat: "5s" } };
const OTHERS = [`n_${"o".repeat(26)}`, `n_${"p".repeat(26)}`];
const anna: Voter = { kind: "user", id: "1", name: "anna", method: "password", isFresh: true };

/** Checks `reboot_needed` and `disk`; a reboot remedies the first. */
function hooks(world: World): PluginHooks {
  const check = (name: string, type: string) => ({
    name,
    summary: `Is ${name} well?`,
    type,
    nature: "fact" as const,
    intervalMs: 2000,
    confirmMs: 0,
    async run(): Promise<Result[]> {
      const status = world.status[name] ?? "ok";
      return [{ target: "host", status, summary: `${name} is ${status}` }];
    },
  });
  return {
    checks: [check("reboot_needed", "reboot.needed"), check("disk", "disk.bad")],
    repairs: [
      defineRepair({
        name: "host.reboot",
        version: 1,
        summary: "Boot again.",
        class: "R3",
        remedies: ["reboot.needed"],
        params: z.strictObject({}),
        resolve: () => ({}),
        plan: async () => ({
          summary: "reboot",
          changes: [{ what: "host" }],
          effects: [{ kind: "host", verb: "reboot" } as const],
        }),
        async apply() {
          world.acts.push("reboot");
          world.status["reboot_needed"] = "ok";
          return { ok: true, summary: "booted" };
        },
        undo: "none",
      }),
    ],
  };
}

/** One node for each entry, with what is bad there; the first one's agent proposes. */
async function group(bad: Record<string, string>[]) {
  const rig = createDecideRig({ config: CONFIG, hooks });
  const others: Rig[] = OTHERS.slice(0, bad.length - 1).map((nodeId) =>
    createAgentRig({
      config: { ...CONFIG, policy: { autonomy: "observe" } },
      hooks,
      clock: rig.clock,
      nodeId,
      uplink: rig.monitor.connect(nodeId),
      trust: rig.trust,
    }),
  );
  await rig.start();
  for (const other of others) await other.start();
  await settled(rig);
  // The node that asks comes last: what the Monitor judges it by is known then.
  for (const [index, agent] of [...others, rig.agent].entries()) {
    Object.assign(agent.world.status, bad[(index + 1) % bad.length]!);
    await settled(rig, 12_000);
  }
  const stop = async () => {
    for (const other of others) await other.stop();
    await rig.stop();
  };
  return { rig, stop };
}

const NEEDED = { reboot_needed: "warning" };

describe("a reboot in a group", () => {
  test("is possible although all of them need one: that takes nobody's quorum", async () => {
    const { rig, stop } = await group([{ reboot_needed: "critical" }, NEEDED, NEEDED]);
    expect(rig.decision().voices.map(({ reason }) => reason)).toEqual(["no_rule", "common_cause"]);
    rig.decide.decisions.vote(rig.decision().id, "approve", "", anna);
    await settled(rig, 20_000);
    expect(rig.agent.world.acts).toEqual(["reboot"]);
    await stop();
  });

  test("waits while another one has trouble of its own", async () => {
    const { rig, stop } = await group([NEEDED, { disk: "critical" }]);
    expect(rig.decision()).toMatchObject({ state: "pending", voices: [{ reason: "peers_down" }] });
    expect(() => rig.decide.decisions.vote(rig.decision().id, "approve", "", anna)).toThrow(
      "others of the group",
    );
    expect(rig.agent.world.acts).toEqual([]);
    await stop();
  });
});
