/** `cortex plugin new | test | build | allow | revoke`: plugins of one's own, from the first line to the allow-list. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CortexError, type Result, type Skipped } from "cortex";
import { createHostFs } from "../../../core/ports/files/host-fs.ts";
import { sha256 } from "../../../core/ports/user-plugins/plugin-files.ts";
import { lockPathOf, readLock, writeLock } from "../../../core/ports/user-plugins/plugin-lock.ts";
import { openTrial, type Trial } from "../../plugin-trial.ts";
import { createSystemPorts } from "../../ports.ts";
import { loadSettings, type Settings } from "../../settings.ts";
import { cannedExec } from "../../canned-exec.ts";
import { confirmed } from "../ask.ts";
import { command, connectionArgs } from "../command.ts";
import { clean, paint, print, printJson, state, table } from "../output.ts";
import { templateOf } from "../plugin-template.ts";

const where = {
  json: { type: "boolean", description: "Print JSON." },
  config: connectionArgs.config,
  "data-dir": connectionArgs["data-dir"],
  "plugins-dir": { type: "string", description: "Folder of your own plugins.", valueHint: "DIR" },
} as const;
const pluginArg = {
  type: "positional",
  required: true,
  description: "Name of a plugin in that folder, or a path.",
} as const;

const invalid = (message: string) => new CortexError("plugin.argument", "invalid", message);
const missing = (message: string) => new CortexError("plugin.not_found", "not_found", message);

/** A bare name lies in the folder of plugins; anything with a slash is a path. */
function folderOf(settings: Settings, plugin: string): string {
  const folder = resolve(plugin.includes("/") ? plugin : join(settings.pluginsDir, plugin));
  if (!existsSync(folder))
    throw missing(`${folder} does not exist; make one with: cortex plugin new ${basename(folder)}`);
  return folder;
}

export const pluginNew = command({
  name: "plugin new",
  description: "Make a folder with a plugin to start from: one check, one case to test it, a README.",
  args: {
    ...where,
    name: { type: "positional", required: true, description: "Name, for example queue-depth." },
  },
  async run(args) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(args.name) || args.name.length > 50)
      throw invalid(
        `${args.name} is no plugin name: small letters and digits, joined by -, as in queue-depth`,
      );
    const { pluginsDir } = loadSettings(args);
    const folder = join(pluginsDir, args.name);
    if (existsSync(folder))
      throw new CortexError("plugin.exists", "conflict", `${folder} exists already; choose another name`);
    mkdirSync(pluginsDir, { recursive: true, mode: 0o755 });
    // The user Cortex runs as has to read them, whatever the umask of who makes them.
    for (const [path, text] of Object.entries(templateOf(args.name))) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      for (let one = dirname(file); one.startsWith(folder); one = dirname(one)) chmodSync(one, 0o755);
      writeFileSync(file, text);
      chmodSync(file, 0o644);
    }
    if (args.json) return printJson({ name: args.name, folder });
    print(`${folder} is made. Next:\n  cortex plugin test ${args.name}\n  cortex plugin allow ${args.name}`);
  },
});

interface CaseOutcome {
  name: string;
  ok: boolean;
  found: unknown;
  expected: unknown;
}

export const pluginTest = command({
  name: "plugin test",
  description:
    "Run each check of a plugin once in its cage, and its cases (testcases/NAME); exit 1 when one differs.",
  args: {
    ...where,
    plugin: pluginArg,
    set: { type: "string", description: "Its configuration as JSON.", valueHint: "JSON" },
  },
  async run(args) {
    const settings = loadSettings(args);
    const folder = folderOf(settings, args.plugin);
    const ports = createSystemPorts(settings.config);
    const trial = await openTrial(settings, ports, folder);
    try {
      const here = await runAll(trial, jsonOf(args.set ?? "{}", "--set"));
      const cases: CaseOutcome[] = [];
      for (const name of casesOf(folder)) cases.push(await runCase(settings, folder, name));
      if (args.json) printJson({ ...about(trial), here, cases });
      else printTest(trial, here, cases);
      return cases.every((one) => one.ok) && here.every((one) => one.error === null) ? 0 : 1;
    } finally {
      trial.close();
    }
  },
});

interface CheckOutcome {
  check: string;
  results: (Result | Skipped)[];
  error: string | null;
}

async function runAll(trial: Trial, config: unknown): Promise<CheckOutcome[]> {
  const { checks } = await trial.setup(config);
  const outcomes: CheckOutcome[] = [];
  for (const check of checks)
    try {
      outcomes.push({ check: check.name, results: await trial.run(check), error: null });
    } catch (error) {
      outcomes.push({ check: check.name, results: [], error: (error as Error).message });
    }
  return outcomes;
}

