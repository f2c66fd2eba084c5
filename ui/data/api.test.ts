import { expect, test } from "bun:test";
import { ApiError, createApi, queryString, readAnswer } from "./api.ts";

/** An API over canned answers, and what it asked for. */
function fake(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit }[] = [];
  const ended: string[] = [];
  const times: number[] = [];
  const api = createApi({
    fetch: (async (input: RequestInfo | URL, init: RequestInit = {}) => {
      asked.push({ url: String(input), init });
      return answer(String(input), init);
    }) as typeof fetch,
    onUnauthenticated: () => ended.push("ended"),
    onServerTime: (ms) => times.push(ms),
  });
  return { api, asked, ended, times };
}

const refused = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ error: { code, message: "no", id: "e1" } }, { status, headers });

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test("a list is asked for with its filters, those that are undefined left out", async () => {
  const { api, asked } = fake(() => Response.json({ items: [], next: null }));
  expect(await api.list("problems", { state: "open", cursor: undefined })).toEqual({ items: [], next: null });
  expect(asked[0]!.url).toBe("/api/v1/problems?state=open");
});

test("bodies are JSON and ids are escaped", async () => {
  const { api, asked } = fake(() => Response.json({}));
  await api.switchRepairs(false, "rack");
  await api.one("intents", "../users");
  expect(asked[0]!.init.body).toBe('{"repairs":false,"reason":"rack","node":"*"}');
  expect(new Headers(asked[0]!.init.headers).get("content-type")).toBe("application/json");
  expect(asked[1]!.url).toBe("/api/v1/intents/..%2Fusers");
});

test("an error carries the server's code, message, id and wait", async () => {
  const { api } = fake(() => refused(429, "auth.too_many_tries", { "retry-after": "15" }));
  const error = await errorOf(api.login("anna", "x"));
  expect({ ...error, message: error.message }).toMatchObject({
    code: "auth.too_many_tries",
    status: 429,
    message: "no",
    id: "e1",
    retryAfterS: 15,
  });
});

test("401 ends the session, except where the session itself is asked about", async () => {
  const { api, ended } = fake(() => refused(401, "http.unauthenticated"));
  await errorOf(api.session());
  expect(ended).toHaveLength(0);
  await errorOf(api.list("nodes"));
  expect(ended).toHaveLength(1);
});

test("no answer is `client.unreachable`, a stranger's answer `client.bad_answer`", async () => {
  const down = fake(() => Promise.reject(new TypeError("fetch failed")));
  expect((await errorOf(down.api.settings())).code).toBe("client.unreachable");
  const proxy = fake(() => new Response("<h1>502 Bad Gateway</h1>", { status: 502 }));
  expect((await errorOf(proxy.api.settings())).code).toBe("client.bad_answer");
  expect(() => readAnswer(500, "{}")).toThrow(ApiError);
});

test("whether the Monitor lives is never an exception", async () => {
  expect(await fake(() => Promise.reject(new TypeError("down"))).api.isAlive()).toBe(false);
  expect(await fake(() => Response.json({ ok: true })).api.isAlive()).toBe(true);
});

test("the server's clock is told", async () => {
  const { api, times } = fake(() =>
    Response.json({}, { headers: { date: "Sun, 22 Nov 2026 10:00:00 GMT" } }),
  );
  await api.settings();
  expect(times).toEqual([Date.UTC(2026, 10, 22, 10)]);
});

test("a query without values is no query", () => {
  expect(queryString({ cursor: undefined })).toBe("");
  expect(queryString({ text: "a b&c", limit: 5 })).toBe("?text=a+b%26c&limit=5");
});

test("what the page asks while nobody is there says so", async () => {
  const asked: Headers[] = [];
  let unattended = true;
  const api = createApi({
    fetch: (async (_input: RequestInfo | URL, init: RequestInit = {}) => {
      asked.push(new Headers(init.headers));
      return Response.json({});
    }) as typeof fetch,
    isUnattended: () => unattended,
  });
  await api.session();
  unattended = false;
  await api.session();
  expect(asked.map((headers) => headers.get("cortex-unattended"))).toEqual(["1", null]);
});
