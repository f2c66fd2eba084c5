import { expect, test } from "bun:test";
import { createPluginStore } from "../core/host/plugin-store.ts";
import { memoryKeyRing } from "../core/ports/secrets/key-ring.ts";
import { createVault } from "../core/ports/secrets/vault.ts";
import { testStore } from "../core/store/agent/test-store.ts";
import type { Command, CommandResult } from "../core/wire/command.ts";
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

test("T88 an agent says of its own ledger whether it holds, up to which signed head", async () => {
  const store = testStore();
  store.ledger.append("a.kind", "local", { n: 1 });
  store.ledger.checkpoint();
  store.ledger.append("a.kind", "local", { n: 2 });
  const deps = { store, identity: { nodeId: "n_web" }, inventory: () => ({ name: "web-1" }) };
  const api = createAgentApi(deps as unknown as AgentApiDeps);
  const answer = await api.handle(new Request("http://agent/api/v1/intents/verify"));
  expect(await answer?.json()).toMatchObject({
    ok: true,
    entries: 2,
    chains: [
      {
        kind: "ledger",
        node: "n_web",
        nodeName: "web-1",
        state: "holds",
        entries: 2,
        checkpoint: { size: 1 },
      },
    ],
  });
});

test("an agent gives the evidence that it keeps, and says what it has none of", async () => {
  const asked: Command[] = [];
  const command = async (one: Command): Promise<CommandResult> => {
    asked.push(one);
    return { ok: true, data: { id: "here", parts: { memory: "full" } } };
  };
  const api = createAgentApi({ store: testStore(), newId: () => "id", command } as unknown as AgentApiDeps);
  const id = "01a21a75-5162-7228-9bef-89ba8cdcce88";
  const answer = await api.handle(new Request(`http://agent/api/v1/evidence/${id}?node=n_web`));
  expect(await answer?.json()).toEqual({ id: "here", parts: { memory: "full" } });
  expect(asked).toEqual([{ type: "evidence.get", id, actor: "local" }]);
});

test("an agent refuses a limit that is none in the same words as a Monitor", async () => {
  const api = createAgentApi({ store: testStore(), newId: () => "id" } as unknown as AgentApiDeps);
  const answer = await api.handle(new Request("http://agent/api/v1/problems?limit=many"));
  expect(answer?.status).toBe(400);
  expect(await answer?.json()).toMatchObject({
    error: { message: "limit: must be a whole number from 1 to 500" },
  });
});
