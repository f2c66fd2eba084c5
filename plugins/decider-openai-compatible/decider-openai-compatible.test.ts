import { expect, test } from "bun:test";
import { CortexError, type Fetch } from "cortex";
import { deciderContract, outcomeOf } from "../../core/testing/decider.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { openaiCompatibleConfig } from "./config.ts";
import plugin from "./index.ts";
import { createOpenaiCompatible } from "./openai-compatible.ts";

pluginContract(plugin, { model: "allow" });

const yes = { verdict: "allow", reason: "ok", missing_evidence: [], confidence: 0.9, explanation: "f1." };
const message = (content: unknown, finish = "stop", more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "local",
  choices: [
    {
      index: 0,
      finish_reason: finish,
      message: {
        role: "assistant",
        content: typeof content === "string" ? content : JSON.stringify(content),
        ...more,
      },
    },
  ],
  usage: { prompt_tokens: 900, completion_tokens: 80, total_tokens: 980 },
});

/** Answers as the servers give them; the name of the model chooses. */
const ANSWERS: Record<string, { status?: number; body: unknown }> = {
  allow: { body: message(yes) },
  human: { body: message({ ...yes, verdict: "human", reason: "judge_doubts" }) },
  deny: { body: message({ ...yes, verdict: "deny", reason: "judge_denies" }) },
  refusal: { body: message("", "stop", { refusal: "I can't help with that" }) },
  filtered: { body: message("", "content_filter") },
  truncated: { body: message('{"verdict":"al', "length") },
  prose: { body: message("Sure! I allow it.") },
  "bad-enum": { body: message({ ...yes, verdict: "approve" }) },
  empty: { body: message("") },
  tools: { body: message("", "tool_calls", { tool_calls: [{ id: "1", type: "function" }] }) },
  "two-choices": { body: { ...message(yes), choices: [...message(yes).choices, ...message(yes).choices] } },
  "other-protocol": { body: { response: "allow" } },
  "cut-body": { body: '{"id":"chatcmpl' },
  unauthorized: { status: 401, body: { error: { message: "no" } } },
  "rate-limited": { status: 429, body: {} },
  broken: { status: 500, body: "<html>" },
};

const requests: { url: string; headers: Record<string, string>; body: string }[] = [];

const fetch: Fetch = async (url, options = {}) => {
  const body = options.body as string;
  requests.push({ url: url, headers: { ...(options.headers as Record<string, string>) }, body });
  const { model } = JSON.parse(body) as { model: string };
  if (model === "unreachable") throw new CortexError("fetch.failed", "unavailable", "refused");
  if (model === "slow-headers")
    return new Promise((_, reject) => {
      const late = () => reject(new CortexError("fetch.timeout", "timeout", "late"));
      if (options.signal?.aborted) late();
      options.signal?.addEventListener("abort", late);
    });
  const { status = 200, body: answer } = ANSWERS[model]!;
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return { status, headers: {}, body: text, durationMs: 1 };
};

const create = (model: string, more: object = {}) =>
  createOpenaiCompatible(openaiCompatibleConfig.parse({ model, ...more }), fetch);

deciderContract({
  create,
  sent: () => requests.map(({ body }) => body).join("\n"),
  outcomes: {
    allow: "allow",
    human: "human",
    deny: "deny",
    refusal: "decider.refused",
    filtered: "decider.refused",
    truncated: "decider.truncated",
    prose: "decider.nonsense",
    "bad-enum": "decider.nonsense",
    empty: "decider.nonsense",
    tools: "decider.nonsense",
    "two-choices": "decider.nonsense",
    "other-protocol": "decider.nonsense",
    "cut-body": "decider.unavailable",
    unauthorized: "decider.unavailable",
    "rate-limited": "decider.unavailable",
    broken: "decider.unavailable",
    unreachable: "decider.unavailable",
  },
});

test("the key travels in a header only, and only where there is one", async () => {
  await outcomeOf(create("allow", { api_key: "sk-local", base_url: "http://127.0.0.1:8000/v1/" }));
  const { url, headers, body } = requests.at(-1)!;
  expect(url).toBe("http://127.0.0.1:8000/v1/chat/completions");
  expect(headers["authorization"]).toBe("Bearer sk-local");
  expect(body).not.toContain("sk-local");
  await outcomeOf(create("allow"));
  expect(requests.at(-1)!.headers).not.toHaveProperty("authorization");
});

test("a schema is asked for, and what a model of one's own costs is what one says it costs", async () => {
  const free = await create("allow").ask({ quotes: [] } as never, AbortSignal.timeout(1000));
  expect([free.costUsd, free.tokensIn, free.requestId]).toEqual([0, 900, "chatcmpl-1"]);
  const paid = create("allow", { price_in: 1, price_out: 10 });
  expect((await paid.ask({ quotes: [] } as never, AbortSignal.timeout(1000))).costUsd).toBeCloseTo(0.0017, 9);
  expect(JSON.parse(requests.at(-1)!.body)).toMatchObject({ response_format: { type: "json_schema" } });
});
