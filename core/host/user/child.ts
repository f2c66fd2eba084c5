/** The inside of a plugin's child process: loads one plugin and answers calls until its input ends. */
import {
  type Check,
  CortexError,
  isCortexError,
  type Log,
  messageOf,
  type PluginContext,
  type PluginDefinition,
  type PluginHooks,
  type PluginStore,
  type PluginValues,
  type Repair,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import { HOST_KEYS } from "../../config/plugins.ts";
import { formatPath, type KeyPath } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { type GuardedPorts, guardPorts } from "../../ports/user-plugins/capability.ts";
import { importPlugin } from "../../ports/user-plugins/module-loader.ts";
import { BUILT_IN_ONLY } from "./said.ts";
import type {
  CallName,
  Calls,
  ChildEvent,
  ConfigFault,
  InstanceFacts,
  Manifest,
  Reply,
  Request,
  SealedValue,
} from "./protocol.ts";

export interface ChildDeps {
  clock: PluginContext["clock"];
  /** The ports of one instance: each use asks the program. */
  ports: (instance: string, programs: Readonly<Record<string, string | null>>) => GuardedPorts;
  say(message: Reply | ChildEvent): void;
}

/** The steps of its plans are run by the program; the child itself has no rights to ask about. */
const NO_PRIVILEGES: PluginContext["privileges"] = {
  unit: () => null,
  helper: () => null,
  missing: () => [],
  chore: () => ({ by: "nobody", missing: "chores are for built-in plugins only" }),
};

interface Instance {
  hooks: PluginHooks;
  context: PluginContext;
}

export function createChild(deps: ChildDeps): (request: Request) => Promise<void> {
  let definition: PluginDefinition | null = null;
  const instances = new Map<string, Instance>();

  const handlers: { [N in CallName]: (input: Calls[N]["in"]) => Promise<Calls[N]["out"]> } = {
    async describe(files) {
      definition = assertDefinition(await importPlugin(files));
      return manifestOf(definition);
    },
    async setup(input) {
      if (definition === null) throw new CortexError("plugin.order", "internal", "setup before describe");
      const config = parseConfig(definition, input.config);
      const context = contextOf(deps, definition, input);
      const hooks = definition.setup(context, config);
      instances.set(input.instance, { hooks, context });
      await hooks.start?.();
      return factsOf(hooks);
    },
    async judge({ config }) {
      if (definition === null) throw new CortexError("plugin.order", "internal", "judge before describe");
      return faultsOf(definition, config);
    },
    async check({ instance, check: name, previous, oneShot }) {
      const { hooks, context } = need(instances, instance);
      const check = needNamed(hooks.checks, name, "check");
      const { signal, log } = context;
      return check.run({ signal, log, previous: (target) => previous[target] ?? null, oneShot });
    },
    async resolve({ instance, repair, problem, intentId }) {
      const { found, run } = repairOf(instance, repair, intentId);
      const params = await found.resolve(problem, run);
      return params === null ? null : found.params.parse(params);
    },
    async preconditions({ instance, repair, params, intentId }) {
      const { found, run } = repairOf(instance, repair, intentId);
      return (await found.preconditions?.(found.params.parse(params), run)) ?? [];
    },
    async plan({ instance, repair, params, intentId }) {
      const { found, run } = repairOf(instance, repair, intentId);
      return found.plan(found.params.parse(params), run);
    },
  };

  function repairOf(instance: string, name: string, intentId: string): { found: Repair; run: RepairRun } {
    const { hooks, context } = need(instances, instance);
    const found = needNamed(hooks.repairs, name, "repair");
    return { found, run: { signal: context.signal, log: context.log, intentId } };
  }

  return async (request) => {
    try {
      const handler = handlers[request.call] as (input: unknown) => Promise<unknown>;
      deps.say({ id: request.id, ok: true, value: (await handler(request.input)) ?? null });
    } catch (error) {
      const code = isCortexError(error) ? error.code : "plugin.threw";
      deps.say({ id: request.id, ok: false, code, message: messageOf(error).slice(0, 2000) });
    }
  };
}

/** Hooks that only built-in plugins may have are refused by name. */
function assertDefinition(value: unknown): PluginDefinition {
  const invalid = (why: string) => new CortexError("plugin.invalid", "invalid", why);
  if (typeof value !== "object" || value === null || typeof (value as PluginDefinition).setup !== "function")
    throw invalid("index.ts must default-export definePlugin({ … })");
  const definition = value as PluginDefinition;
  if (definition.sdk !== 1)
    throw invalid(`written for version ${String(definition.sdk)} of the plugin contract; this program has 1`);
  if (!Array.isArray(definition.capabilities)) throw invalid("capabilities must be a list");
  const reserved = definition.capabilities.find((one) => BUILT_IN_ONLY.includes(one));
  if (reserved !== undefined) throw invalid(`the capability ${reserved} is for built-in plugins only`);
  return definition;
}

function manifestOf(definition: PluginDefinition): Manifest {
  return {
    name: String(definition.name),
    version: String(definition.version),
    summary: String(definition.summary ?? ""),
    capabilities: definition.capabilities,
    needsConfig: definition.needsConfig ?? false,
    configSchema: z.toJSONSchema(definition.config, { io: "input", unrepresentable: "any" }),
  };
}

function parseConfig(definition: PluginDefinition, config: unknown): unknown {
  const parsed = definition.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues
    .map((issue) => `${issue.path.join(".") || "config"}: ${issue.message}`)
    .join("; ");
  throw new CortexError("plugin.config", "invalid", `configuration is not valid: ${why}`);
}

const NOWHERE = { source: "", line: null, column: null };

/** In the words in which the mistakes of built-in plugins are told; the program knows the file. */
function faultsOf(definition: PluginDefinition, config: unknown): ConfigFault[] {
  const places = new Map<string, KeyPath>();
  const locate = (at: KeyPath) => {
    places.set(formatPath(at), at);
    return NOWHERE;
  };
  const { problems } = validate(definition.config, config, { base: [], locate, extraKeys: HOST_KEYS });
  return problems.map(({ path, message }) => ({ at: [...(places.get(path) ?? [])], message }));
}

/** The program acts by the steps of the plan, and is told by the check whether they helped: nothing else of a repair is called. */
const IGNORED = ["verify", "undo", "probe", "configTest", "evidence", "asks", "needs"] as const;

function factsOf(hooks: PluginHooks): InstanceFacts {
  if (hooks.deciders?.length)
    throw new CortexError("plugin.hook", "forbidden", "deciders are for built-in plugins only");
  if (hooks.authProviders?.length)
    throw new CortexError("plugin.hook", "forbidden", "authProviders are for built-in plugins only");
  const check = (one: Check) => {
    const { run: _, ownGrace: __, ...facts } = one;
    return facts;
  };
  return {
    checks: (hooks.checks ?? []).map(check),
    repairs: (hooks.repairs ?? []).map((one) => ({
      name: one.name,
      version: one.version,
      summary: one.summary,
      class: one.class,
      remedies: one.remedies,
      owners: one.owners,
      order: one.order,
      hasPreconditions: one.preconditions !== undefined,
      ignored: IGNORED.filter((hook) => typeof one[hook] === "function"),
    })),
  };
}

function contextOf(
  deps: ChildDeps,
  definition: PluginDefinition,
  input: Calls["setup"]["in"],
): PluginContext {
  const { instance, node } = input;
  const { clock } = deps;
  const ports = deps.ports(instance, input.programs);
  const log =
    (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: Record<string, unknown>) =>
      deps.say({ event: "log", instance, level, message, fields });
  const logger: Log = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  return {
    plugin: definition.name,
    instance,
    node: { ...node, uptimeMs: () => clock.now() - node.bootedAt },
    clock,
    ...guardPorts(ports, definition.name, definition.capabilities),
    log: logger,
    store: storeOf(deps, input),
    paths: { services: null },
    privileges: NO_PRIVILEGES,
    signal: new AbortController().signal,
    self: () => ({ rssBytes: process.memoryUsage.rss(), cpuSeconds: 0, plugins: [], backups: null }),
    wake: (check) => deps.say({ event: "wake", instance, check }),
    note: (summary, data) => deps.say({ event: "note", instance, summary, data }),
    hasIntentInFlight: () => false,
  };
}

/** Read here, written there: the program keeps the values and gives them back at the next setup. */
function storeOf(deps: ChildDeps, { instance, values, sealed }: Calls["setup"]["in"]): PluginStore {
  const plain = Object.entries(values).map(([key, value]): [string, SealedValue] => [key, { value }]);
  const part = (initial: [string, SealedValue][], which: { sealed?: true }): PluginValues => {
    const held = new Map(initial);
    return {
      get<T>(key: string) {
        const found = held.get(key) ?? { value: null };
        if ("code" in found) throw new CortexError(found.code, "internal", found.message);
        return (found.value as T | undefined) ?? null;
      },
      set(key, value) {
        held.set(key, { value });
        deps.say({ event: "set", instance, key, value, ...which });
      },
      delete(key) {
        held.delete(key);
        deps.say({ event: "delete", instance, key, ...which });
      },
      keys: () => [...held.keys()],
    };
  };
  return { ...part(plain, {}), sealed: part(Object.entries(sealed), { sealed: true }) };
}

function need(instances: ReadonlyMap<string, Instance>, name: string): Instance {
  const found = instances.get(name);
  if (found === undefined)
    throw new CortexError("plugin.order", "internal", `instance ${name} is not set up`);
  return found;
}

function needNamed<T extends { name: string }>(list: T[] | undefined, name: string, what: string): T {
  const found = list?.find((one) => one.name === name);
  if (found === undefined) throw new CortexError("plugin.order", "internal", `no ${what} named ${name}`);
  return found;
}