function casesOf(folder: string): string[] {
  const cases = join(folder, "testcases");
  return existsSync(cases)
    ? readdirSync(cases).filter((name) => existsSync(join(cases, name, "expected.json")))
    : [];
}

/** `root/` is the host it sees, `config.json` its configuration, `exec.json` what programs say, `expected.json` the results. */
async function runCase(settings: Settings, folder: string, name: string): Promise<CaseOutcome> {
  const at = (file: string) => join(folder, "testcases", name, file);
  const read = (file: string, otherwise: unknown) =>
    existsSync(at(file)) ? jsonOf(readFileSync(at(file), "utf8"), at(file)) : otherwise;
  const instead = { fs: createHostFs(at("root")), exec: cannedExec(read("exec.json", {})) };
  const trial = await openTrial(settings, createSystemPorts(settings.config), folder, instead);
  try {
    const outcomes = await runAll(trial, read("config.json", {}));
    const found: unknown[] = outcomes.flatMap((one): unknown[] =>
      one.error === null ? one.results : [{ error: one.error }],
    );
    const expected = read("expected.json", []);
    return { name, ok: Bun.deepEquals(JSON.parse(JSON.stringify(found)), expected), found, expected };
  } finally {
    trial.close();
  }
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`${source} is no JSON: ${(error as Error).message}`);
  }
}

const about = ({ manifest, cage }: Trial) => ({
  name: manifest.name,
  version: manifest.version,
  capabilities: manifest.capabilities,
  cage: cage.label,
});

function printTest(trial: Trial, here: CheckOutcome[], cases: CaseOutcome[]): void {
  const { manifest, cage } = trial;
  print(`${manifest.name} ${manifest.version}, cage: ${cage.label}`);
  const rows = here.flatMap(({ check, results, error }) => {
    if (error !== null) return [[check, "–", state("broken"), clean(error, 200)]];
    if (results.length === 0) return [[check, "–", state("skipped"), "no results"]];
    return results.map((one) =>
      "skipped" in one
        ? [check, one.target ?? "–", state("skipped"), clean(one.skipped)]
        : [check, clean(one.target, 40), state(one.status), clean(one.summary)],
    );
  });
  print(table(["CHECK", "TARGET", "STATUS", "SUMMARY"], rows));
  for (const one of cases) {
    print(`${one.ok ? state("ok") : state("failed")} case ${one.name}`);
    if (!one.ok) print(`  found    ${JSON.stringify(one.found)}\n  expected ${JSON.stringify(one.expected)}`);
  }
}

export const pluginBuild = command({
  name: "plugin build",
  description: "Bundle a plugin and its packages into one file, and print its SHA-256.",
  args: {
    ...where,
    plugin: pluginArg,
    outdir: { type: "string", description: "Where NAME/index.js goes; default ./dist.", valueHint: "DIR" },
  },
  async run(args) {
    const folder = folderOf(loadSettings(args), args.plugin);
    const entry = ["index.ts", "index.js"].map((name) => join(folder, name)).find((path) => existsSync(path));
    if (entry === undefined) throw missing(`${folder} has neither index.ts nor index.js`);
    const built = await Bun.build({
      entrypoints: [entry],
      target: "bun",
      format: "esm",
      // The program serves these from inside.
      external: ["cortex", "zod"],
    }).catch((error: unknown) => {
      throw invalid(`${basename(folder)} can't be built: ${buildErrors(error)}`);
    });
    const text = await built.outputs[0]!.text();
    const outfile = join(resolve(args.outdir ?? "dist"), basename(folder), "index.js");
    mkdirSync(dirname(outfile), { recursive: true, mode: 0o755 });
    writeFileSync(outfile, text, { mode: 0o644 });
    const hash = sha256(text);
    if (args.json) return printJson({ file: outfile, sha256: hash, bytes: text.length });
    print(`${hash}  ${outfile}`);
  },
});

function buildErrors(error: unknown): string {
  const { errors } = error as { errors?: { message: string; position?: { file: string; line: number } }[] };
  if (!Array.isArray(errors)) return (error as Error).message;
  return errors
    .map((one) => `${one.position ? `${one.position.file}:${one.position.line} ` : ""}${one.message}`)
    .join("; ");
}

export const pluginAllow = command({
  name: "plugin allow",
  description: "Put a plugin on the allow-list as it is now: the hash of each file, and what it may touch.",
  args: { ...where, name: pluginArg, yes: { type: "boolean", description: "Don't ask." } },
  async run(args) {
    const settings = loadSettings(args);
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
    const { pluginsDir } = loadSettings(args);
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
