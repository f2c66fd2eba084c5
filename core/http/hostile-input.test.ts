/** What nobody in their right mind sends. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import { sampleHeartbeat, sampleReport } from "../testing/wire-samples.ts";
import { parseJson } from "./door/json.ts";

test("T21 what is nested deeper than anybody needs is refused before it is built", async () => {
  const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}${"]}".repeat(levels / 2)}`;
  expect(() => parseJson(nested(32))).not.toThrow();
  expect(() => parseJson(nested(34))).toThrow("nested more than 32 levels");
  expect(() => parseJson("[".repeat(1_000_000))).toThrow("nested more than 32 levels");
  const brackets = JSON.stringify({ text: `${'["{\\'.repeat(1000)}`, ok: [1] });
  expect(parseJson(brackets)).toEqual(JSON.parse(brackets));
  const api = createTestApi({ server: { max_body: 4_000_000 } });
  const { status, json } = await api.send("POST", "/api/v1/auth/login", { body: "[".repeat(1_000_000) });
  expect([status, json.error.code]).toEqual([400, "http.bad_request"]);
});

test("depth is counted as the parser counts it, whatever stands beside and in the texts", () => {
  const level = fc.record({ list: fc.boolean(), text: fc.string({ unit: fc.constantFrom(...'[]{}\\"ab') }) });
  fc.assert(
    fc.property(fc.array(level, { maxLength: 40 }), (levels) => {
      const value = levels.reduceRight<unknown>(
        (inner, { list, text }) => (list ? [text, inner] : { [text]: inner, more: text }),
        0,
      );
      const parse = () => parseJson(JSON.stringify(value));
      if (levels.length > 32) expect(parse).toThrow("nested more than");
      else expect(parse()).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

test("T20 a key that reaches behind an object is refused, however it is spelled", async () => {
  const api = createTestApi();
  for (const body of [
    '{"__proto__":{"admin":true},"name":"a","password":"b"}',
    '{"name":{"__proto__":{}},"password":"b"}',
    '{"\\u005f_proto__":{},"name":"a","password":"b"}',
  ]) {
    const { status } = await api.send("POST", "/api/v1/auth/login", { body });
    expect([body, status]).toEqual([body, 400]);
  }
  expect(parseJson('{"text":"about __proto__ and \\u00e4"}')).toEqual({ text: "about __proto__ and ä" });
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

test("T20 mutated messages of nodes are stored or refused, and never break anything", async () => {
  const api = createTestApi({ server: { ingest_rate: 1e9 } });
  const key = await api.createKey("node", NODE_A);
  const at = api.clock.now();
  const samples = { reports: sampleReport(at), heartbeat: sampleHeartbeat(at) };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("reports", "heartbeat") as fc.Arbitrary<keyof typeof samples>,
      fc.nat(),
      fc.anything({ withNullPrototype: true }),
      fc.constantFrom("", "__proto__", "constructor", "toString", "length", "extra"),
      async (path, place, value, name) => {
        const body = mutated(samples[path], place, value, name);
        const { status } = await api.send("POST", `/api/v1/${path}`, { key, body });
        expect([200, 400]).toContain(status);
      },
    ),
    { numRuns: 2000 },
  );
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}, 30_000);

/** The message as text with one value replaced, and one key added beside it where a name is given. */
function mutated(sample: object, place: number, value: unknown, name: string): string {
  const copy = JSON.parse(JSON.stringify(sample)) as object;
  const spots: [object, string][] = [];
  const walk = (at: object) => {
    for (const [key, inner] of Object.entries(at)) {
      spots.push([at, key]);
      if (typeof inner === "object" && inner !== null) walk(inner as object);
    }
  };
  walk(copy);
  const [holder, key] = spots[place % spots.length]!;
  let plain: unknown = null;
  try {
    plain = JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    // Symbols and loops have no JSON.
  }
  Reflect.set(holder, key, plain);
  const text = JSON.stringify(copy);
  return name === "" ? text : `${text.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(plain)}}`;
}

test("T23 a body that trickles in is given up after half a minute", async () => {
  const api = createTestApi();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"name":')),
    cancel: () => void (cancelled = true),
  });
  const request = new Request("http://localhost/api/v1/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const answer = api.api.handle(request, { ip: "10.0.0.9" });
  await Bun.sleep(0);
  await api.clock.advance(31_000);
  expect((await answer)!.status).toBe(408);
  expect(cancelled).toBe(true);
});

