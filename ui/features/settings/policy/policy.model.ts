/** What a policy means to people: its rules in words, differences line by line, and a test of the past added up. */
import { structuredPatch } from "diff";
import type { Look } from "../../../kit/tone.tsx";
import type { BacktestResult, PolicyRule } from "./policy.api.ts";
import type { PolicyTexts } from "./texts.ts";

export interface Condition {
  name: string;
  value: string;
}

/** What must hold for a rule to speak, in the order of the text. */
export function conditionsOf({ when }: PolicyRule, t: PolicyTexts): Condition[] {
  const names = t.policy.conditions;
  return Object.entries(when).flatMap(([key, value]): Condition[] => {
    if (value === undefined) return [];
    const name = names[key as keyof typeof names];
    if (Array.isArray(value)) return [{ name, value: value.join(", ") }];
    if (typeof value === "object")
      return Object.entries(value).map(([label, text]) => ({ name, value: `${label}=${text}` }));
    return [{ name, value: String(value) }];
  });
}

export function verdictLook({ verdict, llm_may_decide: mayJudge }: PolicyRule, t: PolicyTexts): Look {
  const words = t.policy.verdicts;
  if (verdict === "allow") return { tone: "ok", icon: "check", word: words.allow };
  if (verdict === "deny") return { tone: "idle", icon: "ban", word: words.deny };
  return mayJudge === true
    ? { tone: "accent", icon: "bot", word: words.judge }
    : { tone: "warn", icon: "person", word: words.human };
}

/** No rule after its end speaks. `now`: epoch ms. */
export const isOver = ({ expires }: PolicyRule, now: number): boolean =>
  expires !== undefined && Date.parse(expires) <= now;

export interface DiffRow {
  /** `gap`: lines that are the same on both sides are left out. */
  kind: "same" | "added" | "removed" | "gap";
  before: number | null;
  after: number | null;
  text: string;
}

const CONTEXT = 3;
const KINDS = { "+": "added", "-": "removed", " ": "same" } as const;

/** Empty when nothing differs. */
export function diffRows(before: string, after: string): DiffRow[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: CONTEXT });
  return hunks.flatMap(({ oldStart, newStart, lines }, at) => {
    let [left, right] = [oldStart, newStart];
    const rows: DiffRow[] = at === 0 ? [] : [{ kind: "gap", before: null, after: null, text: "" }];
    for (const line of lines) {
      const kind = KINDS[line[0] as keyof typeof KINDS];
      // "\ No newline at end of file" is no line.
      if (kind === undefined) continue;
      rows.push({
        kind,
        before: kind === "added" ? null : left++,
        after: kind === "removed" ? null : right++,
        text: line.slice(1),
      });
    }
    return rows;
  });
}

/** The pages of one test as one result: counts added up, what was found before what only changed, the newest first. */
export function addUp(all: BacktestResult | null, page: BacktestResult): BacktestResult {
  if (all === null) return page;
  const sum = <T extends Record<string, number>>(a: T, b: T): T =>
    Object.fromEntries(Object.entries(a).map(([key, value]) => [key, value + (b[key] ?? 0)])) as T;
  const cases = [...all.cases, ...page.cases];
  return {
    since: all.since,
    until: page.until ?? all.until,
    next: page.next,
    changed: all.changed + page.changed,
    summary: {
      cases: all.summary.cases + page.summary.cases,
      would: sum(all.summary.would, page.summary.would),
      findings: sum(all.summary.findings, page.summary.findings),
      spared: all.summary.spared + page.summary.spared,
      ok: all.summary.ok && page.summary.ok,
    },
    cases: [
      ...cases.filter(({ finding }) => finding !== null),
      ...cases.filter(({ finding }) => finding === null),
    ],
  };
}

/** Share of the time that was asked for that is compared by now, 0 to 1. `now`: epoch ms. */
export function testedShare({ since, until, next }: BacktestResult, now: number): number {
  if (next === null) return 1;
  const start = Date.parse(since);
  const reached = until === null ? now : Date.parse(until);
  return Math.min(1, Math.max(0, (now - reached) / Math.max(1, now - start)));
}

/** What is worth a line: something was found, or it would be decided in another way than now. */
export const worthALine = ({ cases }: BacktestResult): BacktestResult["cases"] =>
  cases.filter(({ finding, would, inForce }) => finding !== null || would !== inForce);

/** Place of a line and column in a text, both from 1; the end of the line where it is shorter. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Math.min(column - 1, lines[line - 1]?.length ?? 0));
}

/** To begin with: it changes nothing, since people are asked anyway. */
export const STARTER = `version: 1
rules:
  # The first rule that fits speaks; where none does, people are asked.
  - id: restart-web
    when:
      repair: service.*
      group: web
    verdict: human
`;
