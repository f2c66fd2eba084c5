import { expect, test } from "bun:test";
import { createTestApi, NODE_A, NODE_LOCAL } from "../testing/test-api.ts";
import { sampleHeartbeat } from "../testing/wire-samples.ts";
import type { CommandResult } from "../wire/command.ts";

/** Ask for a reload; the node answers with `result`. */
async function reload(result: CommandResult) {
  const api = createTestApi();
  const node = api.connect(NODE_A, () => result);
  await node.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now()) });
  const principal = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
  return api.send("POST", "/api/v1/config/reload", { principal, body: {} });
}

test("a reload tells what changed", async () => {
  const answer = await reload({ ok: true, data: { changed: ["policy", "plugins"] } });
  expect([answer.status, answer.json]).toMatchObject([200, { ok: true, changed: ["policy", "plugins"] }]);
});

test("a configuration that is not valid is refused with its problems", async () => {
  const message = 'cortex.yaml:2:3 engine.tikc: unknown key "tikc"; did you mean "tick"?';
  const answer = await reload({ ok: false, code: "config.invalid", kind: "invalid", message });
  expect([answer.status, answer.json.error]).toMatchObject([400, { code: "config.invalid", message }]);
});

test("autonomy that was set is told to every node, shown, and never looser than the configuration", async () => {
  const api = createTestApi();
  const node = api.connect(NODE_A, () => ({ ok: true }));
  await node.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now()) });
  const principal = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
  const set = (autonomy: string) =>
    api.send("POST", "/api/v1/settings/autonomy", { principal, body: { autonomy, reason: "first look" } });
  const shown = async () => (await api.send("GET", "/api/v1/settings", { principal })).json;
  expect((await set("observe")).json).toMatchObject({ nodes: [{ ok: true }] });
  expect(node.commands).toMatchObject([{ type: "autonomy.set", autonomy: "observe", reason: "first look" }]);
  expect(await shown()).toMatchObject({ autonomy: "observe", configuredAutonomy: "act" });
  await set("act");
  expect(await shown()).toMatchObject({ autonomy: "act" });
});

test("which configuration file is in use is told on the machine and to admins of everything, to nobody else", async () => {
  const api = createTestApi();
  const told = async (grants: { role: "admin" | "operator"; scope: string }[]) => {
    const principal = { kind: "user", id: "u", name: "anna", role: grants[0]!.role, grants } as const;
    const { json } = await api.send("GET", "/api/v1/settings", { principal });
    return ["configFile", "configPlace", "pluginsDir"].some((name) => name in json);
  };
  expect(await told([{ role: "admin", scope: "*" }])).toBe(true);
  expect(await told([{ role: "admin", scope: "group:web" }])).toBe(false);
  expect(await told([{ role: "operator", scope: "*" }])).toBe(false);
});

test("letting repairs act more freely asks for a proof of the last five minutes, holding them back never does", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  await api.clock.advance(300_001);
  const set = async (autonomy: string) => {
    const body = { autonomy, reason: "x" };
    const { status, json } = await api.send("POST", "/api/v1/settings/autonomy", { cookie, body });
    return [status, json.error?.code ?? "done"];
  };
  expect(await set("observe")).toEqual([200, "done"]);
  expect(await set("observe")).toEqual([200, "done"]);
  expect(await set("ask")).toEqual([403, "auth.reauthenticate"]);
  expect(await set("act")).toEqual([403, "auth.reauthenticate"]);
});

test("a reload asked for on the machine itself is of its own node, however many there are", async () => {
  const api = createTestApi();
  const asked: string[] = [];
  for (const id of [NODE_A, NODE_LOCAL]) {
    const node = api.connect(id, ({ type }) => {
      asked.push(`${id} ${type}`);
      return { ok: true, data: { changed: [] } };
    });
    await node.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now()) });
  }
  const principal = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
  expect((await api.send("POST", "/api/v1/config/reload", { principal, body: {} })).status).toBe(200);
  expect(asked).toEqual([`${NODE_LOCAL} config.reload`]);
  const cookie = await api.setUp();
  expect((await api.send("POST", "/api/v1/config/reload", { cookie, body: {} })).json.error.code).toBe(
    "api.node_needed",
  );
});
