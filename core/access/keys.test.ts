import { expect, test } from "bun:test";
import { createTestApi } from "../testing/test-api.ts";
import type { TestCall } from "../testing/test-call.ts";

const DAY_MS = 86_400_000;

async function house() {
  const api = createTestApi();
  let cookie = await api.setUp();
  const make = async (body: object) => {
    const { status, json } = await api.send("POST", "/api/v1/keys", {
      cookie,
      body: { name: "ci", ...body },
    });
    return { status, id: json.id, secret: json.secret, json };
  };
  const rotate = (id: string, graceSeconds?: number) =>
    api.send("POST", `/api/v1/keys/${id}/rotate`, {
      cookie,
      body: { ...(graceSeconds && { graceSeconds }) },
    });
  const get = async (path: string, call: TestCall) => (await api.send("GET", `/api/v1/${path}`, call)).status;
  /** Time passes, and the admin signs in again. */
  const later = async (ms: number) => {
    await api.clock.advance(ms);
    const body = { name: "anna", password: "a good long pass phrase" };
    const { headers } = await api.send("POST", "/api/v1/auth/login", { body });
    cookie = /__Host-cortex=([^;]+)/.exec(headers.get("set-cookie") ?? "")![1]!;
  };
  const kinds = async () =>
    (await api.send("GET", "/api/v1/audit?kind=key", { cookie })).json.items.map(({ kind }) => kind);
  return { api, make, rotate, get, later, kinds, cookie: () => cookie };
}

test("T67 a key says what it may do: nothing is the default, least of all admin", async () => {
  const { make, get } = await house();
  expect((await make({})).status).toBe(400);
  expect((await make({ grants: [] })).status).toBe(400);
  expect((await make({ role: "viewer", grants: [{ role: "admin", scope: "*" }] })).status).toBe(400);
  const { secret } = await make({ role: "viewer" });
  expect(await get("nodes", { key: secret })).toBe(200);
  expect(await get("users", { key: secret })).toBe(403);
});

test("T67 a narrowed key can only do what it is narrowed to, whatever its role", async () => {
  const { api, make, get } = await house();
  const { secret, json } = await make({ role: "admin", permissions: ["audit.read"] });
  expect(json.permissions).toEqual(["audit.read"]);
  expect(await get("audit", { key: secret })).toBe(200);
  for (const path of ["nodes", "users", "keys", "config"])
    expect([path, await get(path, { key: secret })]).toEqual([path, 403]);
  const another = await api.send("POST", "/api/v1/keys", { key: secret, body: { name: "x", role: "admin" } });
  expect(another.status).toBe(403);
});

test("T67 a key ends after a year unless something else is said, and never in the past", async () => {
  const { api, make, get, later } = await house();
  const in1d = new Date(api.clock.now() + DAY_MS).toISOString();
  const [usual, short, endless] = [
    await make({ role: "viewer" }),
    await make({ role: "viewer", expiresAt: in1d }),
    await make({ role: "viewer", expiresAt: null }),
  ];
  expect((await make({ role: "viewer", expiresAt: new Date(api.clock.now()).toISOString() })).status).toBe(
    400,
  );
  expect(Date.parse(String(usual.json.expiresAt)) - api.clock.now()).toBe(365 * DAY_MS);
  const alive = async () =>
    Promise.all([usual, short, endless].map(({ secret }) => get("nodes", { key: secret })));
  expect(await alive()).toEqual([200, 200, 200]);
  await later(DAY_MS);
  expect(await alive()).toEqual([200, 401, 200]);
  await later(364 * DAY_MS);
  expect(await alive()).toEqual([401, 401, 200]);
});

test("T67 a key is taken from its address ranges only, and attempts from elsewhere are written down", async () => {
  const { api, make, get, cookie } = await house();
  expect((await make({ role: "viewer", addresses: ["everywhere"] })).status).toBe(400);
  expect((await make({ role: "viewer", addresses: [] })).status).toBe(400);
  const { secret, id } = await make({ role: "viewer", addresses: ["192.0.2.0/28", "2001:db8::/48"] });
  for (const [ip, status] of [
    ["192.0.2.15", 200],
    ["::ffff:192.0.2.1", 200],
    ["2001:db8:0:9::1", 200],
    ["192.0.2.16", 401],
    ["2001:db8:1::1", 401],
    ["", 401],
  ] as const)
    expect([ip, await get("nodes", { key: secret, ip })]).toEqual([ip, status]);
  const { json } = await api.send("GET", `/api/v1/audit?kind=auth.refused&object=${id}`, {
    cookie: cookie(),
  });
  expect(json.items.map(({ payload }) => (payload as { ip: string }).ip)).toEqual([
    "",
    "2001:db8:1::1",
    "192.0.2.16",
  ]);
});

test("a forwarded address counts for nothing here: the peer's does", async () => {
  const { make, get } = await house();
  const { secret } = await make({ role: "viewer", addresses: ["192.0.2.1"] });
  const headers = { "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.1" };
  expect(await get("nodes", { key: secret, ip: "203.0.113.1", headers })).toBe(401);
});

