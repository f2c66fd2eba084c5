import { existsSync } from "node:fs";
import { formatProblem } from "../../../core/config/problems.ts";
import { showConfig } from "../../../core/config/show.ts";
import { loadSettings, type Settings, type SettingsOptions } from "../../settings.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { fileInUse, fileToEdit, pluginsDirInUse } from "../daemon-file.ts";
import { clean, print, printJson, state } from "../output.ts";
import { nodeIdOf } from "../pick.ts";

const fileArgs = {
  json: { type: "boolean", description: "Print JSON." },
  config: { type: "string", description: "Configuration file.", valueHint: "FILE" },
  "plugins-dir": { type: "string", description: "Folder of your own plugins.", valueHint: "DIR" },
} as const;

const check = command({
  name: "config check",
  description:
    "Check the configuration, without --config the one that Cortex runs with; exit 78 with every problem, its line and what to write instead.",
  args: {
    ...fileArgs,
    "data-dir": connectionArgs["data-dir"],
    file: {
      type: "positional",
      required: false,
      description: "Configuration file, as with --config.",
      valueHint: "FILE",
    },
  },
  async run(args) {
    const { settings, runsOn } = await settingsToCheck({ ...args, config: args.file ?? args.config });
    const enabled = settings.instances.filter((one) => one.host.enabled).length;
    for (const { plugin, problems } of settings.setAside)
      process.stderr.write(
        `warning: ${formatProblem(problems[0]!)}; plugins.${plugin} is not used: a plugin of your own has the name of a built-in\n`,
      );
    if (args.json) printJson({ ok: true, path: settings.path, instances: enabled });
    else
      print(
        `${state("ok")} ${settings.path ?? "no file, all defaults"}${runsOn === null ? "" : `, with which Cortex runs on ${clean(runsOn, 200)}`}: ${enabled} plugin instances`,
      );
  },
});

/** Who names no file means the one that is in use: `runsOn` is then the data folder of the daemon that runs with it. */
export async function settingsToCheck(
  args: SettingsOptions,
): Promise<{ settings: Settings; runsOn: string | null }> {
  const settings = loadSettings(args);
  if (args.config !== undefined) return { settings, runsOn: null };
  const inUse = await fileInUse(settings);
  if (inUse === undefined || inUse === null) return { settings, runsOn: null };
  const folder = args["plugins-dir"] ?? (await pluginsDirInUse(settings));
  const used = loadSettings({ ...args, config: inUse, "plugins-dir": folder });
  return { settings: used, runsOn: settings.dataDir };
}

const path = command({
  name: "config path",
  description: "The file to edit: the one that Cortex runs with, or where it would be read from.",
  args: { json: fileArgs.json, config: fileArgs.config, "data-dir": connectionArgs["data-dir"] },
  async run(args) {
    const { path: file, runs } = await fileToEdit(loadSettings(args));
    const exists = existsSync(file);
    if (args.json) return printJson({ path: file, exists, runs });
    print(file);
    if (!exists) process.stderr.write("It is not there yet: Cortex runs on defaults.\n");
  },
});

const show = command({
  name: "config show",
  description: "Print the effective configuration, secrets redacted.",
  args: fileArgs,
  async run(args) {
    const { value, yaml } = showConfig(loadSettings(args));
    if (args.json) printJson(value);
    else print(yaml.trimEnd());
  },
});

const reload = command({
  name: "config reload",
  description: "Let the daemon of this machine, or a node, read its file again; a bad file changes nothing.",
  args: {
    ...connectionArgs,
    node: { type: "string", description: "Another node, by name or id.", valueHint: "NODE" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.post<{ changed: string[] }>(
        "config/reload",
        args.node ? { node: await nodeIdOf(client, args.node) } : {},
      );
      if (args.json) printJson(answer);
      else print(answer.changed.length === 0 ? "Nothing changed." : `Changed: ${answer.changed.join(", ")}`);
    }),
});

export default group("config", "Find, check, show and reload the configuration.", {
  check: async () => check,
  path: async () => path,
  show: async () => show,
  reload: async () => reload,
});
