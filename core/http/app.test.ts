import { expect, test } from "bun:test";
import { createFakeRedirect } from "../testing/fake-sign-in.ts";
import { ADMIN_PASSWORD, createTestApi, NODE_A } from "../testing/test-api.ts";
import { cookieOf } from "../testing/test-call.ts";
import { testProviders } from "../testing/test-providers.ts";

test("T58 the setup link makes the first admin once and is dead afterwards", async () => {
  const api = createTestApi();
  const token = api.access.setup.createToken()!;
  const body = { token, name: "anna", password: ADMIN_PASSWORD };
  expect((await api.send("GET", "/api/v1/auth/methods")).json).toMatchObject({
    methods: ["password"],
    setup: true,
  });
  expect((await api.send("POST", "/api/v1/auth/setup", { body: { ...body, token: "guess" } })).status).toBe(
    403,
  );
  expect(
    (await api.send("POST", "/api/v1/auth/setup", { body: { ...body, password: "short" } })).status,
  ).toBe(400);
  const made = await api.send("POST", "/api/v1/auth/setup", { body });
  expect(made.status).toBe(201);
  expect(made.json.user).toMatchObject({
    name: "anna",
    role: "admin",
    kind: "user",
    grants: [{ role: "admin", scope: "*" }],
  });
  expect((await api.send("GET", "/api/v1/auth/session", { cookie: cookieOf(made) })).status).toBe(200);

  for (const path of [
    "/api/v1/auth/setup",
    "/api/v1/auth/setup/",
    "/api/v1/auth//setup",
    "/api/v1/auth/%73etup",
  ])
    expect((await api.send("POST", path, { body: { ...body, name: "eve" } })).status).toBe(404);
  expect(api.access.setup.createToken()).toBeNull();
  expect(api.store.access.users.all().map((user) => user.name)).toEqual(["anna"]);
});

test("T58 whether a setup link is good is told without using it up, and looking keeps nobody out", async () => {
  const api = createTestApi();
  const check = (token: string) => api.send("POST", "/api/v1/auth/setup/check", { body: { token } });
  const older = api.access.setup.createToken()!;
  const token = api.access.setup.createToken()!;
  expect((await check(token)).status).toBe(200);
  const refused = await check(older);
  expect([refused.status, refused.json["error"]]).toMatchObject([403, { code: "auth.setup_token" }]);
  for (let turn = 0; turn < 10; turn += 1) await check("guess");
  expect((await check(token)).status).toBe(429);
  const body = { token, name: "anna", password: ADMIN_PASSWORD };
  expect((await api.send("POST", "/api/v1/auth/setup", { body })).status).toBe(201);
  expect((await check(token)).status).toBe(404);
});

test("T58 the setup door stays dead when the last admin loses the role at the provider", async () => {
  const people: Parameters<typeof createFakeRedirect>[0] = {
    carla: { grants: [{ role: "admin", scope: "*" }] },
  };
  const api = createTestApi({ providers: [...testProviders, createFakeRedirect(people)] });
  const headers = { cookie: "__Host-cortex-browser=hers", origin: "http://localhost" };
  const visit = async () => {
    const start = await api.send("POST", "/api/v1/auth/fakeid/start", { body: {}, headers });
    const state = new URL(String(start.json["url"])).searchParams.get("state");
    return api.send("GET", `/api/v1/auth/fakeid/callback?code=carla&state=${state}`, { headers });
  };
  const isOpen = async () => (await api.send("GET", "/api/v1/auth/methods")).json["setup"];
  const printed = api.access.setup.createToken()!;
  expect(await isOpen()).toBe(true);
  expect(cookieOf(await visit())).not.toBe("");
  people["carla"] = { grants: [] };
  await visit();
  expect(api.store.access.users.admins()).toBe(0);
  expect(await isOpen()).toBe(false);
  expect(api.access.setup.createToken()).toBeNull();
  const body = { token: printed, name: "eve", password: ADMIN_PASSWORD };
  expect((await api.send("POST", "/api/v1/auth/setup", { body })).status).toBe(404);
});

test("an older setup link is dead as soon as a newer one exists", async () => {
  const api = createTestApi();
  const older = api.access.setup.createToken()!;
  api.access.setup.createToken();
  const body = { token: older, name: "anna", password: ADMIN_PASSWORD };
  expect((await api.send("POST", "/api/v1/auth/setup", { body })).status).toBe(403);
});

test("two who redeem the link at the same moment make one admin", async () => {
  const api = createTestApi();
  const token = api.access.setup.createToken()!;
  const answers = await Promise.all(
    ["anna", "eve"].map((name) =>
      api.send("POST", "/api/v1/auth/setup", { body: { token, name, password: ADMIN_PASSWORD } }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201, 404]));
  expect(api.store.access.users.all().length).toBe(1);
});

