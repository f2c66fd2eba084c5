import { expect, test } from "bun:test";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import { SECURITY_HEADERS } from "./door/headers.ts";
import { routes } from "./routes.ts";

test("T57 only names that are ours are served", async () => {
  const api = createTestApi();
  const get = async (host: string) => (await api.send("GET", "/healthz", { headers: { host } })).status;
  for (const host of [
    "localhost",
    "localhost:7600",
    "127.0.0.1:7600",
    "[::1]:7600",
    "LOCALHOST",
    "cortex.example",
  ])
    expect([host, await get(host)]).toEqual([host, 200]);
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "10.0.0.1",
    "127.0.0.1.nip.io",
    "a@localhost",
    "[::1",
  ])
    expect([host, await get(host)]).toEqual([host, 421]);
});

test("T57 listening everywhere admits addresses, never foreign names", async () => {
  const api = createTestApi({ server: { listen: "0.0.0.0:7600" } });
  const get = async (host: string) => (await api.send("GET", "/healthz", { headers: { host } })).status;
  expect(await get("192.168.1.5:7600")).toBe(200);
  expect(await get("[fe80::1]:7600")).toBe(200);
  expect(await get("evil.example")).toBe(421);
});

test("T22 methods that are not used are refused", async () => {
  const api = createTestApi();
  for (const method of ["PUT", "OPTIONS", "PROPFIND"]) {
    const answer = await api.send(method, "/healthz");
    expect([method, answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
      method,
      405,
      null,
    ]);
  }
  const head = await api.send("HEAD", "/healthz");
  expect([head.status, head.text]).toEqual([200, ""]);
});

test("T21 a body that is too large is refused by its announced length and by its real one", async () => {
  const api = createTestApi({ server: { max_body: 1000 } });
  const big = JSON.stringify({ name: "x".repeat(2000), password: "x" });
  const announced = await api.send("POST", "/api/v1/auth/login", {
    body: big,
    headers: { "content-length": String(big.length) },
  });
  expect(announced.status).toBe(413);
  expect((await api.send("POST", "/api/v1/auth/login", { body: big })).status).toBe(413);
});

test("T59 only JSON is read", async () => {
  const api = createTestApi();
  const login = (headers: Record<string, string>, body: string) =>
    api.send("POST", "/api/v1/auth/login", { headers, body });
  const body = '{"name":"a","password":"b"}';
  expect((await login({ "content-type": "text/plain" }, body)).status).toBe(415);
  expect((await login({ "content-type": "application/x-www-form-urlencoded" }, "name=a")).status).toBe(415);
  expect((await login({ "content-encoding": "gzip" }, body)).status).toBe(415);
  expect((await login({}, "{")).status).toBe(400);
  expect((await login({}, "[".repeat(50_000))).status).toBe(400);
});

test("two credentials in one request are refused", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const key = await api.createKey("viewer");
  expect((await api.send("GET", "/api/v1/nodes", { cookie, key })).status).toBe(400);
  const local = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
  expect((await api.send("GET", "/api/v1/nodes", { key, principal: local })).status).toBe(400);
  expect((await api.send("GET", "/api/v1/nodes", { principal: local })).status).toBe(200);
});

test("a credential that is not valid is never treated as none", async () => {
  const api = createTestApi({ server: { metrics_on_loopback: true } });
  const loopback = { ip: "127.0.0.1" };
  expect((await api.send("GET", "/metrics", loopback)).status).toBe(200);
  expect((await api.send("GET", "/metrics", { ...loopback, key: "no:secret" })).status).toBe(401);
  expect((await api.send("GET", "/metrics", { ip: "10.0.0.1" })).status).toBe(401);
  const proxied = { ...loopback, headers: { "x-forwarded-for": "203.0.113.5" } };
  expect((await api.send("GET", "/metrics", proxied)).status).toBe(401);
});

test("a credential in the address is none: it would stand in every log on the way", async () => {
  const api = createTestApi();
  const key = await api.createKey("admin");
  for (const name of ["key", "token", "access_token", "authorization", "__Host-cortex"])
    expect([name, (await api.send("GET", `/api/v1/nodes?${name}=${key}`)).status]).toEqual([name, 401]);
});

