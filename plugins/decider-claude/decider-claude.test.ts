import { afterAll, beforeAll, expect, test } from "bun:test";
import { deciderContract, outcomeOf, sampleCase } from "../../core/testing/decider.contract.ts";
import { type FakeMessagesApi, startFakeMessagesApi } from "../../core/testing/fake-messages-api.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createClaude } from "./claude.ts";
import { claudeConfig } from "./config.ts";
import plugin from "./index.ts";

let api: FakeMessagesApi;
beforeAll(() => {
  api = startFakeMessagesApi();
});
afterAll(() => api.stop());

pluginContract(plugin);

const create = (model: string, change: object = {}) =>
  createClaude(
    claudeConfig.parse({
      api_key: "sk-test",
      base_url: api.url,
      model,
      second_model: null,
      request_timeout: "300ms",
      retries: 1,
      ...change,
    }),
    api.fetch,
  );

deciderContract({
  create,
  sent: () => api.requests.map(({ body }) => JSON.stringify(body)).join("\n"),
  outcomes: {
    allow: "allow",
    human: "human",
    deny: "deny",
    refusal: "decider.refused",
    truncated: "decider.truncated",
    window: "decider.truncated",
    "unknown-stop": "decider.nonsense",
    empty: "decider.nonsense",
    "two-texts": "decider.nonsense",
    paused: "decider.nonsense",
    prose: "decider.nonsense",
    "half-json": "decider.nonsense",
    "extra-field": "decider.nonsense",
    "bad-enum": "decider.nonsense",
    unauthorized: "decider.unavailable",
    forbidden: "decider.unavailable",
    "too-large": "decider.unavailable",
    "rate-limited": "decider.unavailable",
    "rate-limited-final": "decider.unavailable",
    broken: "decider.unavailable",
    "bad-gateway": "decider.unavailable",
    overloaded: "decider.unavailable",
    "slow-headers": "decider.timeout",
    "stalled-body": "decider.timeout",
    "cut-body": "decider.unavailable",
    "lost-body": "decider.unavailable",
    unsure: "human",
  },
});

test("a clear yes or no of the small model is the answer; anything else is put to the larger one", async () => {
  const asked = async (model: string) => {
    const before = api.requests.length;
    const outcome = await outcomeOf(create(model, { second_model: "deny" }));
    return [outcome, api.requests.length - before];
  };
  expect(await asked("allow")).toEqual(["allow", 1]);
  expect(await asked("deny")).toEqual(["deny", 1]);
  expect(await asked("human")).toEqual(["deny", 2]);
  expect(await asked("unsure")).toEqual(["deny", 2]);
});

test("what the small model refuses is not put to the larger one", async () => {
  const before = api.requests.length;
  expect(await outcomeOf(create("refusal", { second_model: "allow" }))).toBe("decider.refused");
  expect(api.requests.length - before).toBe(1);
});

test("both answers are paid for, and cached tokens cost what they cost", async () => {
  const prices = { human: { input: 1, output: 10 }, allow: { input: 2, output: 20 } };
  const both = await create("human", { second_model: "allow", prices }).ask(
    sampleCase,
    AbortSignal.timeout(5000),
  );
  expect(both.costUsd).toBeCloseTo((1000 * 1 + 100 * 10 + 1000 * 2 + 100 * 20) / 1e6, 9);
  api.script([
    {
      json: { verdict: "allow", reason: "ok", missing_evidence: [], confidence: 1, explanation: "x" },
      usage: { input_tokens: 0, cache_read_input_tokens: 1000, cache_creation_input_tokens: 1000 },
    },
  ]);
  const cached = await create("script", { prices: { script: { input: 1, output: 0 } } }).ask(
    sampleCase,
    AbortSignal.timeout(5000),
  );
  expect(cached.costUsd).toBeCloseTo((1000 * 1.25 + 1000 * 0.1) / 1e6, 9);
  expect(cached.tokensIn).toBe(2000);
});

test("the constant part is marked for the cache, no sampling is asked for, and the key travels in a header only", async () => {
  await outcomeOf(create("allow"));
  const { body, headers } = api.requests.at(-1)!;
  expect(body["system"]).toMatchObject([{ cache_control: { type: "ephemeral" } }]);
  expect(headers["authorization"]).toBe("Bearer sk-test");
  expect(JSON.stringify(body)).not.toContain("sk-test");
});

test("without a key it asks nobody", async () => {
  const before = api.requests.length;
  const decider = createClaude(claudeConfig.parse({ base_url: api.url }), api.fetch);
  expect(await outcomeOf(decider)).toBe("decider.unavailable");
  expect(api.requests.length).toBe(before);
});
