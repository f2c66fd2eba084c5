/** Which problems a list shows: by severity, level and words, all of it in the address. */
import type { Level, Problem, Severity } from "../../data/types.ts";

export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info", "observe"];
export const LEVELS: readonly Level[] = ["L1", "L2", "L3"];

/** As in the address. */
export interface ProblemSearch {
  q?: string | undefined;
  severity?: string | undefined;
  level?: string | undefined;
}

export interface ProblemFilter {
  words: string[];
  severity: Severity | undefined;
  level: Level | undefined;
}

/** What can't be understood filters nothing. */
export const filterOf = (search: ProblemSearch): ProblemFilter => ({
  words: (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean),
  severity: SEVERITIES.find((one) => one === search.severity),
  level: LEVELS.find((one) => one === search.level),
});

export const isFiltering = ({ words, severity, level }: ProblemFilter): boolean =>
  words.length > 0 || severity !== undefined || level !== undefined;

/** Every word occurs in what the row says. */
export function fitsFilter(problem: Problem, { words, severity, level }: ProblemFilter): boolean {
  if (severity !== undefined && problem.severity !== severity) return false;
  if (level !== undefined && problem.level !== level) return false;
  const hay =
    `${problem.summary} ${problem.target} ${problem.type} ${problem.check} ${problem.nodeName}`.toLowerCase();
  return words.every((word) => hay.includes(word));
}

/** For the server, which knows one piece of text: the longest word, the others are left to us. */
export function serverFilter({ words, severity, level }: ProblemFilter): Record<string, string> {
  const longest = words.toSorted((a, b) => b.length - a.length)[0];
  return {
    ...(severity !== undefined && { severity }),
    ...(level !== undefined && { level }),
    ...(longest !== undefined && { text: longest }),
  };
}
