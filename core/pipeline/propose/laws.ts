/**
 * The compiled-in laws on this node: every plan is held against them right before it becomes a change, by whichever way it
 * was allowed: policy, a signed approval, an earned one, or as the undo of another. The Monitor's gate looks at the same.
 */
import type { Plan } from "cortex";
import type { Config } from "../../config/schema.ts";
import { grammarFault } from "../../domain/decide/grammar.ts";
import { crossedInvariant } from "../../domain/decide/invariants.ts";
import { REASONS, type Ruling } from "../../domain/decide/reasons.ts";
import { undoEffects } from "../../domain/decide/undo-effects.ts";

export interface Laws {
  /** The law that an act on this target would break; null when it breaks none that its effects show. */
  crossed(target: string, plan: Plan): Ruling | null;
  /** The same for taking it back. */
  crossedByUndo(target: string, plan: Plan): Ruling | null;
}

export interface LawsDeps {
  config: () => Config;
  /** Files of Cortex itself. */
  ownPaths?: readonly string[];
}

/** Its own units and user, which nothing that it does may touch. */
const OWN_NAMES = ["cortex", "cortex-agent", "cortex-monitor", "cortex-helper"];

export function createLaws(deps: LawsDeps): Laws {
  function judge(target: string, effects: Plan["effects"] = []): Ruling | null {
    const { policy } = deps.config();
    const facts = {
      minGenerations: policy.min_generations,
      protectedUnits: policy.protected_units,
      ownNames: OWN_NAMES,
      ownPaths: deps.ownPaths ?? [],
      admins: [],
    };
    return grammarFault(target, effects) ?? crossedInvariant(effects, facts);
  }

  return {
    crossed: (target, { effects }) => judge(target, effects),
    crossedByUndo: (target, { effects }) => judge(target, undoEffects(effects ?? [])),
  };
}

/** Whether a plan says what it does; one that doesn't is a person's to decide. */
export const saysWhatItDoes = ({ effects }: Plan): boolean => effects !== undefined && effects.length > 0;

export const textOf = ({ reason, detail }: Ruling): string =>
  `${REASONS[reason].text}${detail === "" ? "" : ` (${detail})`}`;