test("a session is opened by login, ended by logout, by idling and by age", async () => {
  const api = createTestApi();
  await api.setUp();
  const logIn = async () => {
    const body = { name: "ANNA", password: ADMIN_PASSWORD };
    return cookieOf(await api.send("POST", "/api/v1/auth/login", { body }));
  };
  const who = async (cookie: string) => (await api.send("GET", "/api/v1/auth/session", { cookie })).status;

  const left = await logIn();
  expect(await who(left)).toBe(200);
  expect((await api.send("POST", "/api/v1/auth/logout", { cookie: left, body: {} })).status).toBe(200);
  expect(await who(left)).toBe(401);

  const idle = await logIn();
  await api.clock.advance(29 * 60_000);
  expect(await who(idle)).toBe(200);
  await api.clock.advance(29 * 60_000);
  expect(await who(idle)).toBe(200);
  await api.clock.advance(31 * 60_000);
  expect(await who(idle)).toBe(401);

  const old = await logIn();
  for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
    expect(await who(old)).toBe(200);
    await api.clock.advance(20 * 60_000);
  }
  expect(await who(old)).toBe(401);
});

test("each login gives a new cookie, bound to this host, out of reach of scripts and other sites", async () => {
  const api = createTestApi();
  await api.setUp();
  const logIn = () =>
    api.send("POST", "/api/v1/auth/login", { body: { name: "anna", password: ADMIN_PASSWORD } });
  const [first, second] = [await logIn(), await logIn()];
  expect(cookieOf(first)).not.toBe(cookieOf(second));
  expect(cookieOf(first)).toMatch(/^[\w-]{43}$/);
  expect(first.headers.get("set-cookie")).toBe(
    `__Host-cortex=${cookieOf(first)}; Path=/; Secure; HttpOnly; SameSite=Strict`,
  );
  const rows = JSON.stringify(api.store.access.sessions.all());
  expect(rows).not.toContain(cookieOf(first));
});

test("a session can't be chosen from outside", async () => {
  const api = createTestApi();
  await api.setUp();
  const body = { name: "anna", password: ADMIN_PASSWORD };
  const planted = "A".repeat(43);
  const answer = await api.send("POST", "/api/v1/auth/login", {
    body,
    headers: { cookie: `__Host-cortex=${planted}` },
  });
  expect(cookieOf(answer)).not.toBe(planted);
  expect((await api.send("GET", "/api/v1/auth/session", { cookie: planted })).status).toBe(401);
});

test("changing a password, a role or shutting a user out ends the user's sessions", async () => {
  const api = createTestApi();
  const admin = await api.setUp();
  const body = { name: "bob", password: "bobs long pass phrase", role: "operator" };
  const { id } = (await api.send("POST", "/api/v1/users", { cookie: admin, body })).json;
  for (const change of [{ password: "bobs other pass phrase" }, { role: "viewer" }, { disabled: true }]) {
    const password = "password" in change ? body.password : "bobs other pass phrase";
    const cookie = cookieOf(
      await api.send("POST", "/api/v1/auth/login", { body: { name: "bob", password } }),
    );
    expect((await api.send("GET", "/api/v1/auth/session", { cookie })).status).toBe(200);
    expect((await api.send("PATCH", `/api/v1/users/${id}`, { cookie: admin, body: change })).status).toBe(
      200,
    );
    expect((await api.send("GET", "/api/v1/auth/session", { cookie })).status).toBe(401);
  }
  const again = { name: "bob", password: "bobs other pass phrase" };
  expect((await api.send("POST", "/api/v1/auth/login", { body: again })).status).toBe(401);
});

test("the last admin can't be removed, demoted or shut out", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const { id } = api.store.access.users.byName("anna")!;
  expect((await api.send("DELETE", `/api/v1/users/${id}`, { cookie })).status).toBe(409);
  for (const body of [{ role: "viewer" }, { disabled: true }])
    expect((await api.send("PATCH", `/api/v1/users/${id}`, { cookie, body })).status).toBe(409);
});

test("unknown name, wrong password and a shut out account get the same answer", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const gone = { name: "gone", password: "gones long pass phrase", role: "viewer" };
  const { id } = (await api.send("POST", "/api/v1/users", { cookie, body: gone })).json;
  await api.send("PATCH", `/api/v1/users/${id}`, { cookie, body: { disabled: true } });
  const answers = [];
  for (const [name, password] of [
    ["nobody", "x"],
    ["anna", "x"],
    ["gone", gone.password],
  ]) {
    const answer = await api.send("POST", "/api/v1/auth/login", { body: { name, password } });
    answers.push({ status: answer.status, code: answer.json.error.code, message: answer.json.error.message });
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]!.status).toBe(401);
});

