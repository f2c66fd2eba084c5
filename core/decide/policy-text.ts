import { parseConfigText } from "../config/document.ts";
import { configInvalid, formatPath } from "../config/problems.ts";
import { type PolicyDocument, policyDocument } from "../domain/decide/policy.ts";

/** A policy as people write it, in YAML. Errors: `config.invalid` with every problem, its line and column. */
export function parsePolicyText(text: string, source: string): PolicyDocument {
  const { data, problems, locate } = parseConfigText(text, source);
  if (problems.length > 0) throw configInvalid(problems);
  const parsed = policyDocument.safeParse(data);
  if (parsed.success) return parsed.data;
  throw configInvalid(
    parsed.error.issues.map(({ path, message }) => {
      const keys = path.filter((part) => typeof part !== "symbol");
      return { ...locate(keys), path: formatPath(keys), message };
    }),
  );
}
