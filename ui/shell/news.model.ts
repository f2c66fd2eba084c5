/** What happened since the last look, short enough to be told in passing. */
import type { Tone } from "../kit/tone.tsx";
import type { Texts } from "../texts/i18n.ts";
import type { AutonomyItem, Decision, Intent, Problem } from "../data/types.ts";

export interface Seen {
  /** Ids of open problems that people may want to know of. */
  open: ReadonlySet<string>;
  /** Ids of verified repairs. */
  verified: ReadonlySet<string>;
  /** Ids of grants that a bad outcome took back. */
  lost: ReadonlySet<string>;
  /** Ids of decisions that wait for their time to run, and of those in which untrusted text swayed a judge. */
  cooling: ReadonlySet<string>;
  swayed: ReadonlySet<string>;
}

/** What people are told of. */
export interface Told {
  problems: readonly Problem[];
  intents: readonly Intent[];
  decisions: readonly Decision[];
  autonomy: readonly AutonomyItem[];
}

export interface News {
  message: string;
  tone: Tone;
}

const worthTelling = (problem: Problem): boolean =>
  problem.state === "open" && (problem.severity === "critical" || problem.severity === "warning");

const isVerified = (intent: Intent): boolean => intent.kind === "repair" && intent.state === "verified";

const isLost = ({ state, by }: AutonomyItem): boolean => state === "ask" && by === "cortex";
const isCooling = ({ coolingUntil, state }: Decision): boolean =>
  coolingUntil !== null && state === "pending";
const isSwayed = ({ voices }: Decision): boolean => voices.some(({ reason }) => reason === "twin_differs");

const idsOf = <T extends { id: string }>(
  items: readonly T[],
  fits: (item: T) => boolean,
): ReadonlySet<string> => new Set(items.filter(fits).map(({ id }) => id));

export const look = ({ problems, intents, decisions, autonomy }: Told): Seen => ({
  open: idsOf(problems, worthTelling),
  verified: idsOf(intents, isVerified),
  lost: idsOf(autonomy, isLost),
  cooling: idsOf(decisions, isCooling),
  swayed: idsOf(decisions, isSwayed),
});

/** What nobody should miss, one line each: something grave is about to run, a judge was swayed, autonomy was lost. */
function warnings(before: Seen, { decisions, autonomy }: Told, t: Texts): News[] {
  const nameOf = ({ plan, repair, nodeName }: Decision) => `${nodeName}: ${plan?.summary ?? repair}`;
  return [
    ...decisions
      .filter((one) => isCooling(one) && !before.cooling.has(one.id))
      .map((one) => ({ message: t.news.cooling(nameOf(one)), tone: "bad" as const })),
    ...decisions
      .filter((one) => isSwayed(one) && !before.swayed.has(one.id))
      .map((one) => ({ message: t.news.swayed(nameOf(one)), tone: "bad" as const })),
    ...autonomy
      .filter((one) => isLost(one) && !before.lost.has(one.id))
      .map((one) => ({ message: t.news.lost(one.repair), tone: "warn" as const })),
  ];
}

/** One line for problems, one for repairs: a storm is a number. Red only for what waits for a person. */
export function newsSince(before: Seen, told: Told, t: Texts): News[] {
  const { problems, intents } = told;
  const opened = problems.filter((problem) => worthTelling(problem) && !before.open.has(problem.id));
  const repaired = intents.filter((intent) => isVerified(intent) && !before.verified.has(intent.id));
  const news: News[] = warnings(before, told, t);
  if (opened.length > 0) {
    const grave = opened.some((problem) => problem.severity === "critical" && problem.level !== "L1");
    const [first] = opened;
    const message =
      opened.length === 1 ? `${first!.nodeName}: ${first!.summary}` : t.news.problems(opened.length);
    news.push({ message, tone: grave ? "bad" : "warn" });
  }
  if (repaired.length > 0) {
    const message =
      repaired.length === 1 ? t.news.repaired(repaired[0]!.summary) : t.news.repairs(repaired.length);
    news.push({ message, tone: "ok" });
  }
  return news;
}