test("a rotation without grace ends the old secret at once, also for sockets that are open", async () => {
  const { api, make, rotate, get, kinds } = await house();
  const { id, secret } = await make({ role: "viewer" });
  api.api.start();
  const socket = await api.live({ key: secret });
  const rotated = await rotate(id);
  expect(rotated.json.id).toBe(id);
  expect(rotated.json.secret).not.toBe(secret);
  expect(await get("nodes", { key: secret })).toBe(401);
  expect(await get("nodes", { key: rotated.json.secret })).toBe(200);
  expect(socket.state.closed?.code).toBe(1008);
  expect(await kinds()).toEqual(["key.rotated", "key.used", "key.created"]);
});

test("with grace the old secret goes on until its time and not a moment longer", async () => {
  const { api, make, rotate, get } = await house();
  const { id, secret } = await make({ role: "viewer" });
  expect((await rotate(id, 86_401)).status).toBe(400);
  const next = (await rotate(id, 600)).json;
  expect(Date.parse(String(next.formerUntil)) - api.clock.now()).toBe(600_000);
  await api.clock.advance(599_000);
  expect(await get("nodes", { key: secret })).toBe(200);
  expect(await get("nodes", { key: next.secret })).toBe(200);
  await api.clock.advance(1000);
  expect(await get("nodes", { key: secret })).toBe(401);
  expect(await get("nodes", { key: next.secret })).toBe(200);
});

test("who may do less than a key gets no new secret of it", async () => {
  const { api, make } = await house();
  const { id } = await make({ role: "admin" });
  const { secret } = await make({ role: "admin", permissions: ["keys.manage"] });
  const rotated = await api.send("POST", `/api/v1/keys/${id}/rotate`, { key: secret, body: {} });
  expect([rotated.status, rotated.json.error.code]).toEqual([403, "auth.grant_too_much"]);
});

test("a key's first use from an address is written down once", async () => {
  const { api, make, get, kinds, cookie } = await house();
  const { secret, id } = await make({ role: "viewer" });
  for (const ip of ["192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "192.0.2.2", "192.0.2.1"])
    expect(await get("nodes", { key: secret, ip })).toBe(200);
  expect(await kinds()).toEqual(["key.used", "key.used", "key.used", "key.created"]);
  api.access.tidy();
  const { json } = await api.send("GET", "/api/v1/keys", { cookie: cookie() });
  const key = json.items.find((one) => one.id === id)!;
  expect([key.lastAddress, key.lastUsedAt]).toEqual(["192.0.2.1", new Date(api.clock.now()).toISOString()]);
});

test("T66 neither lists nor the audit nor the stored rows hold a secret", async () => {
  const { api, make, rotate, cookie } = await house();
  const { id, secret } = await make({ role: "viewer" });
  const second = (await rotate(id, 60)).json.secret;
  const shown = [
    (await api.send("GET", "/api/v1/keys", { cookie: cookie() })).text,
    (await api.send("GET", "/api/v1/audit?limit=500", { cookie: cookie() })).text,
  ].join();
  for (const one of [secret, second]) expect(shown).not.toContain(one);
});

test("a node's key is bound to its node and never ends by itself", async () => {
  const { make } = await house();
  const node = `n_${"a".repeat(26)}`;
  const { status, json } = await make({ role: "node", node });
  expect([status, json.role, json.grants, json.expiresAt]).toEqual([201, "node", [], null] as never);
  expect((await make({ role: "node" })).status).toBe(400);
  expect((await make({ grants: [{ role: "viewer", scope: "*" }], node })).status).toBe(400);
});

test("making, rotating and deleting keys needs a session that proved itself within five minutes", async () => {
  const { api, make, rotate, cookie } = await house();
  const { id } = await make({ role: "viewer" });
  await api.clock.advance(300_001);
  expect((await make({ role: "viewer" })).json.error.code).toBe("auth.reauthenticate");
  expect((await rotate(id)).json.error.code).toBe("auth.reauthenticate");
  const deleted = await api.send("DELETE", `/api/v1/keys/${id}`, { cookie: cookie() });
  expect([deleted.status, deleted.json.error.code]).toEqual([403, "auth.reauthenticate"]);
});

test("a token needs a plugin that makes them, and a key: no session, no rotated secret", async () => {
  const { api, make, rotate, cookie } = await house();
  const { id, secret } = await make({ role: "viewer" });
  const ask = async (call: TestCall) => {
    const { status, json } = await api.send("POST", "/api/v1/auth/token", { ...call, body: {} });
    return [status, json.error.code];
  };
  expect(await ask({ cookie: cookie() })).toEqual([400, "auth.token_needs_key"]);
  expect(await ask({ key: secret })).toEqual([503, "auth.no_token_method"]);
  await rotate(id, 600);
  expect(await ask({ key: secret })).toEqual([400, "auth.token_needs_key"]);
});
