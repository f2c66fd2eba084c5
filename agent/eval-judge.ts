/** Judges for an evaluation outside of any daemon: as the configuration has them, or before an API that is no model. */
import type { Server } from "bun";
import { CortexError, type Decider, type Fetch, type PluginContext } from "cortex";
import { createMessagesApi } from "../core/decide/eval/messages-api.ts";
import { guardPorts } from "../core/ports/user-plugins/capability.ts";
import { createSystemClock } from "../core/ports/clock.ts";
import { createFetch } from "../core/ports/network/fetch.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createSystemPorts } from "./ports.ts";
import type { Settings } from "./settings.ts";

const invalid = (message: string) => new CortexError("eval.decider", "invalid", message);

/** `model` replaces the configured one; a second opinion is switched off, so that exactly one model is judged. */
export function openJudge(settings: Settings, decider: string, model: string | undefined): Decider {
  const { name, capabilities } = pluginOf(decider);
  const instance = settings.instances.find(({ plugin, host }) => plugin === name && host.enabled);
  if (instance === undefined)
    throw invalid(
      `${decider} is not configured; add plugins.${name} to the configuration file: cortex config path`,
    );
  const before = instance.config as Record<string, unknown>;
  const config = {
    ...before,
    ...(model === undefined ? {} : { model }),
    ...("second_model" in before ? { second_model: null } : {}),
  };
  const ports = createSystemPorts(settings.config);
  const guarded = { ...guardPorts(ports, name, capabilities), clock: ports.clock };
  return createJudge(decider, config, guarded, instance.id);
}

/** The judge whose client library the tiers without a model go through. */
export interface TrialJudges {
  /** Comes to an API that answers by the name of the model. */
  atApi(model: string): Decider;
  /** Comes to this fetch. */
  at(fetch: Fetch): Decider;
  stop(): Promise<void>;
}

/** Serves an API on loopback, with real sockets and the real client library before it. */
export function openTrialJudges(): TrialJudges {
  const clock = createSystemClock();
  const stopping = new AbortController();
  const api = createMessagesApi((ms) => clock.sleep(ms, stopping.signal).catch(() => undefined));
  const server: Server<undefined> = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: api.answer });
  const create = (config: object, fetch: Fetch) =>
    createJudge("claude", parsed("claude", { api_key: "none", second_model: null, ...config }), {
      clock,
      fetch,
    });
  return {
    atApi: (model) =>
      create({ model, base_url: `http://127.0.0.1:${server.port}`, request_timeout: "1s" }, createFetch()),
    at: (fetch) => create({ model: "recorded", retries: 0 }, fetch),
    async stop() {
      stopping.abort();
      await server.stop(true);
    },
  };
}

function pluginOf(decider: string) {
  const definition = builtins.find((one) => one.name === `decider-${decider}`);
  if (definition !== undefined) return definition;
  const known = builtins.flatMap((one) => (one.name.startsWith("decider-") ? [one.name.slice(8)] : []));
  throw invalid(`there is no decider ${decider}; there are ${known.join(", ")}`);
}

const parsed = (decider: string, config: object): unknown => pluginOf(decider).config.parse(config);

/** A judge reaches the outside through ports alone; there is no node here that it could belong to. */
function createJudge(
  decider: string,
  config: unknown,
  ports: Partial<PluginContext>,
  instance = `decider-${decider}`,
): Decider {
  const definition = pluginOf(decider);
  const context: Partial<PluginContext> = {
    ...ports,
    plugin: definition.name,
    instance,
    signal: new AbortController().signal,
  };
  const hooks = definition.setup(context as PluginContext, config as never);
  const [judge] = (hooks as { deciders?: Decider[] }).deciders ?? [];
  if (judge === undefined) throw invalid(`${definition.name} offers no decider`);
  return judge;
}
