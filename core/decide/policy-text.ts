/** A policy as people read and write it: YAML, with the place of every mistake. */
import { type Document, isMap, isSeq, parseDocument, stringify, type YAMLMap } from "yaml";
import { parseConfigText } from "../config/document.ts";
import { configInvalid, type ConfigProblem, formatPath } from "../config/problems.ts";
import { type PolicyDocument, policyDocument, type PolicyRule } from "../domain/decide/policy.ts";

/** Exactly one of both is there. */
export type ReadPolicy =
  { document: PolicyDocument; problems: null } | { document: null; problems: ConfigProblem[] };

export function readPolicyText(text: string, source: string): ReadPolicy {
  const { data, problems, locate } = parseConfigText(text, source);
  if (problems.length > 0) return { document: null, problems };
  const parsed = policyDocument.safeParse(data);
  if (parsed.success) return { document: parsed.data, problems: null };
  const found = parsed.error.issues.map(({ path, message }) => {
    const keys = path.filter((part) => typeof part !== "symbol");
    return { ...locate(keys), path: formatPath(keys), message };
  });
  return { document: null, problems: found };
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
