/** Who may say yes to what. A no is always more careful than a yes and asks for nothing but the permission to decide. */
import { defineErrors } from "cortex";
import { needsPerson } from "../domain/decide/blast-radius.ts";
import { type Decision, isCooling } from "../domain/decide/decision.ts";

/** Who gives a verdict, and how they proved who they are. */
export interface Voter {
  kind: "user" | "key" | "local";
  id: string;
  name: string;
  /** password, passkey, key, socket, … */
  method: string;
  /** Proved anew within the last minutes. */
  isFresh: boolean;
}

export const voteErrors = defineErrors("decision", {
  person_needed: "forbidden",
  reauthenticate: "forbidden",
  same_person: "conflict",
  cooling: "conflict",
  own_rule: "forbidden",
});

/** As the ledger and the nodes are told. */
export const nameOf = ({ kind, name }: Voter): string => (kind === "local" ? "local" : `${kind}:${name}`);

/** Throws when this voter may not approve. `author`: who wrote the rule behind it, when two people are asked for at all. */
export function assertMayApprove(decision: Decision, voter: Voter, author: string | null): void {
  const hard = needsPerson(decision.class) || decision.peopleNeeded > 1;
  if (decision.approvers.some(({ principal }) => principal === principalOf(voter)))
    throw voteErrors.same_person("you have approved this; it takes another person, too");
  if (isCooling(decision))
    throw voteErrors.cooling("it is approved and runs in a moment; reject it to stop it");
  if (!hard) return;
  if (voter.kind !== "user")
    throw voteErrors.person_needed(
      `a repair of class ${decision.class} is approved by a person who logged in, not by a key or on the socket`,
    );
  if (!voter.isFresh) throw voteErrors.reauthenticate("confirm that it is you: log in again, then decide");
  if (author !== null && author === nameOf(voter))
    throw voteErrors.own_rule(
      "whoever wrote the rule behind this can't approve it; ask another person, or set policy.two_people to false",
    );
}

export const principalOf = ({ kind, id }: Voter): string => `${kind}:${id}`;
