/**
 * `claude -p` as a judge: one process a question, without tools, settings, servers or memory of its own. The case goes in on
 * standard input, one JSON object comes out. Source: the CLI reference of Claude Code and its `--output-format json`.
 */
import { type Decider, type Exec, type ExecResult, isCortexError, type JudgeAnswer } from "cortex";
import * as z from "zod";
import {
  ANSWER_JSON_SCHEMA,
  careful,
  caseText,
  INSTRUCTIONS,
  judgeErrors,
  parseAnswer,
} from "../common/judge-prompt.ts";
import type { ClaudeCliConfig } from "./config.ts";

const MAX_BYTES = 2 ** 20;

const count = z.number().nonnegative();
/** What is read of the result; versions add much else. */
const envelope = z.object({
  type: z.literal("result"),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().optional(),
  structured_output: z.unknown().optional(),
  stop_reason: z.string().nullable().optional(),
  session_id: z.string().optional(),
  total_cost_usd: count.optional(),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      cache_creation_input_tokens: count.nullish(),
      cache_read_input_tokens: count.nullish(),
    })
    .optional(),
  /** By model: what was spent on which. */
  modelUsage: z.record(z.string(), z.unknown()).optional(),
  permission_denials: z.array(z.unknown()).optional(),
});
type Envelope = z.infer<typeof envelope>;

/** Every argument is fixed or configured; nothing of a case ever is one. */
export const argvOf = ({ program, model, max_cost: maxCost }: ClaudeCliConfig): string[] => [
  program,
  "--print",
  ...["--output-format", "json"],
  ...["--model", model],
  // No tool of its own, no server of others, no settings, hooks, commands or plugins of whoever has this HOME.
  ...["--tools", ""],
  "--strict-mcp-config",
  ...["--setting-sources", ""],
  "--disable-slash-commands",
  "--no-session-persistence",
  ...["--max-budget-usd", String(maxCost)],
  ...["--system-prompt", INSTRUCTIONS],
  ...["--json-schema", JSON.stringify(ANSWER_JSON_SCHEMA)],
];

export function createClaudeCli(config: ClaudeCliConfig, exec: Exec): Decider {
  const env = {
    HOME: config.home,
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    ...(config.api_key === undefined ? {} : { ANTHROPIC_API_KEY: config.api_key }),
    ...(config.oauth_token === undefined ? {} : { CLAUDE_CODE_OAUTH_TOKEN: config.oauth_token }),
  };

  async function run(stdin: string, signal: AbortSignal): Promise<ExecResult> {
    try {
      const options = { stdin, signal, env, timeoutMs: config.request_timeout, maxOutputBytes: MAX_BYTES };
      return await exec.run(argvOf(config), options);
    } catch (error) {
      if (signal.aborted) throw judgeErrors.timeout("claude did not answer in time", { cause: error });
      const why = isCortexError(error) ? error.message : "claude can't be started";
      throw judgeErrors.unavailable(why, { cause: error });
    }
  }

  return {
    name: "claude-cli",
    order: config.order,
    maxCostUsd: config.max_cost,
    models: () => [config.model],
    instructions: INSTRUCTIONS,
    async ask(request, signal): Promise<JudgeAnswer> {
      const said = read(await run(caseText(request), signal));
      return {
        ...careful(parseAnswer(textOf(said)), config.min_confidence),
        model: modelOf(said, config.model),
        requestId: said.session_id ?? null,
        tokensIn: tokensIn(said),
        tokensOut: said.usage?.output_tokens ?? 0,
        // What it does not tell may have cost what it was allowed to.
        costUsd: said.total_cost_usd ?? config.max_cost,
      };
    },
  };
}

/** A failed run says so in the same object; one that says nothing has only its exit code. */
function read({ stdout, exitCode, timedOut, truncated }: ExecResult): Envelope {
  if (timedOut) throw judgeErrors.timeout("claude did not answer in time");
  if (truncated) throw judgeErrors.nonsense("claude said more than a verdict");
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    throw judgeErrors.unavailable(`claude ended with ${exitCode ?? "a signal"} and no result`);
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) throw judgeErrors.nonsense("what claude printed is no result");
  const { subtype, is_error: isError } = parsed.data;
  if (subtype === "error_max_budget_usd") throw judgeErrors.spend_cap("one question cost more than max_cost");
  if (subtype.startsWith("error_max_")) throw judgeErrors.nonsense(`claude gave up: ${subtype}`);
  if (isError || subtype !== "success" || exitCode !== 0)
    throw judgeErrors.unavailable(
      `claude failed (${subtype}); try it as Cortex's user: claude --print hello`,
    );
  return parsed.data;
}

/** The one answer of a run that ended by itself and wanted no tool; anything else is none. */
function textOf({
  stop_reason: stop,
  permission_denials: denied,
  structured_output: typed,
  result,
}: Envelope) {
  if (stop === "refusal") throw judgeErrors.refused("the model refused to answer");
  if (stop === "max_tokens" || stop === "model_context_window_exceeded")
    throw judgeErrors.truncated(`the answer was cut off (${stop})`);
  if ((denied ?? []).length > 0) throw judgeErrors.nonsense("the model reached for a tool");
  // A typed answer is the program's own tool, so the turn may end with its use; older versions don't say how it ended.
  const ended = stop === "end_turn" || stop == null || (stop === "tool_use" && typed != null);
  if (!ended) throw judgeErrors.nonsense(`the answer ended with ${stop}`);
  return typed == null ? (result ?? "") : JSON.stringify(typed);
}

/** The asked one, where it did anything; the program may use smaller ones beside it. Empty when it does not say. */
function modelOf({ modelUsage = {} }: Envelope, asked: string): string {
  const used = Object.keys(modelUsage);
  return used.find((name) => name === asked || name.startsWith(`${asked}-`)) ?? used[0] ?? "";
}

const tokensIn = ({ usage }: Envelope): number =>
  usage === undefined
    ? 0
    : usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
