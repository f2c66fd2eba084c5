/** `cortex --help`: all commands by what somebody wants to do, and what to say to a word that is none. */
import { type CommandDef } from "citty";
import { CortexError } from "cortex";
import { closest } from "../../core/config/suggest.ts";
import { paint } from "./output.ts";

/** Every command that is shown stands in exactly one group. */
export const GROUPS: Record<string, readonly string[]> = {
  Run: ["up", "inspect", "doctor", "version"],
  Look: ["status", "problems", "checks", "inspections", "repairs", "intents", "audit"],
  Decide: ["decisions", "policy", "autonomy", "switch", "maintenance", "eval", "mcp"],
  "Many machines": ["nodes", "token", "join", "leave", "link", "trust"],
  Manage: [
    "config",
    "plugin",
    "user",
    "session",
    "key",
    "backup",
    "restore",
    "secrets",
    "privileges",
    "helper",
  ],
};

/** Where commands find the Cortex that is meant; in the help and in the reference. */
export const WHERE = `Commands ask the Cortex that runs on the data folder: the one of --data-dir, else of the variable
CORTEX_DATA_DIR, else data_dir of the configuration, else /var/lib/cortex as root and
~/.local/state/cortex otherwise. With --url and --key they ask a Monitor elsewhere.`;

/** `summaries`: the description of every command. */
export function overview(summaries: Readonly<Record<string, string>>, description: string): string {
  const width = Math.max(...Object.keys(summaries).map((name) => name.length));
  const groups = Object.entries(GROUPS).map(([title, names]) =>
    [
      paint(title, "bold"),
      ...names.map((name) => `  ${name.padEnd(width)}  ${firstWords(summaries[name]!)}`),
    ].join("\n"),
  );
  return [
    description,
    "Usage: cortex COMMAND [options]",
    ...groups,
    WHERE,
    "`cortex COMMAND --help` says more about one.",
  ].join("\n\n");
}

/** The first sentence or half-sentence. The rest stands in the command's own help. */
const firstWords = (text: string): string => text.split(/[.;] /, 1)[0]!.replace(/\.$/, "");

/** What a hand that knows other programs types. */
const OTHER_WORDS: Record<string, string> = { start: "up", run: "up", serve: "up" };

/** `path`: the words before; `names`: what could stand there. */
export function unknownCommand(path: readonly string[], word: string, names: readonly string[]): CortexError {
  const near = (path.length === 0 ? OTHER_WORDS[word] : undefined) ?? closest(word, names);
  const said = ["cortex", ...path].join(" ");
  const advice =
    near !== null
      ? `did you mean \`${said} ${near}\`?`
      : path.length === 0
        ? "see `cortex --help`"
        : `there are: ${names.join(", ")}`;
  return new CortexError(
    "cli.unknown_command",
    "invalid",
    `unknown command ${[...path, word].join(" ")}; ${advice}`,
  );
}

/** Name and description of what is not hidden. Errors: none; a command that has no description has an empty one. */
export async function summariesOf(
  subs: Readonly<Record<string, () => Promise<CommandDef>>>,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, load] of Object.entries(subs)) {
    const { meta } = await load();
    const told = typeof meta === "function" ? await meta() : await meta;
    if (told?.hidden !== true) found[name] = told?.description ?? "";
  }
  return found;
}
