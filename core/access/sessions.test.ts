import { expect, test } from "bun:test";
import { ADMIN_PASSWORD, createTestApi } from "../testing/test-api.ts";
import { cookieOf } from "../testing/test-call.ts";

const PASSWORD = "bobs long pass phrase";
const HOUR_MS = 3_600_000;

async function house() {
  const api = createTestApi();
  const admin = await api.setUp();
  const { json: bob } = await api.send("POST", "/api/v1/users", {
    cookie: admin,
    body: { name: "bob", password: PASSWORD, role: "operator" },
  });
  const login = async (name = "bob", password = PASSWORD) =>
    cookieOf(await api.send("POST", "/api/v1/auth/login", { body: { name, password } }));
  const status = async (cookie: string) => (await api.send("GET", "/api/v1/auth/session", { cookie })).status;
  const change = (body: object) => api.send("PATCH", `/api/v1/users/${bob.id}`, { cookie: admin, body });
  return { api, admin, bob, login, status, change };
}

test("a session ends after half an hour without use, and after twelve hours however busy", async () => {
  const { api, login, status } = await house();
  const idle = await login();
  await api.clock.advance(1_799_000);
  expect(await status(idle)).toBe(200);
  await api.clock.advance(1_800_001);
  expect(await status(idle)).toBe(401);
  const busy = await login();
  for (let at = 0; at < 47; at += 1) {
    await api.clock.advance(900_000);
    expect(await status(busy)).toBe(200);
  }
  await api.clock.advance(900_000);
  expect(await status(busy)).toBe(401);
});

const endsOf = ({ json }: { json: Record<string, unknown> }) =>
  json.ends as { idleAt: string; at: string; idleSeconds: number } | null;

test("T60 what an open page asks by itself is answered, and keeps no session alive; nor does its socket", async () => {
  const { api, login } = await house();
  api.api.start();
  const cookie = await login();
  const ask = (headers = {}) => api.send("GET", "/api/v1/auth/session", { cookie, headers });
  const left = async (headers = {}) => Date.parse(endsOf(await ask(headers))!.idleAt) - api.clock.now();
  const unattended = { "cortex-unattended": "1" };
  await api.clock.advance(600_000);
  expect(await left(unattended)).toBe(1_200_000);
  const socket = await api.live({ cookie, headers: { origin: "http://localhost" } });
  expect(await left(unattended)).toBe(1_200_000);
  expect(await left()).toBe(1_800_000);
  await api.clock.advance(1_799_999);
  expect((await ask(unattended)).status).toBe(200);
  await api.clock.advance(2001);
  expect([(await ask(unattended)).status, socket.state.closed?.code]).toEqual([401, 1008]);
  api.api.stop();
});

test("a session says when it ends, which is never later than its absolute end", async () => {
  const { api, login } = await house();
  const cookie = await login();
  const from = api.clock.now();
  const iso = (ms: number) => new Date(from + ms).toISOString();
  const ends = async () => endsOf(await api.send("GET", "/api/v1/auth/session", { cookie }));
  expect(await ends()).toEqual({ idleAt: iso(1_800_000), at: iso(12 * HOUR_MS), idleSeconds: 1800 });
  for (let at = 0; at < 47; at += 1) {
    await api.clock.advance(900_000);
    await ends();
  }
  expect((await ends())?.idleAt).toBe(iso(12 * HOUR_MS));
  const key = await api.createKey("viewer");
  expect((await api.send("GET", "/api/v1/auth/session", { key })).json.ends).toBeNull();
});

test("T60 a session and its sockets end at once with logout, password, role, disabling and deletion", async () => {
  for (const [what, end] of [
    ["logout", ({ api }, cookie) => api.send("POST", "/api/v1/auth/logout", { cookie, body: {} })],
    ["password", ({ change }) => change({ password: "another long pass phrase" })],
    ["role", ({ change }) => change({ role: "viewer" })],
    ["no role", ({ change }) => change({ grants: [] })],
    ["disabling", ({ change }) => change({ disabled: true })],
    ["deletion", ({ api, admin, bob }) => api.send("DELETE", `/api/v1/users/${bob.id}`, { cookie: admin })],
    [
      "revocation of all",
      ({ api, admin, bob }) => api.send("DELETE", `/api/v1/users/${bob.id}/sessions`, { cookie: admin }),
    ],
    [
      "revocation of everybody",
      ({ api, admin }) => api.send("DELETE", "/api/v1/sessions", { cookie: admin }),
    ],
  ] as [string, (h: Awaited<ReturnType<typeof house>>, cookie: string) => Promise<{ status: number }>][]) {
    const h = await house();
    h.api.api.start();
    const cookie = await h.login();
    const socket = await h.api.live({ cookie, headers: { origin: "http://localhost" } });
    expect([what, await h.status(cookie), socket.state.closed]).toEqual([what, 200, null]);
    expect([what, (await end(h, cookie)).status]).toEqual([what, 200]);
    expect([what, await h.status(cookie), socket.state.closed?.code]).toEqual([what, 401, 1008]);
    expect([what, await h.status(h.admin)]).toEqual([what, 200]);
    h.api.api.stop();
  }
});

