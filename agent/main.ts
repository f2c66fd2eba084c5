/** The program. Commands are loaded when they are called, so that none pays for another. */
import { type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import { CortexError } from "cortex";
import { finish, group, usageError, withDashedValues } from "./cli/command.ts";
import { overview, summariesOf, unknownCommand } from "./cli/help.ts";
import { useColour } from "./cli/output.ts";
import { optionsLast, withoutVerb } from "./cli/words.ts";
import { VERSION } from "./version.ts";

const list = (name: "repairs" | "inspections") => async () => (await import("./cli/commands/lists.ts"))[name];

export const main: CommandDef = defineCommand({
  meta: {
    name: "cortex",
    version: VERSION,
    description: "Inspects servers, repairs what is safe, proves it, and asks before the rest.",
  },
  subCommands: {
    up: async () => (await import("./cli/commands/up.ts")).default,
    inspect: async () => (await import("./cli/commands/inspect.ts")).default,
    status: async () => (await import("./cli/commands/status.ts")).default,
    problems: async () => (await import("./cli/commands/problems.ts")).default,
    intents: async () => (await import("./cli/commands/intents.ts")).default,
    decisions: async () =>
      group("decisions", "What waits for a verdict.", {
        list: async () => (await import("./cli/commands/decisions.ts")).list,
        show: async () => (await import("./cli/commands/decisions.ts")).show,
        approve: async () => (await import("./cli/commands/decisions.ts")).approve,
        reject: async () => (await import("./cli/commands/decisions.ts")).reject,
        judges: async () => (await import("./cli/commands/decisions.ts")).judges,
      }),
    policy: async () => (await import("./cli/commands/policy.ts")).default,
    trust: async () => (await import("./cli/commands/trust.ts")).default,
    autonomy: async () => (await import("./cli/commands/autonomy.ts")).default,
    mcp: async () => (await import("./cli/commands/mcp.ts")).default,
    eval: async () => (await import("./cli/commands/eval.ts")).default,
    checks: async () => (await import("./cli/commands/checks.ts")).default,
    inspections: list("inspections"),
    repairs: list("repairs"),
    nodes: async () => (await import("./cli/commands/nodes.ts")).default,
    token: async () => (await import("./cli/commands/token.ts")).default,
    join: async () => (await import("./cli/commands/join.ts")).joinCommand,
    leave: async () => (await import("./cli/commands/join.ts")).leaveCommand,
    link: async () => (await import("./cli/commands/link.ts")).default,
    plugin: async () =>
      group("plugin", "Built-in plugins and your own.", {
        list: async () => (await import("./cli/commands/lists.ts")).pluginList,
        new: async () => (await import("./cli/commands/plugin.ts")).pluginNew,
        test: async () => (await import("./cli/commands/plugin.ts")).pluginTest,
        build: async () => (await import("./cli/commands/plugin.ts")).pluginBuild,
        allow: async () => (await import("./cli/commands/plugin-allow.ts")).pluginAllow,
        revoke: async () => (await import("./cli/commands/plugin-allow.ts")).pluginRevoke,
      }),
    maintenance: async () => (await import("./cli/commands/maintenance.ts")).default,
    switch: async () => (await import("./cli/commands/switch.ts")).default,
    config: async () => (await import("./cli/commands/config.ts")).default,
    user: async () => (await import("./cli/commands/users.ts")).default,
    session: async () => (await import("./cli/commands/sessions.ts")).default,
    key: async () => (await import("./cli/commands/keys.ts")).default,
    backup: async () => (await import("./cli/commands/backup.ts")).default,
    restore: async () => (await import("./cli/commands/restore.ts")).default,
    audit: async () => (await import("./cli/commands/audit.ts")).default,
    secrets: async () => (await import("./cli/commands/secrets.ts")).default,
    privileges: async () => (await import("./cli/commands/privileges.ts")).default,
    helper: async () => (await import("./cli/commands/helper.ts")).default,
    doctor: async () => (await import("./cli/commands/doctor.ts")).default,
    "plugin-host": async () => (await import("./cli/commands/plugin-host.ts")).default,
    version: async () => (await import("./cli/commands/version.ts")).default,
  },
});

/** Walk down to the command that the words name; help is shown for groups and on request. */
async function dispatch(words: string[], here: CommandDef, path: string[]): Promise<void> {
  const subs = (await resolve(here.subCommands)) as Record<string, () => Promise<CommandDef>> | undefined;
  const [first] = words;
  const asksHelp = first === "--help" || first === "-h" || first === "help";
  if (subs === undefined) {
    words = withoutVerb(words, path);
    if (words.includes("--help") || words.includes("-h")) return usage(here, path);
    const rawArgs = withDashedValues(words, (await resolve(here.args)) ?? {});
    await runCommand(here, { rawArgs }).catch((error: unknown) => {
      throw usageError(error, path);
    });
    return;
  }
  if (first === "help" && words.length > 1) return dispatch([...words.slice(1), "--help"], here, path);
  if (path.length === 0 && first === "--version") return void process.stdout.write(`${VERSION}\n`);
  if (first !== undefined && Object.hasOwn(subs, first))
    return dispatch(words.slice(1), await subs[first]!(), [...path, first]);
  // `cortex intents` alone, or with options only, lists: the word most often meant.
  const usual = typeof here.default === "string" ? here.default : "list";
  if ((first === undefined || (first.startsWith("--") && !asksHelp)) && Object.hasOwn(subs, usual))
    return dispatch(words, await subs[usual]!(), [...path, usual]);
  if (first === undefined || asksHelp) return usage(here, path);
  const names = Object.keys(subs).filter((name) => name !== "plugin-host");
  if (first.startsWith("-"))
    throw new CortexError(
      "cli.which",
      "invalid",
      `say which before ${first}: cortex ${[...path, ""].join(" ")}${path.length > 0 ? names.join(", ") : "COMMAND"}`,
    );
  throw unknownCommand(path, first, names);
}

async function usage(command: CommandDef, path: string[]): Promise<void> {
  if (path.length === 0) {
    const subs = command.subCommands as Record<string, () => Promise<CommandDef>>;
    const { description } = (await resolve(command.meta)) as { description: string };
    return void process.stdout.write(`${overview(await summariesOf(subs), description)}\n`);
  }
  const parent = { meta: { name: ["cortex", ...path.slice(0, -1)].join(" ") } };
  const text = await renderUsage(command, parent);
  // citty colours it wherever it goes.
  process.stdout.write(`${useColour ? text : Bun.stripANSI(text)}\n`);
}

async function resolve<T>(value: T | (() => T | Promise<T>) | undefined): Promise<T | undefined> {
  return typeof value === "function" ? await (value as () => T | Promise<T>)() : value;
}

if (import.meta.main) {
  await finish(async () => {
    await dispatch(optionsLast(process.argv.slice(2)), main, []);
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  });
  // `exit` drops what a slow reader has not taken yet: an export into a pipe would end in the middle, with code 0.
  await new Promise<void>((resolve) => process.stdout.end(() => resolve()));
  process.exit();
}