test("a field of the query that comes twice is refused, and so is one in the wrong place", async () => {
  const api = createTestApi();
  const key = await api.createKey("admin");
  const get = async (query: string) => (await api.send("GET", `/api/v1/audit?${query}`, { key })).status;
  expect(await get("limit=1")).toBe(200);
  expect(await get("limit=1&limit=2")).toBe(400);
  const body = { repairs: false, reason: "x" };
  const inQuery = await api.send("POST", "/api/v1/settings/switch?node=n_a", { key, body });
  expect(inQuery.status).toBe(400);
});

test("every answer with a body says what it is, and in which characters", async () => {
  const api = createTestApi();
  const key = await api.createKey("admin");
  for (const { method, path } of routes) {
    if (method !== "GET" || path.includes(":") || path.startsWith("/swagger")) continue;
    for (const call of [{}, { key }]) {
      const answer = await api.send(method, path, call);
      if (answer.text === "") continue;
      expect([path, answer.headers.get("content-type")]).toEqual([
        path,
        expect.stringMatching(/^[a-z]+\/[a-z.-]+;.*charset=utf-8/),
      ]);
    }
  }
});

test("T59 a foreign page can't write with the visitor's session", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  api.connect(NODE_A);
  await api.connect(NODE_A).tell({ type: "heartbeat", body: heartbeat(api.clock.now()) });
  const write = async (headers: Record<string, string>) =>
    (
      await api.send("POST", "/api/v1/settings/switch", {
        cookie,
        headers,
        body: { repairs: false, reason: "x" },
      })
    ).status;
  expect(await write({ origin: "https://evil.example" })).toBe(403);
  expect(await write({ origin: "null" })).toBe(403);
  expect(await write({ origin: "http://localhost", "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await write({ origin: "http://localhost", "sec-fetch-site": "same-site" })).toBe(403);
  expect(await write({ origin: "http://localhost:81" })).toBe(403);
  expect(await write({ origin: "http://localhost", "sec-fetch-site": "same-origin" })).toBe(200);
});

test("T59 a session's write that says nothing about its page is refused, a key's is not", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const request = new Request("http://localhost/api/v1/auth/logout", {
    method: "POST",
    headers: { cookie: `__Host-cortex=${cookie}`, "content-type": "application/json" },
    body: "{}",
  });
  expect((await api.api.handle(request))!.status).toBe(403);
  const key = await api.createKey("admin");
  const body = { name: "bob", password: "bobs long pass phrase", role: "viewer" };
  expect((await api.send("POST", "/api/v1/users", { key, body })).status).toBe(201);
});

test("a page loaded over plain HTTP from elsewhere can't log in", async () => {
  const api = createTestApi();
  await api.setUp();
  const answer = await api.send("POST", "/api/v1/auth/login", {
    headers: { host: "cortex.example", origin: "http://cortex.example" },
    body: { name: "anna", password: "x" },
  });
  expect([answer.status, answer.json.error.code]).toEqual([403, "http.cross_site"]);
});

test("who asks too often waits, and others do not", async () => {
  const api = createTestApi({ server: { request_rate: 2 } });
  const [busy, calm] = [await api.createKey("viewer"), await api.createKey("viewer")];
  const ask = async (key: string) => (await api.send("GET", "/api/v1/problems", { key })).status;
  const statuses = [];
  for (let i = 0; i < 8; i += 1) statuses.push(await ask(busy));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
  expect(await ask(calm)).toBe(200);
  await api.clock.advance(1000);
  expect(await ask(busy)).toBe(200);
});

test("guessing keys is limited by address", async () => {
  const api = createTestApi();
  let limited = 0;
  for (let i = 0; i < 320; i += 1)
    if ((await api.send("GET", "/api/v1/nodes", { key: `guess${i}:secret` })).status === 429) limited += 1;
  expect(limited).toBe(20);
});

test("T70 what was sent never comes back in an error, and internals stay in the log under its id", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const secret = "S3cret-Value-0451";
  const answers = [
    await api.send("POST", "/api/v1/users", {
      cookie,
      body: { name: secret, password: "x", role: secret, [secret]: 1 },
    }),
    await api.send("POST", "/api/v1/auth/login", { body: { name: [secret], password: secret } }),
    await api.send("GET", `/api/v1/problems?${secret}=1`, { cookie }),
    await api.send("GET", `/api/v1/problems?state=${secret}`, { cookie }),
    await api.send("GET", `/api/v1/problems/${secret}`, { cookie }),
    await api.send("GET", `/api/v1/${secret}`, { cookie }),
    await api.send("POST", "/api/v1/auth/login", { body: `{"name": "${secret}` }),
  ];
  for (const answer of answers) {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain(secret);
    expect(Object.keys(answer.json)).toEqual(["error"]);
    expect(Object.keys(answer.json.error)).toEqual(["code", "message", "id"]);
  }

  api.monitor.nodes.page = () => {
    throw new Error(`could not open /var/lib/cortex/${secret}`);
  };
  const failed = await api.send("GET", "/api/v1/nodes", { cookie });
  expect([failed.status, failed.json.error.code]).toEqual([500, "http.internal"]);
  expect(failed.text).not.toContain(secret);
  const logged = api.logs.find((line) => line.fields?.id === failed.json.error.id);
  expect(String(logged?.fields?.error)).toContain(secret);
});

