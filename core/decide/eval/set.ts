/** The set that is shipped, and the digest that a passed evaluation holds for. */
import { canonicalJson, sha256Hex } from "../../domain/ledger.ts";
import cases from "./cases.jsonl" with { type: "text" };
import { type EvalCase, parseCases } from "./case.ts";

/** Parsed when it is asked for: a Monitor in operation needs only the digest. */
export const shippedCases = (): EvalCase[] => parseCases(cases);

const digests = new Map<string, string>();

/** Another case, or another word in what models are told, and the evaluation has to be passed again. Hex. */
export function evaluationDigest(instructions: string): string {
  const known = digests.get(instructions);
  if (known !== undefined) return known;
  const digest = sha256Hex(canonicalJson({ cases: sha256Hex(cases), instructions }));
  digests.set(instructions, digest);
  return digest;
}
