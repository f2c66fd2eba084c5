/** The policy in force: versions kept for ever, each with its author, and what a new one would have decided. */
import { defineErrors } from "cortex";
import type { Clock } from "cortex";
import { validate } from "../config/validate.ts";
import { demoted } from "../domain/decide/learning.ts";
import { type PolicyDocument, policyDocument } from "../domain/decide/policy.ts";
import type { PolicyVersion } from "../store/monitor/decisions.repository.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { carriedOver } from "./policy-text.ts";

export interface Policy {
  current(): PolicyVersion;
  versions(limit: number): PolicyVersion[];
  get(version: number): PolicyVersion | null;
  /** Errors: `policy.invalid`; `policy.outdated` when somebody saved since `basedOn`. `text`: what the document was written as. */
  save(document: unknown, basedOn: number, author: string, note: string, text?: string | null): PolicyVersion;
  /** Inside a transaction: a repair that this rule allowed did not hold. One that was learned asks people from now on. */
  failed(ruleId: string, what: string): void;
}

export const policyErrors = defineErrors("policy", { invalid: "invalid", outdated: "conflict" });

const EMPTY: PolicyDocument = { version: 1, rules: [] };

export function createPolicy({ store, clock }: { store: MonitorStore; clock: Clock }): Policy {
  const { policy } = store.decisions;
  const current = (): PolicyVersion =>
    policy.current() ?? {
      version: 0,
      at: 0,
      author: "default",
      note: "nothing is decided without a person",
      document: EMPTY,
      text: null,
    };
  /** Comments outlive what nobody wrote as a text. */
  const carried = (next: PolicyDocument): string | null => {
    const { text } = current();
    return text === null ? null : carriedOver(text, next);
  };
  return {
    current,
    versions: (limit) => policy.versions(limit),
    get: (version) =>
      version === 0 ? { ...current(), version: 0, document: EMPTY, text: null } : policy.get(version),
    failed(ruleId, what) {
      const { document } = current();
      const next = demoted(document, ruleId, `asks people again: ${what}`);
      if (next === null) return;
      const note = `rule ${ruleId} asks people again: ${what}`;
      const saved = policy.add({
        at: clock.now(),
        author: "cortex",
        note,
        document: next,
        text: carried(next),
      });
      store.ledger.append("policy.demoted", "cortex", { version: saved.version, rule: ruleId, what });
    },
    save(document, basedOn, author, note, text = null) {
      const parsed = parsePolicy(document);
      return store.transaction(() => {
        const before = current();
        if (before.version !== basedOn)
          throw policyErrors.outdated(
            `${before.author} saved version ${before.version} meanwhile; look at it, then save yours again`,
          );
        const known = new Map(before.document.rules.map((one) => [one.id, one]));
        const rules = parsed.rules.map((one) => {
          const earlier = known.get(one.id);
          const same =
            earlier !== undefined &&
            JSON.stringify({ ...earlier, author: 0 }) === JSON.stringify({ ...one, author: 0 });
          return { ...one, author: same ? (earlier.author ?? author) : author };
        });
        const saved = policy.add({
          at: clock.now(),
          author,
          note,
          document: { version: 1, rules },
          text: text ?? carried(parsed),
        });
        store.ledger.append("policy.saved", author, { version: saved.version, rules: rules.length, note });
        return saved;
      });
    },
  };
}

/** Every problem of a document at once, each with its place. */
export function parsePolicy(document: unknown): PolicyDocument {
  const locate = () => ({ source: "policy", line: null, column: null });
  const parsed = validate(policyDocument, document, { base: [], locate });
  if (parsed.value !== null) return parsed.value;
  const problems = parsed.problems.map(({ path, message }) => `${path || "document"}: ${message}`);
  throw policyErrors.invalid(`the policy does not fit: ${problems.slice(0, 5).join("; ")}`, {
    details: { problems },
  });
}
