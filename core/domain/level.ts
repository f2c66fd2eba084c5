/**
 * The level of one instance of a problem, from the repair's class, the target's tags, autonomy and rules. All of these can
 * only make a repair more careful than its class. What a repair has earned lifts the caution that is there by default, never
 * what somebody asked for about this repair; the compiled ceiling (R3 and R4 never at L1) has no exception.
 */
import { isKnownStateful, type RepairClass } from "cortex";
import type { AutonomyState } from "./decide/standing.ts";
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
  /** What the repair starts or ends, where the owner's name does not tell. */
  program?: string | undefined;
  /** Tags of the target, the instance and the node together. */
  tags: readonly string[];
  /** Autonomy of the whole policy of this node. */
  general: Autonomy;
  /** Autonomy of the instance, and as somebody set it from outside; the most careful of all counts. */
  autonomy: readonly (Autonomy | undefined)[];
  /** Least careful level that the instance allows. */
  instanceLevel: Level | undefined;
  rules: readonly PolicyRule[];
  /** Users' plugins and later additions only say what they would do until a person promotes them. */
  shadow: boolean;
  /** What the Monitor that decides said of this repair here, and what became of it; null: nothing. */
  earned: EarnedAutonomy | null;
  /** What it would do here is known, can be taken back and crosses no invariant. */
  isHarmless: boolean;
}

export interface EarnedAutonomy {
  /** Of the grant. */
  id: string;
  state: AutonomyState;
  by: string;
  maxClass: RepairClass;
  /** False once it lapsed: it then forbids what it forbade and grants nothing. */
  isAlive: boolean;
}

export interface LevelVerdict {
  level: Level;
  mode: "act" | "ask" | "observe" | "shadow";
  /** For people and the ledger: which rule decided. */
  reason: string;
  /** Id of the standing approval by which it acts. */
  standing?: string;
}

const CARE: Record<Level, number> = { L1: 1, L2: 2, L3: 3 };
const RESTRICTING_TAGS = ["stateful", "critical"];
/** Said by people of what is on the list of known stateful programs and keeps nothing here: a cache, a replica. */
const STATELESS = "stateless";

export function decideLevel(input: LevelInput): LevelVerdict {
  const plain = levelOf(input, false);
  const { earned } = input;
  if (plain.mode !== "ask" || earned === null || !isLiftable(input, earned)) return plain;
  const lifted = levelOf(input, true);
  if (lifted.mode !== "act") return plain;
  return { ...lifted, reason: `it earned to act by itself; accepted by ${earned.by}`, standing: earned.id };
}

const isLiftable = (input: LevelInput, { state, isAlive, maxClass }: EarnedAutonomy): boolean =>
  state === "act" &&
  isAlive &&
  input.isHarmless &&
  EARNING.indexOf(input.class) !== -1 &&
  input.class <= maxClass;

/** Classes that can earn it; the others are a person's for ever. */
const EARNING: readonly RepairClass[] = ["R0", "R1", "R2"];

/** `isLifted`: without the caution that is there by default. */
function levelOf(input: LevelInput, isLifted: boolean): LevelVerdict {
  const { earned } = input;
  const rule = input.rules.find((candidate) => matches(candidate, input));
  const isNew = input.shadow && !(earned?.isAlive === true && earned.state !== "shadow");
  if (isNew || earned?.state === "shadow")
    return {
      level: "L3",
      mode: "shadow",
      reason: `${input.repair} is in shadow mode: it only says what it would do`,
    };
  const general = isLifted && input.general === "ask" ? "act" : input.general;
  // A later addition that left its shadow asks, until it has earned more.
  const asks = earned?.state === "ask" || (input.shadow && !isLifted) ? "ask" : "act";
  const autonomy = mostCareful([general, ...input.autonomy, rule?.autonomy, asks]);
  if (autonomy === "observe")
    return { level: "L3", mode: "observe", reason: "autonomy is observe: nothing is repaired" };

  const [level, reason] = classDefault(input, isLifted);
  const stricter = [input.instanceLevel, rule?.level].filter((one) => one !== undefined);
  let verdict: { level: Level; reason: string } = { level, reason };
  for (const one of stricter)
    if (CARE[one] > CARE[verdict.level]) verdict = { level: one, reason: `policy asks for ${one}` };
  if (autonomy === "ask" && verdict.level === "L1")
    verdict = { level: "L2", reason: "autonomy is ask: a decision is needed" };
  return { ...verdict, mode: verdict.level === "L1" ? "act" : verdict.level === "L2" ? "ask" : "observe" };
}

function classDefault(input: LevelInput, isLifted: boolean): [Level, string] {
  switch (input.class) {
    case "R0":
    case "R1":
      return ["L1", `${input.class}: reversible, interrupts nothing`];
    case "R2": {
      const tag = input.tags.find((one) => RESTRICTING_TAGS.includes(one));
      if (tag !== undefined && !isLifted) return ["L2", `R2 on a target tagged ${tag}: a decision is needed`];
      const known = isLifted ? null : statefulName(input);
      if (known !== null)
        return [
          "L2",
          `R2 on ${known}, which is known to keep data: a decision is needed (tag it stateless if not)`,
        ];
      return ["L1", "R2: starts or restarts one unit"];
    }
    case "R3":
    case "R4":
      return ["L2", `${input.class}: a person decides`];
  }
}

/** The unit or program that keeps data, by its name alone. */
function statefulName({ owner, program, tags }: LevelInput): string | null {
  if (tags.includes(STATELESS)) return null;
  const unit = owner?.startsWith("unit:") ? owner.slice("unit:".length) : undefined;
  return [unit, program].find((name) => name !== undefined && isKnownStateful(name)) ?? null;
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
