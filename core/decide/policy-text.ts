/** A policy as people read and write it: YAML, with the place of every mistake. */
import { type Document, isMap, isSeq, parseDocument, stringify, type YAMLMap } from "yaml";
import { parseConfigText } from "../config/document.ts";
import { configInvalid, type ConfigProblem, formatPath, type KeyPath } from "../config/problems.ts";
import { isRecord } from "../config/schema-tree.ts";
import { validate } from "../config/validate.ts";
import {
  type PolicyDocument,
  type PolicyRule,
  policyShape,
  policyWarnings,
} from "../domain/decide/policy.ts";

/** A document with what may be meant otherwise, or everything that is wrong. */
export type ReadPolicy =
  | { document: PolicyDocument; problems: null; warnings: ConfigProblem[] }
  | { document: null; problems: ConfigProblem[]; warnings: [] };

export function readPolicyText(text: string, source: string): ReadPolicy {
  const { data, problems, locate } = parseConfigText(text, source);
  if (problems.length > 0) return { document: null, problems, warnings: [] };
  const at = (path: KeyPath, message: string) => ({ ...locate(path), path: formatPath(path), message });
  // Its own look at the names of rules comes only when everything else fits, and knows no line.
  const rest = validate(policyShape, data, { base: [], locate });
  const wrong = [...rest.problems, ...repeatedIds(data, at)].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  if (rest.value === null || wrong.length > 0) return { document: null, problems: wrong, warnings: [] };
  const warnings = policyWarnings(rest.value).map(({ path, message }) => at(path, message));
  return { document: rest.value, problems: null, warnings };
}

/** Whatever else is wrong with a rule: a name that stands there twice is a mistake of its own. */
function repeatedIds(
  { rules }: Record<string, unknown>,
  at: (path: KeyPath, message: string) => ConfigProblem,
): ConfigProblem[] {
  if (!Array.isArray(rules)) return [];
  const first = new Map<string, number>();
  return rules.flatMap((rule: unknown, index) => {
    const id = isRecord(rule) ? rule["id"] : undefined;
    if (typeof id !== "string") return [];
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    const { line } = at(["rules", earlier, "id"], "");
    return [at(["rules", index, "id"], `the rule in line ${line} has this name, too; give each its own`)];
  });
}

/** Errors: `config.invalid` with every problem, its line and column. */
export function parsePolicyText(text: string, source: string): PolicyDocument {
  const { document, problems } = readPolicyText(text, source);
  if (problems !== null) throw configInvalid(problems);
  return document;
}

/** As its author wrote it; what Cortex wrote by itself, in plain YAML. */
export const policyText = (version: { document: PolicyDocument; text: string | null }): string =>
  version.text ?? stringify(version.document, { lineWidth: 0 });

/** The text with another document's rules in it: what did not change keeps its form and its comments. */
export function carriedOver(text: string, next: PolicyDocument): string {
  const document = parseDocument(text);
  const rules = document.get("rules");
  if (isSeq(rules)) {
    const known = new Map(rules.items.filter(isMap).map((one) => [String(one.get("id")), one]));
    rules.items = next.rules.map((rule) => ruleNode(document, known.get(rule.id), rule));
    rules.flow = false;
    const carried = String(document);
    const read = readPolicyText(carried, "policy").document;
    if (read !== null && sameRules(read, next)) return carried;
  }
  return stringify(next, { lineWidth: 0 });
}

function ruleNode(document: Document, known: YAMLMap | undefined, { author: _, ...rule }: PolicyRule) {
  if (known === undefined) return document.createNode(rule);
  const before = known.toJS(document) as Record<string, unknown>;
  for (const key of Object.keys(before)) if (!(key in rule)) known.delete(key);
  for (const [key, value] of Object.entries(rule))
    if (JSON.stringify(before[key]) !== JSON.stringify(value)) known.set(key, document.createNode(value));
  return known;
}

/** Who wrote a rule is filled in when it is saved, and stands in no text. */
function sameRules(a: PolicyDocument, b: PolicyDocument): boolean {
  const plain = ({ rules }: PolicyDocument) => JSON.stringify(rules.map(({ author: _, ...rule }) => rule));
  return plain(a) === plain(b);
}
