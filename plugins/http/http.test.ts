import { describe, expect, test } from "bun:test";
import { CortexError, type FetchResult, type Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeFetch } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { faultOf, isExpected } from "./http.ts";
import plugin from "./index.ts";

const URL_ = "http://127.0.0.1:8080/health";
pluginContract(plugin, { url: URL_ });
checkContract(plugin, { url: URL_ }, { fetch: createFakeFetch({ [`GET ${URL_}`]: {} }) });
goldenCases(plugin, import.meta.dir);

type Answer = Partial<FetchResult> | CortexError;
const refused = new CortexError("fetch.failed", "unavailable", "127.0.0.1:8080: connection refused");

/** A probe every 15 s of a server that answers as the test says. */
function probing(config: object = {}) {
  const clock = createTestClock();
  let answer: Answer = {};
  const requests: { url: string; options?: object }[] = [];
  const fetch = async (url: string, options?: object): Promise<FetchResult> => {
    requests.push({ url, options });
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: "", durationMs: 20, ...answer };
  };
  const ctx = createTestContext({ plugin, clock, fetch });
  const { checks } = plugin.setup(ctx, plugin.config.parse({ url: URL_, ...config }));
  let last: Result | null = null;
  return {
    requests,
    clock,
    async look(next: Answer, times = 1): Promise<Result> {
      answer = next;
      for (let time = 0; time < times; time += 1) {
        if (last !== null) await clock.advance(15_000);
        const previous = last === null ? {} : { [last.target]: last.status };
        last = (await runCheck(checks![0]!, ctx, { previous }))[0] as Result;
      }
      return last!;
    },
  };
}

describe("the share of bad answers", () => {
  test("one bad answer of twenty is none to speak of, two are a warning, eight are critical", async () => {
    const server = probing();
    await server.look({}, 20);
    expect(await server.look(refused)).toMatchObject({
      status: "ok",
      summary: `${URL_}: 127.0.0.1:8080: connection refused; 1 of 20 bad in 5m`,
    });
    expect((await server.look(refused)).status).toBe("warning");
    expect((await server.look(refused, 5)).status).toBe("warning");
    expect((await server.look(refused)).status).toBe("critical");
  });

  test("a server that never answered is critical at once", async () => {
    expect(await probing().look(refused)).toMatchObject({ status: "critical", metrics: { "http.up": 0 } });
  });

  test("five good answers in a row end an outage", async () => {
    const server = probing();
    await server.look({}, 10);
    await server.look({ status: 502 }, 10);
    expect((await server.look({}, 4)).status).toBe("critical");
    expect(await server.look({})).toMatchObject({
      status: "ok",
      summary: `${URL_} answers well in 20 ms`,
      metrics: { "http.bad_ratio": 0 },
    });
  });

  test("a server that fails every eighth time stays a warning", async () => {
    const server = probing();
    await server.look({}, 20);
    for (let round = 0; round < 5; round += 1) {
      await server.look({ status: 500 });
      await server.look({}, 7);
    }
    expect(await server.look({ status: 500 })).toMatchObject({ status: "warning", type: "http.probe" });
  });
});

describe("latency", () => {
  test("is judged against what was usual, once an hour of that is known", async () => {
    const server = probing();
    expect((await server.look({ durationMs: 300 }, 4 * 30)).metrics).not.toHaveProperty(
      "http.usual_latency_seconds",
    );
    await server.look({ durationMs: 300 }, 4 * 40);
    expect((await server.look({ durationMs: 700 }, 9)).status).toBe("ok");
    expect(await server.look({ durationMs: 700 })).toMatchObject({
      status: "warning",
      type: "http.latency",
      summary: `${URL_} answers take 700 ms, 2.3 times the usual 300 ms`,
    });
    expect((await server.look({ durationMs: 1500 }, 11)).status).toBe("critical");
  });

  test("of fast answers is never slow", async () => {
    const server = probing();
    await server.look({ durationMs: 2 }, 4 * 70);
    expect((await server.look({ durationMs: 40 }, 20)).status).toBe("ok");
  });
});

test("an answer is good by its status and by what it holds", () => {
  const answer = { status: 301, headers: { location: "https://x/" }, body: "moved", durationMs: 1 };
  expect(faultOf(answer, { status: "2xx" })).toBe("answered 301 (to https://x/) instead of 2xx");
  expect(faultOf(answer, { status: [200, 204] })).toBe("answered 301 (to https://x/) instead of 200 or 204");
  expect(faultOf(answer, { status: 301, body_contains: "ready" })).toBe('answered 301 without "ready"');
  expect(faultOf(answer, { status: "3xx", body_contains: "moved" })).toBeNull();
  expect(isExpected(401, [200, 401])).toBe(true);
});

test("a request carries what was configured, and nothing secret is shown", async () => {
  const server = probing({
    url: "https://shop.example/health?token=secret",
    headers: { authorization: "Bearer x" },
    request_timeout: "3s",
  });
  const result = await server.look({});
  expect(result.target).toBe("https://shop.example/health");
  expect(result.dependsOn).toEqual(["network:default"]);
  expect(JSON.stringify(result)).not.toContain("secret");
  expect(server.requests[0]).toMatchObject({
    url: "https://shop.example/health?token=secret",
    options: { headers: { authorization: "Bearer x" }, timeoutMs: 3000, maxRedirects: 5 },
  });
});

test("an address that the agent may not ask is unknown, not bad", async () => {
  const denied = new CortexError(
    "fetch.refused",
    "forbidden",
    "x leads to 169.254.169.254, a metadata address",
  );
  expect(await probing().look(denied)).toMatchObject({ status: "unknown" });
});

test("a URL of another kind is refused by the config", () => {
  expect(plugin.config.safeParse({ url: "file:///etc/passwd" }).success).toBe(false);
  expect(plugin.config.safeParse({ url: "http://x/", status: "abc" }).success).toBe(false);
});
