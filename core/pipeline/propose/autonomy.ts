/** How much this node may do by itself, as somebody set it from outside: beside the file it can only make it more careful. */
import type { Autonomy } from "../../domain/level.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";

export const AUTONOMY_KEY = "autonomy";

/** undefined: nobody set it. */
export const readAutonomy = (store: AgentStore): Autonomy | undefined =>
  store.meta.get<Autonomy>(AUTONOMY_KEY) ?? undefined;
