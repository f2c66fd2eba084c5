import { expect, test } from "bun:test";
import { ADMIN_PASSWORD, createTestApi } from "../testing/test-api.ts";

async function house() {
  const api = createTestApi();
  const cookie = await api.setUp();
  await api.send("POST", "/api/v1/users", {
    cookie,
    body: { name: "bob", password: "bobs long pass phrase", role: "viewer" },
  });
  const login = (name: string, password: string, ip = "198.51.100.7") =>
    api.send("POST", "/api/v1/auth/login", { body: { name, password }, ip });
  return { api, login };
}

test("T62 of a thousand guesses in ten minutes at most ten a minute are looked at, and others log in", async () => {
  const { api, login } = await house();
  let evaluated = 0;
  for (let at = 0; at < 1000; at += 1) {
    if ((await login("anna", `guess number ${at}`)).status === 401) evaluated += 1;
    if (at % 100 === 50) expect((await login("bob", "bobs long pass phrase", "192.0.2.9")).status).toBe(200);
    await api.clock.advance(600);
  }
  expect(evaluated).toBeGreaterThan(0);
  expect(evaluated).toBeLessThanOrEqual(100);
});

test("T62 guesses from a hundred addresses share one count for the account", async () => {
  const { api, login } = await house();
  let evaluated = 0;
  for (let at = 0; at < 600; at += 1) {
    if ((await login("anna", "wrong", `203.0.113.${at % 100}`)).status === 401) evaluated += 1;
    await api.clock.advance(1000);
  }
  expect(evaluated).toBeLessThanOrEqual(60);
});

test("T62 who guesses from elsewhere does not keep the owner out where they signed in before", async () => {
  const { api, login } = await house();
  expect((await login("bob", "bobs long pass phrase", "192.0.2.9")).status).toBe(200);
  await api.clock.advance(60_000);
  for (let at = 0; at < 100; at += 1) await login("bob", "wrong", `203.0.113.${at}`);
  expect((await login("bob", "bobs long pass phrase", "192.0.2.10")).status).toBe(429);
  expect((await login("bob", "bobs long pass phrase", "192.0.2.9")).status).toBe(200);
});

test("T62 one address that tries many accounts is slowed down, too", async () => {
  const { login } = await house();
  let evaluated = 0;
  for (let at = 0; at < 100; at += 1) if ((await login(`user${at}`, "wrong")).status === 401) evaluated += 1;
  expect(evaluated).toBe(20);
});

test("T62 the waits grow, are told in seconds, outlive a restart and end with the right password", async () => {
  const { api, login } = await house();
  const waits: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    let answer = await login("anna", "wrong");
    while (answer.status === 429) {
      const seconds = Number(answer.headers.get("retry-after"));
      if (seconds > 12) waits.push(seconds);
      await api.clock.advance(seconds * 1000);
      answer = await login("anna", "wrong");
    }
  }
  expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900]);
  // Stored, not remembered.
  expect(api.store.access.lockouts.get("anna|198.51.100.7")?.failures).toBe(12);
  await api.clock.advance(900_000);
  expect((await login("anna", ADMIN_PASSWORD)).status).toBe(200);
  expect(api.store.access.lockouts.get("anna|198.51.100.7")).toBeNull();
});

test("T62 a lockout is in the audit with account and address", async () => {
  const { api, login } = await house();
  for (let at = 0; at < 5; at += 1) await login("anna", "wrong");
  const [entry] = api.store.audit.newest({ kind: "auth.locked", limit: 1 });
  expect(JSON.parse(String(entry!.payload))).toEqual({ name: "anna", ip: "198.51.100.7", seconds: 15 });
});

test("T63 an unknown name is answered like a known one: status, words, waits and audit", async () => {
  const { api, login } = await house();
  const tell = async (name: string, ip: string) => {
    const told: unknown[] = [];
    for (let at = 0; at < 8; at += 1) {
      const { status, json, headers } = await login(name, "wrong", ip);
      told.push([status, json.error.code, json.error.message, headers.get("retry-after")]);
    }
    return told;
  };
  expect(await tell("nobody", "192.0.2.1")).toEqual(await tell("anna", "192.0.2.2"));
  const kinds = (text: string) => api.store.audit.newest({ text, limit: 20 }).map(({ kind }) => kind);
  expect(kinds("192.0.2.1")).toEqual(kinds("192.0.2.2"));
});