test("T60 what a browser held before the login is worth nothing after it", async () => {
  const { api, status } = await house();
  const planted = "A".repeat(43);
  const { headers } = await api.send("POST", "/api/v1/auth/login", {
    headers: { cookie: `__Host-cortex=${planted}` },
    body: { name: "bob", password: PASSWORD },
  });
  const cookie = /__Host-cortex=([^;]+)/.exec(headers.get("set-cookie") ?? "")![1]!;
  expect(cookie).not.toBe(planted);
  expect([await status(planted), await status(cookie)]).toEqual([401, 200]);
});

test("people see and end their own sessions, and no others", async () => {
  const { api, admin, login, status } = await house();
  const [first, second] = [await login(), await login()];
  const list = async (cookie: string, path: string) =>
    (await api.send("GET", `/api/v1/${path}`, { cookie })).json.items;
  expect((await list(first, "sessions")).map(({ user, current }) => [user, current])).toEqual([
    ["bob", true],
    ["bob", false],
  ]);
  const [anna] = await list(admin, "me/sessions");
  expect(anna!.user).toBe("anna");
  const end = (cookie: string, id: string) => api.send("DELETE", `/api/v1/sessions/${id}`, { cookie });
  const foreign = await end(first, anna!.id);
  expect([foreign.status, foreign.json.error.code]).toEqual([404, "auth.session_unknown"]);
  expect(await status(admin)).toBe(200);
  const own = (await list(first, "me/sessions")).find(({ current }) => current === false)!;
  expect((await end(first, own.id)).status).toBe(200);
  expect([await status(first), await status(second)]).toEqual([200, 401]);
});

test("who manages people sees and ends everybody's; all of one's own others end together", async () => {
  const { api, admin, login, status } = await house();
  const cookie = await login();
  const [, bobs] = (await api.send("GET", "/api/v1/sessions", { cookie: admin })).json.items;
  expect((await api.send("DELETE", `/api/v1/sessions/${bobs!.id}`, { cookie: admin })).status).toBe(200);
  expect(await status(cookie)).toBe(401);
  const three = [await login(), await login(), await login()];
  const { json } = await api.send("DELETE", "/api/v1/me/sessions", { cookie: three[1]! });
  expect(json.ended).toBe(2);
  expect(await Promise.all(three.map(status))).toEqual([401, 200, 401]);
  expect((await api.send("DELETE", "/api/v1/sessions", { cookie: three[1]! })).status).toBe(403);
});

test("what people may do is changed only after a proof of the last five minutes", async () => {
  const { api, admin, bob } = await house();
  await api.clock.advance(300_001);
  const codes = [
    await api.send("POST", "/api/v1/users", {
      cookie: admin,
      body: { name: "c", password: PASSWORD, role: "viewer" },
    }),
    await api.send("PATCH", `/api/v1/users/${bob.id}`, { cookie: admin, body: { role: "admin" } }),
    await api.send("DELETE", `/api/v1/users/${bob.id}`, { cookie: admin }),
  ].map(({ status, json }) => [status, json.error.code]);
  expect(codes).toEqual(Array.from({ length: 3 }, () => [403, "auth.reauthenticate"]));
});

test("ending sessions asks for a proof of the last five minutes", async () => {
  const { api, login } = await house();
  const cookie = await login();
  await api.clock.advance(300_001);
  for (const path of ["me/sessions", "sessions/x"]) {
    const { status, json } = await api.send("DELETE", `/api/v1/${path}`, { cookie });
    expect([path, status, json.error.code]).toEqual([path, 403, "auth.reauthenticate"]);
  }
});

test("the twenty-first session of one person ends the oldest", async () => {
  const { api, status } = await house();
  const cookies: string[] = [];
  for (let at = 0; at < 21; at += 1) {
    await api.clock.advance(60_000);
    const { headers } = await api.send("POST", "/api/v1/auth/login", {
      body: { name: "bob", password: PASSWORD },
    });
    cookies.push(/__Host-cortex=([^;]+)/.exec(headers.get("set-cookie") ?? "")![1]!);
  }
  expect([await status(cookies[0]!), await status(cookies[1]!), await status(cookies[20]!)]).toEqual([
    401, 200, 200,
  ]);
});

test("a session survives a restart of nothing but the program's memory", async () => {
  const { api, login, status } = await house();
  const cookie = await login();
  await api.clock.advance(HOUR_MS / 4);
  api.access.tidy();
  expect(await status(cookie)).toBe(200);
});

