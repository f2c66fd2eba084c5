/** Which cases of the evaluation can happen on a real node, and what each of them is there. */
import { type Effect, effect } from "cortex";
import * as z from "zod";
import type { Situation } from "../../../core/decide/eval/case.ts";
import { type Labelled, labelled } from "../../../core/decide/eval/decide-case.ts";
import { sceneOf } from "../../../core/decide/eval/scene.ts";
import { shippedCases } from "../../../core/decide/eval/set.ts";
import { effectsOf, TEST_REPAIRS } from "../../../core/decide/eval/test-repairs.ts";

export interface Trial {
  id: string;
  repair: string;
  problemType: string;
  target: string;
  text: string;
  act: Situation["do"];
  effects: Effect[] | null;
  expect: Situation["expect"];
  /** Whether it can be taken back, or takes nothing away. */
  reversible: boolean;
}

export interface Trials {
  possible: Trial[];
  /** Why others can't, with how many. */
  impossible: Record<string, number>;
}

/** Names of their own, so that no built-in repair is a remedy. */
export const trialRepair = (repair: string) => `trial.${repair}`;
export const trialType = (type: string) => `trial.${type}`;
export const checkOf = (id: string) => `trial_${id.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")}`;

/** A quiet day: nothing in the world is other than its default. Who administers the node makes no difference here. */
const isPlain = ({ mode, admins: _, attempts, activity, missing, ...odd }: Situation["world"]): boolean =>
  mode === "ask" &&
  attempts === 0 &&
  activity.length === 0 &&
  missing.length === 0 &&
  Object.values(odd).every((value) => value === undefined || value === false);

/** Null: it can be. A node can't lie about these, or says them in another way than a case does. */
function obstacle({ situation }: Labelled): string | null {
  const known = TEST_REPAIRS[situation.do.repair];
  if (situation.exec !== undefined) return "is about an approval at the node";
  if (known === undefined) return "names a repair that no node has";
  if (situation.nodes !== undefined) return "is about many nodes at once";
  if (situation.by !== undefined) return "has another proposer than the node";
  if (situation.rules !== undefined) return "brings rules of its own";
  if (situation.problem === null) return "has no problem";
  if (situation.claims !== undefined || situation.version !== 1 || situation.undo !== undefined)
    return "claims another class, version or undo than its repair has";
  if (situation.evidence !== "agent" || situation.evidenceOf !== undefined)
    return "has evidence that no check measured";
  if (!isPlain(situation.world)) return "needs another day than today";
  const { input } = sceneOf(situation);
  if (input.intent.target !== input.problem?.target) return "acts on another target than its problem's";
  if (input.intent.target === "" || input.intent.target !== input.intent.target.trim())
    return "has no target";
  if (!known.remedies.includes(input.problem.type)) return "is no remedy: a node does not even propose it";
  return null;
}

export function trials(): Trials {
  const impossible: Record<string, number> = {};
  const possible: Trial[] = [];
  for (const one of labelled(shippedCases())) {
    const why = obstacle(one);
    if (why === null) possible.push(trialOf(one));
    else impossible[why] = (impossible[why] ?? 0) + 1;
  }
  return { possible, impossible };
}

function trialOf({ id, situation }: Labelled): Trial {
  const { input } = sceneOf(situation);
  return {
    id,
    repair: situation.do.repair,
    problemType: input.problem!.type,
    target: input.intent.target,
    text: [situation.text ?? []].flat().join(" "),
    act: situation.do,
    effects:
      situation.effects === undefined
        ? effectsOf(situation.do.repair, situation.do)
        : situation.effects === null
          ? null
          : z.array(effect).parse(situation.effects),
    expect: situation.expect,
    reversible: input.world.radius.reversible,
  };
}
