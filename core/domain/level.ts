/**
 * The level of one instance of a problem, from the repair's class, the target's tags, autonomy and rules. Everything here
 * can only make a repair more careful than its class; the compiled ceiling (R3 and R4 never at L1) has no exception.
 */
import type { RepairClass } from "cortex";
import type { Level } from "./problem.ts";

export type Autonomy = "act" | "ask" | "observe";

export interface PolicyRule {
  repair?: string | undefined;
  owner?: string | undefined;
  tag?: string | undefined;
  autonomy?: Autonomy | undefined;
  level?: Level | undefined;
}

export interface LevelInput {
  repair: string;
  class: RepairClass;
  owner: string | null;
  /** Tags of the target, the instance and the node together. */
  tags: readonly string[];
  /** Autonomy of the whole policy, of the instance, of the node; the most careful counts. */
  autonomy: readonly (Autonomy | undefined)[];
  /** Least careful level that the instance allows. */
  instanceLevel: Level | undefined;
  rules: readonly PolicyRule[];
  /** Users' plugins and later additions only say what they would do until a person promotes them. */
  shadow: boolean;
}

export interface LevelVerdict {
  level: Level;
  mode: "act" | "ask" | "observe" | "shadow";
  /** For people and the ledger: which rule decided. */
  reason: string;
}

const CARE: Record<Level, number> = { L1: 1, L2: 2, L3: 3 };
const RESTRICTING_TAGS = ["stateful", "critical"];

export function decideLevel(input: LevelInput): LevelVerdict {
  const rule = input.rules.find((candidate) => matches(candidate, input));
  const autonomy = mostCareful([...input.autonomy, rule?.autonomy]);
  if (input.shadow)
    return {
      level: "L3",
      mode: "shadow",
      reason: `${input.repair} is in shadow mode: it only says what it would do`,
    };
  if (autonomy === "observe")
    return { level: "L3", mode: "observe", reason: "autonomy is observe: nothing is repaired" };

  const [level, reason] = classDefault(input);
  const stricter = [input.instanceLevel, rule?.level].filter((one) => one !== undefined);
  let verdict: { level: Level; reason: string } = { level, reason };
  for (const one of stricter)
    if (CARE[one] > CARE[verdict.level]) verdict = { level: one, reason: `policy asks for ${one}` };
  if (autonomy === "ask" && verdict.level === "L1")
    verdict = { level: "L2", reason: "autonomy is ask: a decision is needed" };
  return { ...verdict, mode: verdict.level === "L1" ? "act" : verdict.level === "L2" ? "ask" : "observe" };
}

function classDefault(input: LevelInput): [Level, string] {
  switch (input.class) {
    case "R0":
    case "R1":
      return ["L1", `${input.class}: reversible, interrupts nothing`];
    case "R2": {
      const tag = input.tags.find((one) => RESTRICTING_TAGS.includes(one));
      if (tag !== undefined) return ["L2", `R2 on a target tagged ${tag}: a decision is needed`];
      return ["L1", "R2: restarts one unit"];
    }
    case "R3":
    case "R4":
      return ["L2", `${input.class}: a person decides`];
  }
}

export const mostCarefulLevel = (levels: readonly (Level | undefined)[]): Level | undefined =>
  levels.reduce(
    (least, level) =>
      level !== undefined && (least === undefined || CARE[level] > CARE[least]) ? level : least,
    undefined,
  );

export function mostCareful(values: readonly (Autonomy | undefined)[]): Autonomy {
  if (values.includes("observe")) return "observe";
  return values.includes("ask") ? "ask" : "act";
}

function matches(rule: PolicyRule, input: LevelInput): boolean {
  if (rule.repair !== undefined && !globMatches(rule.repair, input.repair)) return false;
  if (rule.owner !== undefined && (input.owner === null || !globMatches(rule.owner, input.owner)))
    return false;
  return rule.tag === undefined || input.tags.includes(rule.tag);
}

/** `unit:nginx*` style: a trailing star matches the rest, anything else is literal. */
function globMatches(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}
