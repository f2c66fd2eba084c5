/** A model of one's own as a judge, over the chat completions that Ollama, vLLM and llama.cpp all speak. */
import { type Decider, type Fetch, isCortexError, type JudgeAnswer, type JudgeRequest } from "cortex";
import * as z from "zod";
import {
  ANSWER_JSON_SCHEMA,
  careful,
  caseText,
  INSTRUCTIONS,
  judgeErrors,
  parseAnswer,
} from "../common/judge-prompt.ts";
import type { OpenaiCompatibleConfig } from "./config.ts";

const MILLION = 1_000_000;
const MOST_TOKENS_READ = 12_000;
const MAX_BYTES = 2 ** 20;

const count = z.number().int().nonnegative();
/** What is read of a completion; servers add much else. */
const completion = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullable(),
        message: z.object({
          content: z.string().nullable().optional(),
          refusal: z.string().nullable().optional(),
          tool_calls: z.array(z.unknown()).nullable().optional(),
        }),
      }),
    )
    .length(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).optional(),
});
type Completion = z.infer<typeof completion>;

export function createOpenaiCompatible(config: OpenaiCompatibleConfig, fetch: Fetch): Decider {
  const url = `${config.base_url.replace(/\/+$/, "")}/chat/completions`;
  const costOf = (read: number, written: number) =>
    (read * config.price_in + written * config.price_out) / MILLION;

  const bodyOf = (request: JudgeRequest): string =>
    JSON.stringify({
      model: config.model,
      max_tokens: config.max_tokens,
      stream: false,
      messages: [
        { role: "system", content: INSTRUCTIONS },
        { role: "user", content: caseText(request) },
      ],
      response_format: {
        type: "json_schema",
        json_schema: { name: "verdict", strict: true, schema: ANSWER_JSON_SCHEMA },
      },
    });

  async function send(request: JudgeRequest, signal: AbortSignal): Promise<string> {
    try {
      const { status, body } = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(config.api_key === undefined ? {} : { authorization: `Bearer ${config.api_key}` }),
        },
        body: bodyOf(request),
        timeoutMs: config.request_timeout,
        maxBytes: MAX_BYTES,
        signal,
      });
      if (status !== 200) throw judgeErrors.unavailable(`the server says no: status ${status}`);
      return body;
    } catch (error) {
      if (isCortexError(error) && error.code.startsWith("decider.")) throw error;
      if (signal.aborted || (isCortexError(error) && error.kind === "timeout"))
        throw judgeErrors.timeout("the server did not answer in time", { cause: error });
      throw judgeErrors.unavailable("the server can't be reached", { cause: error });
    }
  }

  return {
    name: "openai-compatible",
    order: config.order,
    isOwn: true,
    maxCostUsd: costOf(MOST_TOKENS_READ, config.max_tokens),
    models: () => [config.model],
    instructions: INSTRUCTIONS,
    async ask(request, signal): Promise<JudgeAnswer> {
      const said = read(await send(request, signal));
      const tokensIn = said.usage?.prompt_tokens ?? 0;
      const tokensOut = said.usage?.completion_tokens ?? 0;
      return {
        ...careful(parseAnswer(textOf(said)), config.min_confidence),
        model: said.model ?? config.model,
        requestId: said.id ?? null,
        tokensIn,
        tokensOut,
        costUsd: costOf(tokensIn, tokensOut),
      };
    },
  };
}

function read(body: string): Completion {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw judgeErrors.unavailable("the answer was cut off on the way");
  }
  const parsed = completion.safeParse(json);
  if (!parsed.success) throw judgeErrors.nonsense("the server's answer is no chat completion");
  return parsed.data;
}

/** The one text of an answer that ended by itself; anything else is no answer. */
function textOf({ choices }: Completion): string {
  const { finish_reason: finish, message } = choices[0]!;
  if (finish === "content_filter" || (message.refusal ?? "") !== "")
    throw judgeErrors.refused("the model refused to answer");
  if (finish === "length") throw judgeErrors.truncated("the answer was cut off");
  if (finish !== "stop" || (message.tool_calls ?? []).length > 0)
    throw judgeErrors.nonsense(`the answer ended with ${String(finish)}`);
  return message.content ?? "";
}
