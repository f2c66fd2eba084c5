/**
 * A program called `claude` that speaks the protocol of `claude --print --output-format json` and does with a question what
 * the name of the model says. A real process, started by the real port.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Exec } from "cortex";
import { createExec } from "../ports/processes/exec.ts";

export interface StandInClaude {
  /** Absolute path. */
  program: string;
  exec: Exec;
  /** What each run was started with and given, in order. */
  calls(): { argv: string[]; stdin: string; env: Record<string, string> }[];
}

/** Runs in the stand-in's own process; `process.argv` is what it was started with. */
const SOURCE = `
import { appendFileSync, readFileSync } from "node:fs";
const argv = process.argv.slice(2);
const stdin = readFileSync(0, "utf8");
appendFileSync(import.meta.dirname + "/calls.jsonl", JSON.stringify({ argv, stdin, env: process.env }) + "\\n");
const model = argv[argv.indexOf("--model") + 1];
const yes = { verdict: "allow", reason: "ok", missing_evidence: [], confidence: 0.95, explanation: "f1." };
const base = {
  type: "result", subtype: "success", is_error: false, duration_ms: 1998, duration_api_ms: 1976, num_turns: 1,
  stop_reason: "end_turn", session_id: "0e639165-79b1-4bd4-bb0f-4cb4c15115d4", total_cost_usd: 0.0079,
  usage: { input_tokens: 900, cache_creation_input_tokens: 0, cache_read_input_tokens: 100, output_tokens: 80 },
  modelUsage: { [model]: { inputTokens: 1000, outputTokens: 80, costUSD: 0.0079 } }, permission_denials: [],
};
const typed = (answer) => ({ ...base, result: "", structured_output: answer });
const text = (result, more = {}) => ({ ...base, result, ...more });
const failed = (result) => [{ ...base, is_error: true, result, modelUsage: {} }, 1];
const SAY = {
  allow: () => [typed(yes)],
  human: () => [typed({ ...yes, verdict: "human", reason: "judge_doubts" })],
  deny: () => [typed({ ...yes, verdict: "deny", reason: "judge_denies" })],
  unsure: () => [typed({ ...yes, confidence: 0.2 })],
  plain: () => [text(JSON.stringify(yes))],
  old: () => [text(JSON.stringify(yes), { stop_reason: undefined })],
  "tool-ending": () => [{ ...typed(yes), stop_reason: "tool_use" }],
  prose: () => [text("Sure! I allow it.")],
  fenced: () => [text("\`\`\`json\\n" + JSON.stringify(yes) + "\\n\`\`\`")],
  empty: () => [text("")],
  "bad-enum": () => [typed({ ...yes, verdict: "approve" })],
  "extra-field": () => [typed({ ...yes, kind: "human" })],
  refusal: () => [text("", { stop_reason: "refusal" })],
  truncated: () => [text('{"verdict":"al', { stop_reason: "max_tokens" })],
  "unknown-stop": () => [text(JSON.stringify(yes), { stop_reason: "compaction" })],
  "wants-tool": () => [{ ...typed(yes), permission_denials: [{ tool_name: "Bash" }] }],
  "other-model": () => [{ ...typed(yes), modelUsage: { "somebody-else": {} } }],
  budget: () => [{ ...base, subtype: "error_max_budget_usd", is_error: true }, 1],
  retries: () => [{ ...base, subtype: "error_max_structured_output_retries", is_error: true }, 1],
  execution: () => [{ ...base, subtype: "error_during_execution", is_error: true }, 1],
  "logged-out": () => failed("Invalid API key · Please run /login"),
  overloaded: () => failed('API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}'),
  "no-result": () => [{ hello: "world" }],
  "two-results": () => [typed(yes), 0, 2],
};
if (model === "slow-headers") await new Promise((resolve) => setTimeout(resolve, 20000));
if (model === "killed") process.kill(process.pid, "SIGKILL");
if (model === "unknown-option") { console.error("error: unknown option '--json-schema'"); process.exit(1); }
const [answer, code = 0, times = 1] = SAY[model]();
for (let i = 0; i < times; i += 1) console.log(JSON.stringify(answer));
process.exit(code);
`;

/** In `folder`, from which programs can be started and which the caller removes. */
export function createStandInClaude(folder: string): StandInClaude {
  const program = join(folder, "claude");
  writeFileSync(join(folder, "claude.mjs"), SOURCE);
  // The first line names the interpreter; a bare script would need an extension to be a module.
  writeFileSync(program, `#!${process.execPath}\nawait import("${folder}/claude.mjs");\n`);
  chmodSync(program, 0o755);
  return {
    program,
    exec: createExec({ killGraceMs: 200 }),
    calls: () =>
      readFileSync(join(folder, "calls.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as ReturnType<StandInClaude["calls"]>[number]),
  };
}
