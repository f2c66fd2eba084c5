/** What two policies differ in, rule by rule. */
import { diffLines } from "diff";
import { stringify } from "yaml";
import type { PolicyDocument, PolicyRule } from "../../core/domain/decide/policy.ts";
import { paint } from "./output.ts";

export interface RuleChange {
  id: string;
  kind: "added" | "removed" | "changed" | "moved";
  from: PolicyRule | null;
  to: PolicyRule | null;
}

/** The order counts: the first rule that fits speaks. */
export function changesOf(from: PolicyDocument, to: PolicyDocument): RuleChange[] {
  const before = new Map(from.rules.map((rule) => [rule.id, rule]));
  const after = new Map(to.rules.map((rule) => [rule.id, rule]));
  const kept = (rules: PolicyRule[], other: Map<string, PolicyRule>) =>
    rules.map(({ id }) => id).filter((id) => other.has(id));
  const order = kept(from.rules, after);
  const moved = new Set(kept(to.rules, before).filter((id, at) => order[at] !== id));
  const kindOf = (id: string): RuleChange["kind"] | null => {
    const [a, b] = [before.get(id), after.get(id)];
    if (a === undefined) return "added";
    if (b === undefined) return "removed";
    if (content(a) !== content(b)) return "changed";
    return moved.has(id) ? "moved" : null;
  };
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((id) => {
    const kind = kindOf(id);
    return kind === null ? [] : [{ id, kind, from: before.get(id) ?? null, to: after.get(id) ?? null }];
  });
}

/** Who wrote a rule is filled in when it is saved: a draft does not differ by it. */
const content = ({ author: _, ...rule }: PolicyRule): string => JSON.stringify(rule);

const MARK = { added: "+", removed: "-", changed: "~", moved: "↕" } as const;

export function printChanges(changes: readonly RuleChange[], print: (text: string) => void): void {
  if (changes.length === 0) return print("No rule differs.");
  for (const { id, kind, from, to } of changes) {
    print(`${MARK[kind]} ${id}${kind === "moved" ? " speaks in another order" : ""}`);
    if (kind === "moved") continue;
    print(linesOf(from, to).join("\n"));
  }
}

const COLOUR = { "+": "green", "-": "red", " ": null } as const;

/** A rule that is there on both sides line by line; otherwise all of it. */
function linesOf(from: PolicyRule | null, to: PolicyRule | null): string[] {
  const yaml = (rule: PolicyRule | null) => (rule === null ? "" : stringify(rule));
  return diffLines(yaml(from), yaml(to)).flatMap(({ value, added, removed }) => {
    const sign = added ? "+" : removed ? "-" : " ";
    return value
      .trimEnd()
      .split("\n")
      .map((line) => paint(`  ${sign} ${line}`, COLOUR[sign]));
  });
}

export const indented = (sign: string, rule: PolicyRule): string =>
  stringify(rule)
    .trimEnd()
    .split("\n")
    .map((line) => `  ${sign} ${line}`)
    .join("\n");
