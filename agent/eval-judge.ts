/** A judge as the configuration has it, for an evaluation outside of any daemon. */
import { CortexError, type Decider, type PluginContext } from "cortex";
import { guardPorts } from "../core/ports/capability.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createSystemPorts } from "./ports.ts";
import type { Settings } from "./settings.ts";

const invalid = (message: string) => new CortexError("eval.decider", "invalid", message);

/** `model` replaces the configured one; a second opinion is switched off, so that exactly one model is judged. */
export function openJudge(settings: Settings, decider: string, model: string | undefined): Decider {
  const name = `decider-${decider}`;
  const definition = builtins.find((one) => one.name === name);
  if (definition === undefined) {
    const known = builtins.flatMap((one) => (one.name.startsWith("decider-") ? [one.name.slice(8)] : []));
    throw invalid(`there is no decider ${decider}; there are ${known.join(", ")}`);
  }
  const instance = settings.instances.find(({ plugin, host }) => plugin === name && host.enabled);
  if (instance === undefined)
    throw invalid(`${decider} is not configured; add plugins.${name} to the configuration`);
  const before = instance.config as Record<string, unknown>;
  const config = {
    ...before,
    ...(model === undefined ? {} : { model }),
    ...("second_model" in before ? { second_model: null } : {}),
  };
  const ports = createSystemPorts(settings.config);
  const context: Partial<PluginContext> = {
    plugin: name,
    instance: instance.id,
    clock: ports.clock,
    ...guardPorts(ports, name, definition.capabilities),
    signal: new AbortController().signal,
  };
  // A judge reaches the outside through ports alone; there is no node here that it could belong to.
  const hooks = definition.setup(context as PluginContext, config);
  const [judge] = (hooks as { deciders?: Decider[] }).deciders ?? [];
  if (judge === undefined) throw invalid(`${name} offers no decider`);
  return judge;
}
