/** A policy as people read and write it: YAML, with the place of every mistake. */
import { stringify } from "yaml";
import { parseConfigText } from "../config/document.ts";
import { configInvalid, type ConfigProblem, formatPath } from "../config/problems.ts";
import { type PolicyDocument, policyDocument } from "../domain/decide/policy.ts";

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
