import { expect, test } from "bun:test";
import { createTestApi, NODE_A } from "../testing/test-api.ts";

async function house() {
  const api = createTestApi();
  const cookie = await api.setUp();
  const viewer = await api.createKey("viewer");
  const entries = async (kind: string): Promise<Record<string, unknown>[]> =>
    (await api.send("GET", `/api/v1/audit?kind=${kind}`, { cookie })).json.items.map(
      ({ actor, payload }) => ({ actor, ...(payload as Record<string, unknown>) }),
    );
  return { api, cookie, viewer, entries };
}

test("who is not allowed to is written down with what was asked for and from where", async () => {
  const { api, viewer, entries } = await house();
  await api.send("GET", "/api/v1/users", { key: viewer });
  await api.send("GET", "/api/v1/audit", { key: viewer, ip: "192.0.2.7" });
  expect(await entries("access.refused")).toEqual([
    { actor: "key:viewer-key", operation: "listAudit", ip: "192.0.2.7" },
    { actor: "key:viewer-key", operation: "listUsers", ip: "10.0.0.9" },
  ]);
});

test("a thousand knocks at one door are two entries, and none is lost", async () => {
  const { api, viewer, entries } = await house();
  for (let at = 0; at < 1000; at += 1) await api.send("GET", "/api/v1/users", { key: viewer });
  api.access.tidy();
  expect((await entries("access.refused")).length).toBe(1);
  await api.clock.advance(60_000);
  api.access.tidy();
  expect(await entries("access.refused")).toEqual([
    { actor: "key:viewer-key", operation: "listUsers", ip: "10.0.0.9", repeated: 999 },
    { actor: "key:viewer-key", operation: "listUsers", ip: "10.0.0.9" },
  ]);
});

test("made-up keys are written down by address, however many addresses there are", async () => {
  const { api, entries } = await house();
  for (let at = 0; at < 200; at += 1)
    await api.send("GET", "/api/v1/nodes", { key: `guess${at}`, ip: `198.51.100.${at}` });
  expect((await entries("auth.refused")).length).toBe(30);
  await api.clock.advance(60_000);
  api.access.tidy();
  const ips = new Set((await entries("auth.refused&limit=500")).map(({ ip }) => ip));
  expect(ips.size).toBe(200);
});

test("a session that ran out is nobody's attempt", async () => {
  const { api, cookie } = await house();
  const key = await api.createKey("admin");
  await api.clock.advance(13 * 3_600_000);
  expect((await api.send("GET", "/api/v1/nodes", { cookie })).status).toBe(401);
  const { json } = await api.send("GET", "/api/v1/audit?kind=auth.refused", { key });
  expect(json.items).toEqual([]);
});

test("asking for a node beyond one's part is written down, whether it exists or not; a wrong id of one's own is not", async () => {
  const { api, entries } = await house();
  await api.connect(NODE_A).tell({
    type: "heartbeat",
    body: {
      at: new Date(api.clock.now()).toISOString(),
      uptimeSeconds: 1,
      repairs: true,
      openProblems: 0,
      spooled: 0,
      version: "1",
    },
  });
  const key = await api.createKey("viewer", undefined, [{ role: "viewer", scope: "group:other" }]);
  const [hidden, unknown] = [NODE_A, `n_${"z".repeat(26)}`].map((id) => `/api/v1/nodes/${id}`);
  const whole = await api.createKey("viewer");
  expect((await api.send("GET", unknown!, { key: whole })).status).toBe(404);
  expect(await entries("access.refused")).toEqual([]);
  expect((await api.send("GET", hidden!, { key })).status).toBe(404);
  expect(await entries("access.refused")).toMatchObject([{ operation: "getNode" }]);
  expect((await api.send("GET", unknown!, { key })).status).toBe(404);
  await api.clock.advance(60_000);
  api.access.refusals.tidy();
  expect(await entries("access.refused")).toMatchObject([{ repeated: 1 }, { operation: "getNode" }]);
});
