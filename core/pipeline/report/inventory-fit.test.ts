import { describe, expect, test } from "bun:test";
import type { PluginHooks } from "cortex";
import { createAgentRig } from "../../testing/agent-rig.ts";
import { inventoryBody, type InventoryBody } from "../../wire/inventory.ts";

const SECOND = 1000;
/** As much as the uplink sends as one message. */
const ONE_MESSAGE = 900_000;

const many = (count: number) => (): PluginHooks => ({
  checks: Array.from({ length: count }, (_, index) => ({
    name: `container_${String(index).padStart(5, "0")}`,
    summary: "Is the container up?",
    type: "container.down",
    nature: "fact" as const,
    intervalMs: 3_600_000,
    confirmMs: 0,
    run: async () => [],
  })),
});

async function nodeWith(count: number) {
  const rig = createAgentRig({ hooks: many(count) });
  await rig.start();
  await rig.clock.advance(2 * SECOND);
  const body = rig.sent.findLast(({ type }) => type === "inventory")?.body as InventoryBody;
  const problems = rig.engine.stages.problems.open().filter(({ check }) => check === "inventory_size");
  await rig.stop();
  return { body, problems };
}

describe("the inventory of a node with very many checks", () => {
  test.each([201, 1000])("%p checks of one instance are all told", async (count) => {
    const { body, problems } = await nodeWith(count);
    expect(inventoryBody.safeParse(body).error).toBeUndefined();
    expect([body.checks.length, body.plugins[0]?.checks.length]).toEqual([count, count]);
    expect(problems).toEqual([]);
  });

  test("more than one message holds: the first ones are told, in a stable order, and a problem names the rest", async () => {
    const { body, problems } = await nodeWith(6000);
    expect(inventoryBody.safeParse(body).error).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(ONE_MESSAGE);
    const told = body.checks.map(({ name }) => name);
    expect(told.length).toBeGreaterThan(1000);
    expect(told).toEqual(told.map((_, index) => `container_${String(index).padStart(5, "0")}`));
    expect(problems).toMatchObject([{ severity: "warning", target: "inventory" }]);
    expect(problems[0]!.summary).toContain(`${6000 - told.length} of 6000 checks`);
  });
});
