/** `cortex plugin new | test | build`: plugins of one's own, from the first line to one file. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CortexError, type Result, type Skipped } from "cortex";
import { createHostFs } from "../../../core/ports/files/host-fs.ts";
import type { RepairFacts } from "../../../core/host/user/protocol.ts";
import { sha256 } from "../../../core/ports/user-plugins/plugin-files.ts";
import { cannedExec } from "../../canned-exec.ts";
import { openTrial, type Trial } from "../../plugin-trial.ts";
import { quoted } from "../../last-start.ts";
import { createSystemPorts } from "../../ports.ts";
import { loadSettings, type Settings } from "../../settings.ts";
import { command } from "../command.ts";
import { clean, print, printJson, state, table } from "../output.ts";
import { folderOf, invalid, missing, pluginArg, where } from "../plugin-folder.ts";
import { templateOf } from "../plugin-template.ts";

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
    const { pluginsDir } = loadSettings(args, { remember: false });
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
    const there =
      args["plugins-dir"] === undefined ? "" : ` --plugins-dir ${quoted(resolve(args["plugins-dir"]))}`;
    print(
      `${folder} is made. Next:\n  cortex plugin test ${args.name}${there}\n  cortex plugin allow ${args.name}${there}`,
    );
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
    const settings = loadSettings(args, { remember: false });
    const folder = folderOf(settings, args.plugin);
    const ports = createSystemPorts(settings.config);
    const trial = await openTrial(settings, ports, folder);
    try {
      const { outcomes: here, repairs } = await runAll(trial, jsonOf(args.set ?? "{}", "--set"));
      const cases: CaseOutcome[] = [];
      for (const name of casesOf(folder)) cases.push(await runCase(settings, folder, name));
      if (args.json) printJson({ ...about(trial), here, repairs, cases });
      else printTest(trial, here, repairs, cases);
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

async function runAll(
  trial: Trial,
  config: unknown,
): Promise<{ outcomes: CheckOutcome[]; repairs: RepairFacts[] }> {
  const { checks, repairs } = await trial.setup(config);
  const outcomes: CheckOutcome[] = [];
  for (const check of checks)
    try {
      outcomes.push({ check: check.name, results: await trial.run(check), error: null });
    } catch (error) {
      outcomes.push({ check: check.name, results: [], error: (error as Error).message });
    }
  return { outcomes, repairs };
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
    const { outcomes } = await runAll(trial, read("config.json", {}));
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

/** What it is, what it helps against, and what of it is written in vain. */
export const repairLine = ({ name, version, class: risk, remedies, ignored = [] }: RepairFacts): string =>
  `repair ${clean(name, 60)}@${version} ${risk}, helps against ${clean(remedies.join(" "), 80)}` +
  (ignored.length === 0 ? "" : `; not run in a plugin of your own: ${clean(ignored.join(", "), 80)}`);

function printTest(
  trial: Trial,
  here: CheckOutcome[],
  repairs: readonly RepairFacts[],
  cases: CaseOutcome[],
): void {
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
  for (const one of repairs) print(repairLine(one));
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
    const folder = folderOf(loadSettings(args, { remember: false }), args.plugin);
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
