/**
 * Rules as data: what may be decided without a person, by whom, and what may not happen at all. The first rule that matches
 * speaks; a rule can only choose among what the gate left open.
 */
import type { RepairClass } from "cortex";
import * as z from "zod";
import { rule as ruling, type Ruling } from "./reasons.ts";

const text = z.string().min(1).max(200);
const pattern = text.describe("Exact, or with a trailing * for the rest");
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export const policyRule = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be a name in kebab-case, such as web-at-night")
    .describe("Name of the rule, in kebab-case; decisions name it"),
  when: z
    .strictObject({
      repair: pattern.optional(),
      class: z
        .array(z.enum(["R0", "R1", "R2", "R3", "R4"]))
        .min(1)
        .optional(),
      problem: pattern.optional().describe("Problem type"),
      owner: pattern.optional(),
      group: pattern.optional(),
      label: z.record(text, text).optional().describe("All of these labels of the node"),
      tag: text.optional().describe("A tag of target or node"),
      severity: z.enum(["info", "warning", "critical"]).optional(),
      days: z.array(z.enum(DAYS)).min(1).optional(),
      hours: z
        .string()
        .regex(
          /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
          "must be two times of day, such as 22:00-06:00",
        )
        .optional()
        .describe("Local time of the Monitor, for example 22:00-06:00"),
    })
    .describe("All of these must hold; an empty object matches nothing"),
  verdict: z.enum(["allow", "human", "deny"]),
  llm_may_decide: z
    .boolean()
    .optional()
    .describe("With verdict: human, a judge may allow it in a person's place"),
  people: z.number().int().min(1).max(2).optional().describe("How many different people must approve"),
  reason: z.string().max(500).optional(),
  learned: z
    .boolean()
    .optional()
    .describe("Proposed by Cortex; it asks people again as soon as a repair that it allowed fails"),
  expires: z.iso
    .datetime("must be a time such as 2027-01-31T18:00:00Z")
    .optional()
    .describe("Ignored after this"),
  author: z.string().max(200).optional().describe("Who wrote it; filled in when it is saved"),
});
export type PolicyRule = z.infer<typeof policyRule>;

/** Without the look at names that stand there twice. */
export const policyShape = z.strictObject({
  version: z.literal(1),
  rules: z.array(policyRule).max(500),
});

export const policyDocument = policyShape.refine(
  ({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length,
  { error: "two rules have the same id", path: ["rules"] },
);
export type PolicyDocument = z.infer<typeof policyDocument>;

/** What rules look at. */
export interface RuleSubject {
  repair: string;
  class: RepairClass;
  problemType: string | null;
  owner: string | null;
  group: string | null;
  labels: Readonly<Record<string, string>>;
  tags: readonly string[];
  severity: string | null;
  /** Epoch ms. */
  at: number;
  /** Local minutes east of UTC at that moment. */
  offsetMinutes: number;
}

export interface RuleVerdict {
  ruling: Ruling;
  rule: PolicyRule | null;
  llmMayDecide: boolean;
  people: number;
}

export function applyRules(policy: PolicyDocument, subject: RuleSubject): RuleVerdict {
  const found = policy.rules.find((one) => isAlive(one, subject.at) && matches(one.when, subject));
  if (found === undefined) return { ruling: ruling("no_rule"), rule: null, llmMayDecide: false, people: 1 };
  const reason = { allow: "rule_allows", human: "rule_asks", deny: "rule_denies" } as const;
  return {
    ruling: ruling(
      reason[found.verdict],
      `rule ${found.id}${found.reason === undefined ? "" : `: ${found.reason}`}`,
    ),
    rule: found,
    llmMayDecide: found.verdict === "human" && found.llm_may_decide === true,
    people: found.people ?? 1,
  };
}

/** Also labels of which none is named: empty means none, never all. */
const asksNothing = (when: PolicyRule["when"]): boolean =>
  Object.values(when).every(
    (one) => one === undefined || (typeof one === "object" && Object.keys(one).length === 0),
  );

export interface PolicyWarning {
  path: (string | number)[];
  message: string;
}

/** What is allowed to stand there and does nothing: most likely something else was meant. */
export function policyWarnings({ rules }: PolicyDocument): PolicyWarning[] {
  return rules.flatMap(({ when, verdict, llm_may_decide }, index) => {
    const at = (...path: string[]) => ["rules", index, ...path];
    const found: PolicyWarning[] = [];
    if (asksNothing(when))
      found.push({
        path: at("when"),
        message: "names nothing, which fits nothing: this rule never speaks; say what it is for",
      });
    const [from, to] = when.hours?.split("-") ?? [];
    if (from !== undefined && from === to)
      found.push({ path: at("when", "hours"), message: "ends when it begins: this rule never speaks" });
    if (llm_may_decide === true && verdict !== "human")
      found.push({
        path: at("llm_may_decide"),
        message: `counts with verdict: human only; with ${verdict} no judge is asked`,
      });
    return found;
  });
}

const isAlive = ({ expires }: PolicyRule, at: number) => expires === undefined || Date.parse(expires) > at;

function matches(when: PolicyRule["when"], subject: RuleSubject): boolean {
  if (asksNothing(when)) return false;
  return (
    fits(when.repair, subject.repair) &&
    (when.class === undefined || when.class.includes(subject.class)) &&
    fits(when.problem, subject.problemType) &&
    fits(when.owner, subject.owner) &&
    fits(when.group, subject.group) &&
    Object.entries(when.label ?? {}).every(([key, value]) => subject.labels[key] === value) &&
    (when.tag === undefined || subject.tags.includes(when.tag)) &&
    (when.severity === undefined || when.severity === subject.severity) &&
    isInTime(when, subject)
  );
}

function fits(wanted: string | undefined, value: string | null): boolean {
  if (wanted === undefined) return true;
  if (value === null) return false;
  return wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : wanted === value;
}

const DAY_MINUTES = 1440;

/** A span over midnight belongs to the day on which it begins. */
function isInTime({ days, hours }: PolicyRule["when"], { at, offsetMinutes }: RuleSubject): boolean {
  if (days === undefined && hours === undefined) return true;
  const minutes = Math.floor(at / 60_000) + offsetMinutes;
  const minute = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  // 1970-01-01 was a Thursday.
  const today = (((Math.floor(minutes / DAY_MINUTES) + 3) % 7) + 7) % 7;
  const isOn = (day: number) => days === undefined || days.includes(DAYS[((day % 7) + 7) % 7]!);
  if (hours === undefined) return isOn(today);
  const [from, to] = hours.split("-").map(minuteOf) as [number, number];
  if (from <= to) return isOn(today) && minute >= from && minute < to;
  return (isOn(today) && minute >= from) || (isOn(today - 1) && minute < to);
}

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