test("T23 one address holds a few unfinished bodies at once, and others none of its places", async () => {
  const api = createTestApi();
  const slow = (ip: string) => {
    const body = new ReadableStream<Uint8Array>({});
    const request = new Request("http://localhost/api/v1/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return api.api.handle(request, { ip });
  };
  const open = Array.from({ length: 20 }, () => slow("203.0.113.1"));
  await Bun.sleep(0);
  expect((await slow("203.0.113.1"))!.status).toBe(429);
  const other = await api.send("POST", "/api/v1/auth/login", {
    ip: "203.0.113.2",
    body: { name: "x", password: "y" },
  });
  expect(other.status).toBe(401);
  await api.clock.advance(31_000);
  expect((await Promise.all(open)).map((answer) => answer!.status)).toEqual(Array(20).fill(408));
  expect((await api.send("POST", "/api/v1/auth/login", { ip: "203.0.113.1", body: "{" })).status).toBe(400);
});

test("a client that hangs up in the middle of a body fills no error log", async () => {
  const api = createTestApi();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("The connection was closed.")),
  });
  const headers = { "content-type": "application/json" };
  const request = new Request("http://localhost/api/v1/auth/login", { method: "POST", headers, body });
  expect((await api.api.handle(request, { ip: "10.0.0.9" }))!.status).toBe(400);
  expect(api.logs.filter((line) => line.level === "error")).toEqual([]);
});

/** Text that would mean something to a database, a template, a shell or a terminal. */
const INJECTIONS = [
  "' OR 1=1 --",
  "'; DROP TABLE users; --",
  '" OR ""="',
  "1) UNION SELECT password_hash FROM users --",
  "%' AND 1=(SELECT count(*) FROM keys) --",
  "\\'; ATTACH DATABASE '/tmp/x' AS x; --",
  "${jndi:ldap://x}",
  "{{7*7}}",
  "$(id)",
  "\u0000",
  "\u202e",
  "a".repeat(900),
];

test("T69 text that means something to a database is text in every field", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  await api.connect(NODE_A).tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now()) });
  const rows = () =>
    ["users", "keys", "sessions"].map((table) => api.store.access[table as "users"].all().length);
  const before = rows();
  const fields: Record<string, string[]> = {
    nodes: ["text", "group", "tag", "cursor", "state"],
    problems: ["text", "target", "check", "node", "cursor", "level"],
    intents: ["text", "target", "repair", "category", "problemId", "since", "cursor"],
    inspections: ["check", "instance", "node", "cursor", "status"],
    checks: ["id", "node", "cursor"],
    plugins: ["id", "cursor"],
    maintenance: ["node"],
    audit: ["text", "actor", "cursor", "limit"],
    "intents/statistics": ["since"],
  };
  for (const [path, names] of Object.entries(fields))
    for (const name of names)
      for (const text of INJECTIONS) {
        const query = new URLSearchParams({ [name]: text }).toString();
        const { status, json } = await api.send("GET", `/api/v1/${path}?${query}`, { cookie });
        expect([path, name, text, [200, 400, 404].includes(status)]).toEqual([path, name, text, true]);
        if (status === 200 && name !== "cursor")
          expect([path, name, json.items.length]).toEqual([path, name, 0]);
      }
  for (const text of INJECTIONS) {
    const path = encodeURIComponent(text);
    for (const [method, at] of [
      ["GET", `nodes/${path}`],
      ["GET", `problems/${path}`],
      ["DELETE", `sessions/${path}`],
      ["DELETE", `keys/${path}`],
      ["DELETE", `users/${path}`],
    ] as const) {
      const { status } = await api.send(method, `/api/v1/${at}`, { cookie });
      expect([at, [400, 404].includes(status)]).toEqual([at, true]);
    }
    const body = { name: text, password: text };
    await api.send("POST", "/api/v1/auth/login", { body, headers: { "user-agent": "x' --" } });
  }
  expect(rows()).toEqual(before);
});

test("T68 fields that are not offered are refused, not ignored", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const { id } = (await api.send("GET", "/api/v1/users", { cookie })).json.items[0]!;
  const before = api.store.access.users.get(id);
  for (const field of ["id", "password_hash", "passwordHash", "createdAt", "name_key", "disabled_at"]) {
    const { status } = await api.send("PATCH", `/api/v1/users/${id}`, { cookie, body: { [field]: "x" } });
    expect([field, status]).toEqual([field, 400]);
  }
  expect(api.store.access.users.get(id)).toEqual(before);
});
