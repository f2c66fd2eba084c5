/** `cortex plugin allow | revoke`: the list of what of one's own may run, by the hash of each file. */
import { basename, dirname, resolve } from "node:path";
import { CortexError } from "cortex";
import { lockPathOf, readLock, writeLock } from "../../../core/ports/user-plugins/plugin-lock.ts";
import { openTrial, type Trial } from "../../plugin-trial.ts";
import { createSystemPorts } from "../../ports.ts";
import { loadSettings } from "../../settings.ts";
import { confirmed } from "../ask.ts";
import { command } from "../command.ts";
import { clean, paint, print, printJson, table } from "../output.ts";
import { folderOf, invalid, missing, pluginArg, where } from "../plugin-folder.ts";

export const pluginAllow = command({
  name: "plugin allow",
  description: "Put a plugin on the allow-list as it is now: the hash of each file, and what it may touch.",
  args: { ...where, name: pluginArg, yes: { type: "boolean", description: "Don't ask." } },
  async run(args) {
    const settings = loadSettings(args, { remember: false });
    const { pluginsDir } = settings;
    const folder = folderOf(settings, args.name);
    if (dirname(folder) !== resolve(pluginsDir))
      throw invalid(
        `${folder} does not lie in ${pluginsDir}; copy it there, or name the folder with --plugins-dir`,
      );
    const lock = readLock(pluginsDir);
    if (lock.refused !== null) throw new CortexError("plugin.lock", "forbidden", lock.refused);
    const trial = await openTrial(settings, createSystemPorts(settings.config), folder);
    trial.close();
    const { manifest, bundle } = trial;
    if (manifest.name !== basename(folder))
      throw invalid(
        `the folder is named ${basename(folder)}, the plugin ${manifest.name}; they must be equal`,
      );
    if (!args.json) printAllow(trial);
    if (!args.yes && !(await confirmed(`Allow ${manifest.name}?`)))
      throw new CortexError(
        "plugin.not_confirmed",
        "invalid",
        "nothing was allowed; say --yes to allow it without being asked",
      );
    const entry = {
      version: manifest.version,
      files: bundle.hashes,
      permissions: manifest.capabilities,
      allowed_at: new Date().toISOString(),
      allowed_by: process.env.SUDO_USER ?? process.env.USER ?? `uid ${process.getuid?.() ?? "?"}`,
    };
    const path = writeLock(pluginsDir, { ...lock.plugins, [manifest.name]: entry });
    if (args.json) return printJson({ name: manifest.name, lock: path, ...entry });
    print(`${manifest.name} is allowed (${path}); a daemon that runs takes it within seconds.`);
    if (!lock.exists) print("From now on only what this list names is run.");
  },
});

function printAllow({ manifest, bundle, cage }: Trial): void {
  print(`${manifest.name} ${manifest.version}: ${clean(manifest.summary)}`);
  print(
    table(
      ["SHA-256", "FILE"],
      Object.entries(bundle.hashes).map(([file, hash]) => [hash, clean(file)]),
    ),
  );
  const wants =
    manifest.capabilities.length === 0 ? "nothing but its own words" : manifest.capabilities.join(", ");
  print(`It may touch: ${wants}`);
  for (const one of manifest.capabilities.filter((capability) => capability.startsWith("exec:")))
    print(
      paint(
        `  ${one} runs with ${cage.uid === null ? "the rights of the user Cortex runs as" : `user ${cage.uid}`}`,
        "yellow",
      ),
    );
  print(`Cage: ${cage.label}`);
}

export const pluginRevoke = command({
  name: "plugin revoke",
  description: "Take a plugin off the allow-list: it is stopped and not run again.",
  args: { ...where, name: { type: "positional", required: true, description: "Name of the plugin." } },
  async run(args) {
    const { pluginsDir } = loadSettings(args, { remember: false });
    const lock = readLock(pluginsDir);
    if (lock.refused !== null) throw new CortexError("plugin.lock", "forbidden", lock.refused);
    if (lock.plugins[args.name] === undefined)
      throw missing(
        `${args.name} is not in ${lockPathOf(pluginsDir)}; there are: ${Object.keys(lock.plugins).join(", ") || "none"}`,
      );
    const { [args.name]: _, ...rest } = lock.plugins;
    const path = writeLock(pluginsDir, rest);
    if (args.json) return printJson({ name: args.name, lock: path });
    print(`${args.name} is not allowed any more (${path}).`);
  },
});
