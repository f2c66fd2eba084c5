/** Who decides now, as steps from the best judge down to people, and what needs none of them. */
import type { IconName } from "../../kit/icon.tsx";
import type { Look, Tone } from "../../kit/tone.tsx";
import type { LadderItem } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

type JudgeItem = LadderItem["judges"][number];

const LOOK: Record<JudgeItem["state"], { tone: Tone; icon: IconName }> = {
  ready: { tone: "ok", icon: "check-circle" },
  unproven: { tone: "idle", icon: "dashed" },
  resting: { tone: "warn", icon: "pause" },
  capped: { tone: "warn", icon: "ban" },
};

export interface Step {
  rung: string;
  who: string;
  /** Models of a judge. */
  about: string;
  look: Look;
  /** Why it is not asked, or how it failed last. */
  why: string;
  /** It is the one that is asked now. */
  isNow: boolean;
}

export function stepsOf({ judges, rung }: LadderItem, t: Texts): Step[] {
  const asked = judges.findIndex(({ state }) => state === "ready");
  const steps = judges.map((judge, index) => ({
    rung: t.ladder.rungs[judge.rung],
    who: judge.decider,
    about: judge.models.join(", "),
    look: { ...LOOK[judge.state], word: t.ladder.states[judge.state] },
    why: whyOf(judge, t),
    isNow: index === asked,
  }));
  return [
    ...steps,
    {
      rung: t.ladder.rungs.rules,
      who: t.ladder.people,
      about: "",
      look: { tone: "ok", icon: "people", word: t.ladder.states.ready },
      why: "",
      isNow: rung === "rules",
    },
  ];
}

function whyOf({ state, failure, decider, models }: JudgeItem, t: Texts): string {
  if (state === "unproven")
    return t.ladder.unproven(`cortex eval --decider ${decider} --model ${models[0] ?? ""}`);
  if (state === "capped") return t.ladder.capped;
  if (failure === null) return "";
  const known: Record<string, string> = t.ladder.failures;
  const said = known[failure.reason] ?? failure.text;
  return state === "resting" ? t.ladder.resting(said) : t.ladder.failed(said);
}

/** What is repaired without a person, a line each. */
export function withoutPeople({ without: { rules, judged, judgesAnswer } }: LadderItem, t: Texts): string[] {
  return [
    t.ladder.safe,
    ...(rules.length === 0 ? [] : [t.ladder.allowed(rules.join(", "))]),
    ...(judged.length === 0 ? [] : [(judgesAnswer ? t.ladder.judged : t.ladder.waits)(judged.join(", "))]),
  ];
}

/** When a judge is asked again by itself, epoch ms; null when none rests. */
export const changesAt = ({ judges }: LadderItem): number | null =>
  judges.reduce<number | null>((first, { restsUntil }) => {
    if (restsUntil === null) return first;
    const at = Date.parse(restsUntil);
    return first === null ? at : Math.min(first, at);
  }, null);