test("guessing is cut off per account and per address, and others still come in", async () => {
  const api = createTestApi();
  await api.setUp();
  const guess = (name: string, ip: string, password = "wrong") =>
    api.send("POST", "/api/v1/auth/login", { ip, body: { name, password } });
  const statuses = [];
  for (let i = 0; i < 8; i += 1) statuses.push((await guess("anna", "10.1.1.1")).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const refused = await guess("anna", "10.1.1.1", ADMIN_PASSWORD);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);

  const spread = [];
  for (let i = 0; i < 30; i += 1) spread.push((await guess(`user${i}`, "10.2.2.2")).status);
  expect(spread.filter((status) => status === 401).length).toBe(20);

  await api.clock.advance(60_000);
  expect((await guess("anna", "10.3.3.3", ADMIN_PASSWORD)).status).toBe(200);
});

test("waits grow with every failure and survive in the store", async () => {
  const api = createTestApi();
  await api.setUp();
  const guess = () => api.send("POST", "/api/v1/auth/login", { body: { name: "anna", password: "wrong" } });
  for (let i = 0; i < 5; i += 1) await guess();
  const waits = [];
  for (let i = 0; i < 3; i += 1) {
    const row = api.store.access.lockouts.get("anna|10.0.0.9")!;
    waits.push(row.until - api.clock.now());
    await api.clock.advance(row.until - api.clock.now() + 60_000);
    expect((await guess()).status).toBe(401);
  }
  expect(waits).toEqual([15_000, 30_000, 60_000]);
});

test("without an auth plugin login says what to do", async () => {
  const api = createTestApi({ providers: [] });
  const answer = await api.send("POST", "/api/v1/auth/login", { body: { name: "a", password: "b" } });
  expect([answer.status, answer.json.error.code]).toEqual([503, "auth.no_method"]);
  expect((await api.send("GET", "/api/v1/nodes", { key: "any:secret" })).status).toBe(401);
});

test("a key is shown once, works at once, expires and dies when it is deleted", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const expiresAt = new Date(api.clock.now() + 3_600_000).toISOString();
  const made = await api.send("POST", "/api/v1/keys", {
    cookie,
    body: { name: "ci", role: "viewer", expiresAt },
  });
  const { secret, id } = made.json;
  expect((await api.send("GET", "/api/v1/nodes", { key: secret })).status).toBe(200);
  expect((await api.send("GET", "/api/v1/keys", { cookie })).text).not.toContain(secret);
  await api.clock.advance(3_600_001);
  expect((await api.send("GET", "/api/v1/nodes", { key: secret })).status).toBe(401);

  const again = await api.send("POST", "/api/v1/auth/login", {
    body: { name: "anna", password: ADMIN_PASSWORD },
  });
  const other = await api.send("POST", "/api/v1/keys", {
    cookie: cookieOf(again),
    body: { name: "cd", role: "viewer" },
  });
  expect(
    (await api.send("DELETE", `/api/v1/keys/${other.json.id}`, { cookie: cookieOf(again) })).status,
  ).toBe(200);
  expect((await api.send("GET", "/api/v1/nodes", { key: other.json.secret })).status).toBe(401);
  expect(id).toBeString();
});

test("a node's key needs a node, and no other key may have one", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const make = async (body: object) => (await api.send("POST", "/api/v1/keys", { cookie, body })).status;
  expect(await make({ name: "n", role: "node" })).toBe(400);
  expect(await make({ name: "v", role: "viewer", node: NODE_A })).toBe(400);
  expect(await make({ name: "n", role: "node", node: NODE_A })).toBe(201);
});

test("acts of people are in the chain, which holds", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  await api.send("POST", "/api/v1/auth/login", { body: { name: "anna", password: "wrong" } });
  await api.send("POST", "/api/v1/users", {
    cookie,
    body: { name: "bob", password: "bobs long pass phrase", role: "viewer" },
  });
  const audit = await api.send("GET", "/api/v1/audit?limit=2", { cookie });
  expect(audit.json.items.map((item) => [item.kind, item.actor])).toEqual([
    ["user.created", "user:anna"],
    ["auth.login_failed", "nobody"],
  ]);
  const rest = await api.send("GET", `/api/v1/audit?limit=2&cursor=${audit.json.next}`, { cookie });
  expect(rest.json.items.map((item) => item.kind)).toEqual(["auth.setup"]);
  expect(rest.json.next).toBeNull();
  expect(audit.text).not.toContain("pass phrase");
  const verified = await api.send("GET", "/api/v1/intents/verify", { cookie });
  expect(verified.json).toMatchObject({ ok: true, entries: 3, firstBroken: null });
});