test("T71 every kind of answer carries the security headers", async () => {
  const api = createTestApi({
    assets: new Map([
      ["/index.html", { body: "<!doctype html>", type: "text/html; charset=utf-8", hash: "h" }],
    ]),
  });
  const cookie = await api.setUp();
  const answers = [
    await api.send("GET", "/healthz"),
    await api.send("GET", "/"),
    await api.send("GET", "/no/such.file"),
    await api.send("GET", "/api/v1/nodes"),
    await api.send("GET", "/api/v1/nodes", { cookie }),
    await api.send("GET", "/metrics", { cookie }),
    await api.send("GET", "/swagger", { cookie }),
    await api.send("PUT", "/"),
    await api.send("GET", "/", { headers: { host: "evil.example" } }),
    await api.send("POST", "/api/v1/auth/login", { body: "{" }),
  ];
  for (const answer of answers) {
    const { headers } = answer;
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe-eval");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("permissions-policy")).toContain("camera=()");
    expect(headers.get("cache-control")).toMatch(/^(no-store|no-cache)$/);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("server")).toBeNull();
  }
});

test("T71 whatever is asked for and by whom, the headers are the same", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const names = Object.keys(SECURITY_HEADERS).filter(
    (name) => !["cache-control", "content-security-policy"].includes(name),
  );
  for (const { method, path } of routes) {
    if (method === "WS") continue;
    for (const call of [{}, { cookie }]) {
      const at = path
        .replace(":file", "start.js")
        .replace(":id", crypto.randomUUID())
        .replace(":method", "none");
      const { headers } = await api.send(method, at, { ...call, ...(method !== "GET" && { body: {} }) });
      for (const name of names)
        expect([method, path, name, headers.get(name)]).toEqual([
          method,
          path,
          name,
          SECURITY_HEADERS[name]!,
        ]);
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect([path, headers.get("access-control-allow-origin"), headers.get("server")]).toEqual([
        path,
        null,
        null,
      ]);
    }
  }
  const refused = await api.live({ headers: { origin: "https://evil.example" } });
  for (const name of names) expect(refused.response!.headers.get(name)).toBe(SECURITY_HEADERS[name]!);
});

test("T72 nothing that is about somebody is kept by a cache", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  for (const { method, path } of routes) {
    if (method === "WS" || path.startsWith("/swagger/:")) continue;
    const at = path.replace(":id", crypto.randomUUID()).replace(":method", "none");
    const { headers } = await api.send(method, at, { cookie, ...(method !== "GET" && { body: {} }) });
    expect([path, headers.get("cache-control")]).toEqual([path, "no-store"]);
  }
});

test("approvals are counted apart: ten in a minute, then one waits", async () => {
  const api = createTestApi();
  const key = await api.createKey("operator");
  const approve = async () => {
    const at = `/api/v1/decisions/${crypto.randomUUID()}/verdict`;
    return (await api.send("POST", at, { key, body: { verdict: "approve" } })).status;
  };
  const statuses: number[] = [];
  for (let index = 0; index < 11; index += 1) statuses.push(await approve());
  expect(statuses).toEqual([...Array<number>(10).fill(404), 429]);
  expect((await api.send("GET", "/api/v1/decisions", { key })).status).toBe(200);
});

test("T117 other origins are never allowed in", async () => {
  const api = createTestApi();
  const key = await api.createKey("viewer");
  for (const origin of ["https://evil.example", "null"]) {
    const answer = await api.send("GET", "/api/v1/nodes", { key, headers: { origin } });
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

function heartbeat(at: number) {
  return {
    at: new Date(at).toISOString(),
    uptimeSeconds: 1,
    repairs: true,
    openProblems: 0,
    spooled: 0,
    version: "1.2.3",
  };
}
