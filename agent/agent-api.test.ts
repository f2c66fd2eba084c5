import { expect, test } from "bun:test";
import { createPluginStore } from "../core/host/plugin-store.ts";
import { memoryKeyRing } from "../core/ports/secrets/key-ring.ts";
import { createVault } from "../core/ports/secrets/vault.ts";
import { testStore } from "../core/store/agent/test-store.ts";
import { type AgentApiDeps, createAgentApi } from "./agent-api.ts";

test("T95 an agent whose Monitor is elsewhere gets a new key for what its plugins keep sealed, and writes it down", async () => {
  const store = testStore();
  const ring = memoryKeyRing();
  const vault = createVault(ring);
  const values = createPluginStore(store, vault, "config-restore~web");
  values.sealed.set("copy", "text");
  const [before] = ring.read();
  const api = createAgentApi({ store, vault } as unknown as AgentApiDeps);
  const body = JSON.stringify({ keepOld: false });
  const answer = await api.handle(
    new Request("http://agent/api/v1/secrets/rotate", { method: "POST", body }),
  );
  expect(await answer?.json()).toEqual({ records: 1, key: "memory" });
  expect(ring.read()).not.toContainEqual(before);
  expect(values.sealed.get<string>("copy")).toBe("text");
  expect(store.ledger.read(0, 10).map(({ kind, actor }) => [kind, actor])).toEqual([
    ["secrets.rotated", "local"],
  ]);
});

test("an agent refuses a limit that is none in the same words as a Monitor", async () => {
  const api = createAgentApi({ store: testStore(), newId: () => "id" } as unknown as AgentApiDeps);
  const answer = await api.handle(new Request("http://agent/api/v1/problems?limit=many"));
  expect(answer?.status).toBe(400);
  expect(await answer?.json()).toMatchObject({
    error: { message: "limit: must be a whole number from 1 to 500" },
  });
});
