/** The built-in plugins as the program would see them, for the registry's checks and the reference. */
import { join } from "node:path";
import type { Check, PluginDefinition, PluginHooks, Repair } from "cortex";
import { parseConfig } from "../../core/config/load.ts";
import type { Secrets } from "../../core/ports/secrets/secrets.ts";
import { createTestContext } from "../../core/testing/context.ts";
import { pluginFolders } from "../gen/registry.ts";
import { messageOf } from "../lib/say.ts";
import { rootDir } from "../lib/tree.ts";

export interface LoadedPlugin {
  /** Name of the folder. */
  folder: string;
  definition: PluginDefinition;
  /** What its first configured instance gives; the plugin's sample.yaml is that configuration. */
  hooks: PluginHooks;
}

/** References to secrets in a sample are no secrets; any text will do. */
const anySecret: Secrets = {
  resolve: () => "sample",
  register: () => undefined,
  hide: () => undefined,
  redact: (text) => text,
};

/** Import one plugin and set it up with its own sample. Errors say what is wrong with which folder. */
export async function loadPlugin(folder: string, tree = rootDir): Promise<LoadedPlugin> {
  const module = (await import(join(tree, "plugins", folder, "index.ts"))) as { default?: PluginDefinition };
  const definition = module.default;
  if (!definition) throw new Error(`index.ts has no default export`);
  const instance = (await sampleInstances(definition, folder, tree))[0];
  if (!instance) throw new Error(`sample.yaml configures no instance of ${definition.name}`);
  const ctx = createTestContext({ plugin: definition, instance: instance.id, exec: { installed: [] } });
  return { folder, definition, hooks: definition.setup(ctx, instance.config) };
}

/** sample.yaml is a whole configuration file with `plugins: { NAME: … }`; problems name its lines. */
async function sampleInstances(definition: PluginDefinition, folder: string, tree: string) {
  const source = `plugins/${folder}/sample.yaml`;
  const file = Bun.file(join(tree, source));
  // A missing sample is check-plugins' complaint; a plugin that needs no configuration can be shown without one.
  const text = (await file.exists()) ? await file.text() : "";
  return parseConfig(text, { source, env: {}, secrets: anySecret, definitions: [definition] }).instances;
}

export interface LoadOutcome {
  plugins: LoadedPlugin[];
  /** One line per plugin that can't be loaded. */
  failures: string[];
}

export async function loadPlugins(tree = rootDir): Promise<LoadOutcome> {
  const outcome: LoadOutcome = { plugins: [], failures: [] };
  for (const folder of pluginFolders(tree)) {
    try {
      outcome.plugins.push(await loadPlugin(folder, tree));
    } catch (error) {
      outcome.failures.push(`plugins/${folder}: ${messageOf(error)}`);
    }
  }
  return outcome;
}

/** Folder and name must be one, and no two plugins may own a name: a later one would hide an earlier one. */
export function nameProblems(plugins: LoadedPlugin[]): string[] {
  const problems = plugins
    .filter(({ folder, definition }) => folder !== definition.name)
    .map(
      ({ folder, definition }) =>
        `plugins/${folder}: its name is "${definition.name}"; folder and name must be the same`,
    );
  for (const [what, pattern, namesOf] of HOOK_NAMES) {
    const owners = new Map<string, string>();
    for (const { folder, hooks } of plugins) {
      for (const name of namesOf(hooks)) {
        if (!pattern.test(name))
          problems.push(`plugins/${folder}: ${what} "${name}" must look like ${pattern.source}`);
        const other = owners.get(name);
        if (other) problems.push(`plugins/${folder}: ${what} "${name}" is already owned by plugins/${other}`);
        owners.set(name, folder);
      }
    }
  }
  return problems;
}

type NamesOf = (hooks: PluginHooks) => string[];
const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SNAKE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const DOTTED = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;
const HOOK_NAMES: [string, RegExp, NamesOf][] = [
  ["check", SNAKE, (hooks) => (hooks.checks ?? []).map((check: Check) => check.name)],
  ["repair", DOTTED, (hooks) => (hooks.repairs ?? []).map((repair: Repair) => repair.name)],
  ["decider", KEBAB, (hooks) => (hooks.deciders ?? []).map((decider) => decider.name)],
  ["login method", SNAKE, (hooks) => (hooks.authProviders ?? []).map((provider) => provider.method)],
];
