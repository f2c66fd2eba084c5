/** The `plugins` section: which instances there are, and each one's own configuration. */
import type { PluginDefinition } from "cortex";
import { formatPath } from "./problems.ts";
import type { ConfigProblem, KeyPath, Locate } from "./problems.ts";
import { inputSchema, isRecord, keysAt } from "./schema-tree.ts";
import { instanceConfig } from "./schema.ts";
import type { InstanceConfig, PluginInstance } from "./schema.ts";
import { unknownName } from "./suggest.ts";
import { validate } from "./validate.ts";

/** Of every instance, whatever its plugin. */
export const HOST_KEYS: readonly string[] = Object.keys(instanceConfig.shape);

export interface ParsedPlugins {
  instances: PluginInstance[];
  problems: ConfigProblem[];
}

/** A section that was written for a plugin of the user's own, before a built-in came to have its name. */
export interface SetAside {
  plugin: string;
  /** Why it is not the built-in's. */
  problems: ConfigProblem[];
}

interface Entry {
  path: KeyPath;
  value: Record<string, unknown>;
}

/** A list of instances, a single one, or nothing after the colon (one instance with defaults). */
function entriesOf(written: unknown, path: KeyPath): Entry[] | null {
  if (written === null) return [{ path, value: {} }];
  if (isRecord(written)) return [{ path, value: written }];
  if (!Array.isArray(written)) return null;
  const entries = written.flatMap((item: unknown, index) => {
    const value = item ?? {};
    return isRecord(value) ? [{ path: [...path, index], value }] : [];
  });
  return entries.length === written.length ? entries : null;
}

const pick = (value: Record<string, unknown>, wanted: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => wanted(key)));

const isHostKey = (key: string) => HOST_KEYS.includes(key);

function parseEntry(definition: PluginDefinition, entry: Entry, locate: Locate): ParsedPlugins {
  const base = entry.path;
  const host = validate<InstanceConfig>(instanceConfig, pick(entry.value, isHostKey), { base, locate });
  const own = validate(
    definition.config,
    pick(entry.value, (key) => !isHostKey(key)),
    { base, locate, extraKeys: HOST_KEYS },
  );
  // What is switched off is not run: it may be incomplete.
  const ownProblems = host.value?.enabled === false ? [] : own.problems;
  if (host.value === null || ownProblems.length > 0)
    return { instances: [], problems: [...host.problems, ...ownProblems] };
  const instance = { plugin: definition.name, id: host.value.id, host: host.value, config: own.value };
  return { instances: [instance], problems: [] };
}

function duplicateIds(entries: readonly Entry[], locate: Locate): ConfigProblem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ path, value }) => {
    const id = typeof value["id"] === "string" ? value["id"] : "default";
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const hint = value["id"] === undefined ? "give each instance an id of its own" : "ids must differ";
    const at = [...path, "id"];
    return [{ ...locate(at), path: formatPath(at), message: `a second instance is called "${id}"; ${hint}` }];
  });
}

function parseOne(definition: PluginDefinition, written: unknown, locate: Locate): ParsedPlugins {
  const path = ["plugins", definition.name];
  if (written === undefined)
    return definition.needsConfig
      ? { instances: [], problems: [] }
      : parseEntry(definition, { path, value: {} }, locate);
  const entries = entriesOf(written, path);
  if (entries === null) {
    const message = "must be a mapping of options, or a list of them with an id each";
    return { instances: [], problems: [{ ...locate(path), path: formatPath(path), message }] };
  }
  const parsed = entries.map((entry) => parseEntry(definition, entry, locate));
  return {
    instances: parsed.flatMap((one) => one.instances),
    problems: [...parsed.flatMap((one) => one.problems), ...duplicateIds(entries, locate)],
  };
}

/**
 * Instances of every plugin: those written down, and one called `default` of each plugin that needs no configuration.
 * `entries` is the raw value of `plugins`; a wrong kind of value there is the core schema's problem. `contested` are names of built-ins
 * that a user's folder has, too: a section that does not fit the built-in is set aside, and it runs as if nothing were written.
 */
export function parsePlugins(
  entries: unknown,
  definitions: readonly PluginDefinition[],
  locate: Locate,
  contested: ReadonlySet<string> = new Set(),
): ParsedPlugins & { setAside: SetAside[] } {
  const written = isRecord(entries) ? entries : {};
  const names = definitions.map((definition) => definition.name);
  const strange = Object.keys(written)
    .filter((name) => !names.includes(name))
    .map((name): ConfigProblem => {
      const path = ["plugins", name];
      return { ...locate(path), path: formatPath(path), message: unknownName("plugin", name, names) };
    });
  const setAside: SetAside[] = [];
  const parsed = definitions.map((definition) => {
    const { name: plugin } = definition;
    const one = parseOne(definition, written[plugin], locate);
    if (one.problems.length === 0 || !contested.has(plugin)) return one;
    setAside.push({ plugin, problems: one.problems });
    return parseOne(definition, undefined, locate);
  });
  return {
    instances: parsed.flatMap((one) => one.instances),
    problems: [...strange, ...parsed.flatMap((one) => one.problems)],
    setAside,
  };
}

/** Where an instance is written: `plugins.http`, or the item of its list. `source` is the whole configuration as it was written. */
export function pathOfInstance(source: unknown, { plugin, id }: { plugin: string; id: string }): KeyPath {
  const path = ["plugins", plugin];
  const plugins = isRecord(source) ? source["plugins"] : undefined;
  const written = isRecord(plugins) ? plugins[plugin] : undefined;
  if (!Array.isArray(written)) return path;
  const index = written.findIndex((item) => ((isRecord(item) ? item["id"] : undefined) ?? "default") === id);
  return index < 0 ? path : [...path, index];
}

/** Keys of a plugin's schema that the host would keep for itself; a plugin must have none. */
export function clashingKeys(definition: PluginDefinition): string[] {
  return keysAt(inputSchema(definition.config), []).filter(isHostKey);
}
