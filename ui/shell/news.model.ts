/** What happened since the last look, short enough to be told in passing. */
import type { Tone } from "../kit/tone.tsx";
import type { Texts } from "../lib/i18n.ts";
import type { Intent, Problem } from "../lib/types.ts";

export interface Seen {
  /** Ids of open problems that people may want to know of. */
  open: ReadonlySet<string>;
  /** Ids of verified repairs. */
  verified: ReadonlySet<string>;
}

export interface News {
  message: string;
  tone: Tone;
}

const worthTelling = (problem: Problem): boolean =>
  problem.state === "open" && (problem.severity === "critical" || problem.severity === "warning");

const isVerified = (intent: Intent): boolean => intent.kind === "repair" && intent.state === "verified";

export const look = (problems: readonly Problem[], intents: readonly Intent[]): Seen => ({
  open: new Set(problems.filter(worthTelling).map((problem) => problem.id)),
  verified: new Set(intents.filter(isVerified).map((intent) => intent.id)),
});

/** One line for problems, one for repairs: a storm is a number. Red only for what waits for a person. */
export function newsSince(
  before: Seen,
  problems: readonly Problem[],
  intents: readonly Intent[],
  t: Texts,
): News[] {
  const opened = problems.filter((problem) => worthTelling(problem) && !before.open.has(problem.id));
  const repaired = intents.filter((intent) => isVerified(intent) && !before.verified.has(intent.id));
  const news: News[] = [];
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
