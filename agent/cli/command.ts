/** One way to declare a command: strict about options, `--json` understood, errors in one line with the right exit code. */
import { CortexError, escapeControls, isCortexError, messageOf } from "cortex";
import { type ArgsDef, type CommandContext, type CommandDef, defineCommand, type ParsedArgs } from "citty";
import { exitCodeFor } from "./exit-codes.ts";

/** Options of every command about what is on this host. */
export const localArgs = {
  json: { type: "boolean", description: "Print JSON." },
  "data-dir": {
    type: "string",
    description: "Data folder of the daemon; default $CORTEX_DATA_DIR, else as configured.",
    valueHint: "DIR",
  },
  config: { type: "string", description: "Configuration file.", valueHint: "FILE" },
} as const satisfies ArgsDef;

/** Options of every command that talks to a daemon, here or elsewhere. */
export const connectionArgs = {
  ...localArgs,
  url: {
    type: "string",
    description: "Address of another Monitor, for example https://monitor:7600.",
    valueHint: "URL",
  },
  key: { type: "string", description: "API key for --url; default $CORTEX_KEY.", valueHint: "KEY" },
} as const satisfies ArgsDef;

export interface CommandSpec<T extends ArgsDef> {
  /** With the words that lead to it: `user create`. */
  name: string;
  description: string;
  args?: T;
  /** `raw`: as typed, for options that may be repeated, of which `args` has the last. */
  run(args: ParsedArgs<T>, raw: readonly string[]): Promise<number | void>;
}

/** The argument types serve the command's own body; outside it is one command among others. */
export function command<const T extends ArgsDef>(spec: CommandSpec<T>): CommandDef {
  return defineCommand({
    // Help puts the name of the group in front.
    meta: { name: spec.name.split(" ").at(-1)!, description: spec.description },
    args: (spec.args ?? {}) as T,
    async run(context: CommandContext<T>) {
      await finish(async () => {
        assertKnown(spec.name, spec.args ?? {}, context.rawArgs, context.args._);
        return spec.run(context.args, context.rawArgs);
      });
    },
  }) as unknown as CommandDef;
}

/** Run, then exit with its code; whatever is thrown becomes one line on standard error. */
export async function finish(work: () => Promise<number | void>): Promise<void> {
  try {
    const code = await work();
    process.exitCode = code ?? 0;
  } catch (error) {
    process.exitCode = report(error);
  }
}

export function report(error: unknown): number {
  if (!isCortexError(error)) {
    process.stderr.write(`cortex: internal error: ${messageOf(error)}\n`);
    if (process.env.CORTEX_TRACE === "1" && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    return 70;
  }
  // A wrong configuration tells one problem a line.
  for (const line of error.message.split("\n")) process.stderr.write(`cortex: ${escapeControls(line)}\n`);
  return exitCodeFor(error);
}

/** What citty says about missing arguments is the caller's mistake, not ours; anything else passes. */
export function usageError(error: unknown, path: readonly string[]): unknown {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== "EARG") return error;
  const what = error.message.charAt(0).toLowerCase() + error.message.slice(1);
  return new CortexError("cli.argument", "invalid", `${what}; see \`cortex ${path.join(" ")} --help\``);
}

/**
 * A key, or a name, may begin with a dash, and no option of ours has one alone: such a word is a value where a command takes one, and
 * stands behind `--`, as if it had been typed there.
 */
export function withDashedValues(words: readonly string[], args: ArgsDef): string[] {
  if (!Object.values(args).some(({ type }) => type === "positional") || words.includes("--"))
    return [...words];
  const isValue = (word: string, index: number) =>
    /^-[^-\d]./.test(word) && args[words[index - 1]?.replace(/^--/, "") ?? ""]?.type !== "string";
  const values = words.filter(isValue);
  return values.length === 0
    ? [...words]
    : [...words.filter((word, index) => !isValue(word, index)), "--", ...values];
}

/** citty lets unknown options pass; a typo must not be a silent default. */
function assertKnown(
  name: string,
  args: ArgsDef,
  raw: readonly string[],
  positionals: readonly string[],
): void {
  const options = Object.entries(args).filter(([, one]) => one.type !== "positional");
  const known = new Set(options.map(([key]) => `--${key}`));
  for (const [key, one] of options) if (one.type === "boolean") known.add(`--no-${key}`);
  for (const token of raw) {
    if (token === "--") break;
    if (!token.startsWith("-") || token === "-") continue;
    const option = token.split("=", 1)[0]!;
    if (!known.has(option) && !/^-\d/.test(option))
      throw new CortexError(
        "cli.unknown_option",
        "invalid",
        `unknown option ${option}; see \`cortex ${name} --help\``,
      );
  }
  for (const [key, one] of options) if (one.type === "string") assertValue(key, one.valueHint, raw, known);
  const allowed = Object.values(args).filter((one) => one.type === "positional").length;
  if (positionals.length > allowed)
    throw new CortexError(
      "cli.unexpected_argument",
      "invalid",
      `unexpected argument ${positionals[allowed]}; see \`cortex ${name} --help\``,
    );
}

/** `--data-dir` at the end, or before another option, and a place or file without a name: what was meant is missing. */
function assertValue(
  key: string,
  hint: string | undefined,
  raw: readonly string[],
  known: ReadonlySet<string>,
): void {
  const at = raw.indexOf(`--${key}`);
  const next = raw[at + 1];
  const isMissing = at >= 0 && (next === undefined || next === "--" || known.has(next.split("=", 1)[0]!));
  const isEmpty = (at >= 0 && next === "") || raw.includes(`--${key}=`);
  if (!isMissing && !(isEmpty && (key === "data-dir" || key === "config"))) return;
  throw new CortexError("cli.value", "invalid", `--${key} needs a value: --${key} ${hint ?? "VALUE"}`);
}

/** Several commands under one word; without a word it says which there are. */
export function group(
  name: string,
  description: string,
  subCommands: Record<string, () => Promise<CommandDef>>,
  /** What the word alone means. */
  fallback = "list",
): CommandDef {
  return defineCommand({ meta: { name, description }, subCommands, default: fallback });
}
