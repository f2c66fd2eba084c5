/** The configuration from file and environment: read, parse, override, resolve, validate; every problem at once. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import type { PluginDefinition } from "cortex";
import { isCortexError, messageOf } from "cortex";
import type { Secrets } from "../ports/secrets/secrets.ts";
import { parseConfigText } from "./document.ts";
import { applyOverride, fromVariable, readOverrides } from "./env.ts";
import type { Override } from "./env.ts";
import { parsePlugins, type SetAside } from "./plugins.ts";
import { configErrors, configInvalid, formatPath } from "./problems.ts";
import type { ConfigProblem, KeyPath, Locate } from "./problems.ts";
import { resolveReferences } from "./references.ts";
import { inputSchema } from "./schema-tree.ts";
import { configSchema } from "./schema.ts";
import type { Config, PluginInstance } from "./schema.ts";
import { validate } from "./validate.ts";

export interface LoadOptions {
  /** The file to read. */
  path: string;
  /** True when the operator named it: then it must exist. */
  explicit: boolean;
  /** Read it whoever can write it: for an examination that says so itself. */
  trustFile?: boolean;
  env: Readonly<Record<string, string | undefined>>;
  secrets: Secrets;
  /** Without them the plugins' entries are left unchecked and `instances` is empty. */
  definitions?: readonly PluginDefinition[] | ((config: Config) => readonly PluginDefinition[]);
  /** Names of built-ins among them that a folder of the user's has, too. */
  contested?: (config: Config) => ReadonlySet<string>;
}

export interface LoadedConfig {
  config: Config;
  /** Every configured instance, disabled ones included, in the order of the definitions. */
  instances: PluginInstance[];
  /** Sections that no plugin uses; see `SetAside`. */
  setAside: SetAside[];
  /** The file it came from, or null when there was none. */
  path: string | null;
  /** What was written (file and environment together), references unresolved: nothing in it was a secret's value. */
  source: Record<string, unknown>;
  /** The plugins whose entries were checked. */
  definitions: readonly PluginDefinition[];
  /** The place of a key, for messages about it later on. */
  locate: Locate;
}

/** Rights are those of the open file. Whoever can write it decides what Cortex does, so only root and its own user may. */
function readOpen(path: string, trustFile: boolean): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const { mode, uid } = fstatSync(fd);
    const own = process.getuid?.() ?? uid;
    if (!trustFile && (mode & 0o022) !== 0)
      throw configErrors.unsafe(`others can write ${path}; run: chmod go-w ${path}`);
    if (!trustFile && uid !== 0 && uid !== own)
      throw configErrors.unsafe(
        `${path} belongs to user ${uid}, who could change it; run: chown root ${path}`,
      );
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readConfigFile(path: string, explicit: boolean, trustFile: boolean): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readOpen(path, trustFile));
  } catch (error) {
    if (isCortexError(error)) throw error;
    const code = (error as { code?: string }).code;
    if (code === "ENOENT" && !explicit) return null;
    if (code === "ENOENT")
      throw configErrors.not_found(`${path} does not exist; create it or leave --config away`, {
        cause: error,
      });
    const reason =
      code === "EACCES" ? "permission denied" : code === "EISDIR" ? "it is a folder" : messageOf(error);
    throw configErrors.unreadable(`${path} can't be read: ${reason}`, { cause: error });
  }
}

/** A section of which every line is commented out is written, for YAML, as null: it means "all defaults". */
function dropEmptySections(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

/** Values from the environment are located there, all others in the file. */
function locateWith(overrides: readonly Override[], inFile: Locate): Locate {
  return (path: KeyPath) => {
    const key = formatPath(path);
    const from = overrides.find((override) => {
      const written = formatPath(override.path);
      return key === written || key.startsWith(`${written}.`) || key.startsWith(`${written}[`);
    });
    return from === undefined ? inFile(path) : fromVariable(from.variable);
  };
}

/** Errors: `config.not_found`, `config.unreadable`, `config.invalid` (with `details.problems`). */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const text = readConfigFile(options.path, options.explicit, options.trustFile === true);
  return parseConfig(text ?? "", {
    ...options,
    source: options.path,
    path: text === null ? null : options.path,
  });
}

export interface ParseOptions extends Pick<LoadOptions, "env" | "secrets" | "definitions" | "contested"> {
  /** Name of the text in messages. */
  source: string;
  path?: string | null;
}

/** The same for a text that was read already, for example one that is checked before it is stored. */
export function parseConfig(text: string, options: ParseOptions): LoadedConfig {
  const document = parseConfigText(text, options.source);
  const { overrides, problems: strange } = readOverrides(options.env, () => inputSchema(configSchema));
  // A broken document has no keys: judging them would only repeat the first problem in other words.
  const problems: ConfigProblem[] = [...document.problems, ...strange];
  const source = dropEmptySections(document.data);
  const locate = locateWith(overrides, document.locate);
  for (const override of overrides) {
    if (!applyOverride(source, override))
      problems.push({
        ...fromVariable(override.variable),
        path: formatPath(override.path),
        message: "can't be set: what it lies in is no mapping in the file",
      });
  }
  const { data, failures } = resolveReferences(source, options.secrets);
  for (const { path, message } of failures)
    problems.push({ ...locate(path), path: formatPath(path), message });
  const core = validate(configSchema, data, { base: [], locate });
  problems.push(...core.problems);

  const usable = core.value ?? validPart(data, core.problems);
  const known = definitionsFor(options.definitions, usable);
  const entries = (data as Record<string, unknown>)["plugins"];
  const plugins = known === null ? null : parsePlugins(entries, known, locate, options.contested?.(usable));
  problems.push(...(plugins?.problems ?? []));
  if (problems.length > 0 || core.value === null)
    throw configInvalid(mentionedOnce(problems, failures).map((one) => hideSecrets(one, options.secrets)));
  return {
    config: core.value,
    instances: plugins?.instances ?? [],
    setAside: (plugins?.setAside ?? []).map(({ plugin, problems: why }) => ({
      plugin,
      problems: why.map((one) => hideSecrets(one, options.secrets)),
    })),
    definitions: known ?? [],
    path: options.path ?? null,
    source,
    locate,
  };
}

function definitionsFor(
  definitions: LoadOptions["definitions"],
  config: Config,
): readonly PluginDefinition[] | null {
  return typeof definitions === "function" ? definitions(config) : (definitions ?? null);
}

/** Sections without a problem, defaults for the others: enough to say which plugins there are, whose problems come too. */
function validPart(data: unknown, problems: readonly ConfigProblem[]): Config {
  const isBad = (section: string) => problems.some(({ path }) => /^[\w-]*/.exec(path)![0] === section);
  const sections = Object.entries(data as Record<string, unknown>).filter(([name]) => !isBad(name));
  const parsed = configSchema.safeParse(Object.fromEntries(sections));
  return parsed.success ? parsed.data : configSchema.parse({});
}

/** A value that could not be resolved is not judged as well. */
function mentionedOnce(
  problems: readonly ConfigProblem[],
  failures: readonly { path: KeyPath; message: string }[],
): ConfigProblem[] {
  const failed = new Map(failures.map(({ path, message }) => [formatPath(path), message]));
  return problems.filter(({ path, message }) => (failed.get(path) ?? message) === message);
}

const hideSecrets = (problem: ConfigProblem, secrets: Secrets): ConfigProblem => ({
  ...problem,
  message: secrets.redact(problem.message),
});
