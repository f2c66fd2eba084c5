/**
 * Claude as a judge. A small model first; a larger one when the first is not clearly safe. Every way in which an answer can
 * be none has its own error, and none of them is a yes.
 */
import type Anthropic from "@anthropic-ai/sdk";
import type { Decider, Fetch, JudgeAnswer, JudgeRequest } from "cortex";
import {
  ANSWER_JSON_SCHEMA,
  careful,
  caseText,
  INSTRUCTIONS,
  judgeErrors,
  parseAnswer,
} from "../common/judge-prompt.ts";
import { asWebFetch } from "../common/web-fetch.ts";
import type { ClaudeConfig } from "./config.ts";

const MILLION = 1_000_000;
/** A case is a few thousand tokens; what could be billed at most is reckoned with this. */
const MOST_TOKENS_READ = 12_000;

export function createClaude(config: ClaudeConfig, fetch: Fetch): Decider {
  /** Loaded with the first question: most Monitors never ask one, and the library takes memory. */
  const library = once(async () => {
    const { default: Api } = await import("@anthropic-ai/sdk");
    const client = new Api({
      // Said even where there is none, so that no profile of whoever runs this is ever picked up.
      apiKey: config.api_key ?? null,
      authToken: null,
      baseURL: config.base_url,
      timeout: config.request_timeout,
      maxRetries: config.retries,
      fetch: asWebFetch(fetch, config.request_timeout),
      logLevel: "off",
    });
    return { Api, client };
  });
  const models = [config.model, ...(config.second_model === null ? [] : [config.second_model])];

  async function askModel(model: string, request: JudgeRequest, signal: AbortSignal): Promise<JudgeAnswer> {
    const { message, requestId } = await send(model, request, signal);
    const usage = { tokensIn: tokensIn(message.usage), tokensOut: message.usage.output_tokens };
    const billed = {
      ...usage,
      costUsd: costOf(config, model, message.usage),
      model: message.model,
      requestId,
    };
    return { ...careful(parseAnswer(textOf(message)), config.min_confidence), ...billed };
  }

  async function send(model: string, request: JudgeRequest, signal: AbortSignal) {
    const { Api, client } = await library();
    try {
      const sent = client.messages.create(
        {
          model,
          max_tokens: config.max_tokens,
          system: [{ type: "text", text: INSTRUCTIONS, cache_control: { type: "ephemeral" } }],
          messages: [{ role: "user", content: caseText(request) }],
          output_config: { format: { type: "json_schema", schema: ANSWER_JSON_SCHEMA } },
        },
        { signal },
      );
      const { data: message, request_id: requestId } = await sent.withResponse();
      return { message, requestId: requestId ?? null };
    } catch (error) {
      throw failureOf(Api, error);
    }
  }

  return {
    name: "claude",
    order: config.order,
    maxCostUsd: models.reduce((sum, model) => sum + mostOf(config, model), 0),
    models: () => models,
    instructions: INSTRUCTIONS,
    async ask(request, signal) {
      if (config.api_key === undefined)
        throw judgeErrors.unavailable("no api_key is set; add plugins.decider-claude.api_key");
      const first = await askModel(config.model, request, signal);
      if (first.verdict !== "human" || config.second_model === null) return first;
      const second = await askModel(config.second_model, request, signal);
      return {
        ...second,
        tokensIn: first.tokensIn + second.tokensIn,
        tokensOut: first.tokensOut + second.tokensOut,
        costUsd: first.costUsd + second.costUsd,
      };
    },
  };
}

/** The one text of a message that ended by itself; anything else is no answer. */
function textOf({ stop_reason: stop, content }: Anthropic.Message): string {
  if (stop === "refusal") throw judgeErrors.refused("the model refused to answer");
  if (stop === "max_tokens" || stop === "model_context_window_exceeded")
    throw judgeErrors.truncated(`the answer was cut off (${stop})`);
  if (stop !== "end_turn") throw judgeErrors.nonsense(`the answer ended with ${String(stop)}`);
  const texts = content.filter((block) => block.type === "text");
  if (texts.length !== 1) throw judgeErrors.nonsense(`the answer has ${texts.length} texts, not one`);
  return texts[0]!.text;
}

/** By status and type, never by message: those are for people and change. */
function failureOf(Api: typeof Anthropic, error: unknown): Error {
  if (error instanceof Api.APIConnectionTimeoutError || error instanceof Api.APIUserAbortError)
    return judgeErrors.timeout("the API did not answer in time", { cause: error });
  if (error instanceof Api.APIError && error.status !== undefined) {
    const what = {
      401: "the key is not accepted",
      403: "the key may not use this model",
      429: "too many requests",
    };
    const said = what[error.status as keyof typeof what] ?? `status ${error.status}`;
    return judgeErrors.unavailable(`the API says no: ${said}`, { cause: error });
  }
  return judgeErrors.unavailable("the API can't be reached", { cause: error });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

type Usage = Anthropic.Message["usage"];

const tokensIn = (usage: Usage): number =>
  usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);

function priceOf(config: ClaudeConfig, model: string): { input: number; output: number } {
  const known = Object.entries(config.prices).find(
    ([name]) => model === name || model.startsWith(`${name}-`),
  );
  if (known !== undefined) return known[1];
  const all = Object.values(config.prices);
  return {
    input: Math.max(0, ...all.map((one) => one.input)),
    output: Math.max(0, ...all.map((one) => one.output)),
  };
}

/** Cached tokens cost a quarter more to write and a tenth to read. */
function costOf(config: ClaudeConfig, model: string, usage: Usage): number {
  const { input, output } = priceOf(config, model);
  const read =
    usage.input_tokens +
    1.25 * (usage.cache_creation_input_tokens ?? 0) +
    0.1 * (usage.cache_read_input_tokens ?? 0);
  return (read * input + usage.output_tokens * output) / MILLION;
}

function mostOf(config: ClaudeConfig, model: string): number {
  const { input, output } = priceOf(config, model);
  return (MOST_TOKENS_READ * input + config.max_tokens * output) / MILLION;
}