test("a new password for oneself needs the old one, ends the other sessions and renews this one", async () => {
  const { api, login, status } = await house();
  const [here, elsewhere] = [await login(), await login()];
  const set = (body: object, cookie = here) => api.send("PATCH", "/api/v1/me", { cookie, body });
  const wrong = await set({ password: { current: "not it at all, sorry", new: "a brand new pass phrase" } });
  expect([wrong.status, wrong.json.error.code]).toEqual([400, "auth.password_wrong"]);
  const weak = await set({ password: { current: PASSWORD, new: "bob" } });
  expect([weak.status, weak.json.error.code]).toEqual([400, "auth.password_short"]);
  expect(await status(elsewhere)).toBe(200);

  const changed = await set({ password: { current: PASSWORD, new: "a brand new pass phrase" } });
  expect(changed.status).toBe(200);
  const renewed = cookieOf(changed);
  expect(renewed).not.toBe(here);
  expect([await status(here), await status(elsewhere), await status(renewed)]).toEqual([401, 401, 200]);
  await api.clock.advance(60_000);
  expect(await login()).toBe("");
  expect(await login("bob", "a brand new pass phrase")).not.toBe("");
});

test("guesses at the old password are slowed down like logins", async () => {
  const { api, login } = await house();
  const cookie = await login();
  const statuses: number[] = [];
  for (let at = 0; at < 8; at += 1) {
    const body = { password: { current: `guess number ${at} of mine`, new: "a brand new pass phrase" } };
    statuses.push((await api.send("PATCH", "/api/v1/me", { cookie, body })).status);
  }
  expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(5);
  expect(statuses.at(-1)).toBe(429);
});

test("T68 nobody changes what they may do, or whose account it is, on the way to their profile", async () => {
  const { api, login, bob } = await house();
  const cookie = await login();
  for (const field of [
    { role: "admin" },
    { grants: [{ role: "admin", scope: "*" }] },
    { id: "1" },
    { password_hash: "x" },
    { passwordHash: "x" },
    { disabled: false },
    { kind: "local" },
    { permissions: ["people.manage"] },
  ]) {
    const { status } = await api.send("PATCH", "/api/v1/me", { cookie, body: { language: "en", ...field } });
    expect([field, status]).toEqual([field, 400]);
  }
  const { json } = await api.send("GET", "/api/v1/me", { cookie });
  expect(json).toMatchObject({ id: bob.id, role: "operator", language: null, hasPassword: true });
});

test("name and language are one's own to choose; a name needs a proof and must be free", async () => {
  const { api, login } = await house();
  const cookie = await login();
  const set = (body: object) => api.send("PATCH", "/api/v1/me", { cookie, body });
  expect((await set({})).status).toBe(400);
  expect((await set({ language: "zh" })).json.language).toBe("zh");
  expect((await set({ language: null })).json.language).toBeNull();
  expect((await set({ language: "xx" })).status).toBe(400);
  expect((await set({ name: "Anna" })).status).toBe(409);
  expect((await set({ name: "Robert" })).json.name).toBe("Robert");
  expect(await login("robert")).not.toBe("");
  await api.clock.advance(300_001);
  expect((await set({ name: "bob" })).json.error.code).toBe("auth.reauthenticate");
  expect((await set({ language: "en" })).status).toBe(200);
});

test("a key has no profile to change, but may see what it is", async () => {
  const { api } = await house();
  const key = await api.createKey("viewer");
  expect((await api.send("GET", "/api/v1/me", { key })).json).toMatchObject({ kind: "key", session: null });
  const { status, json } = await api.send("PATCH", "/api/v1/me", { key, body: { language: "en" } });
  expect([status, json.error.code]).toEqual([403, "auth.no_profile"]);
});

test("T65 a fresh Cortex lets nobody in: no name with any common password", async () => {
  const api = createTestApi();
  for (const name of ["admin", "root", "cortex", "user", "anna"])
    for (const password of ["", "admin", "password", "cortex", "changeme", ADMIN_PASSWORD, name]) {
      const { status } = await api.send("POST", "/api/v1/auth/login", {
        body: { name, password },
        ip: `192.0.2.${name.length}${password.length}`,
      });
      expect([name, password, [400, 401, 429].includes(status)]).toEqual([name, password, true]);
    }
  expect((await api.send("GET", "/api/v1/nodes")).status).toBe(401);
});

test("T65 the setup link takes no common password", async () => {
  const api = createTestApi();
  const token = api.access.setup.createToken()!;
  for (const [password, rule] of [
    ["admin", "short"],
    ["Password1234567", "word"],
    ["qwertyuiopasdfgh", "leaked"],
    ["cortexcortexcortex", "repeated"],
    ["web-berlin-01 anna", "name"],
  ]) {
    const { status, json } = await api.send("POST", "/api/v1/auth/setup", {
      body: { token, name: "anna", password },
    });
    expect([password, status, json.error.code]).toEqual([password, 400, `auth.password_${rule}`]);
  }
});

test("a password has no end of its own", async () => {
  const { api, login, status } = await house();
  await api.clock.advance(10 * 365 * 24 * HOUR_MS);
  expect(await status(await login())).toBe(200);
});
