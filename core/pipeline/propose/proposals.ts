/** Proposals of this node: written when a problem needs a decision, void when policy or the problem changed, expired unheard. */
import type { Clock, NodeFacts } from "cortex";
import type { Config } from "../../config/schema.ts";
import type { GuardVerdict } from "../../domain/guards.ts";
import { type IntentRecord, isOver } from "../../domain/intent.ts";
import type { LevelVerdict } from "../../domain/level.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import type { AgentStore } from "../../store/agent/agent-store.ts";
import type { Candidate } from "./candidates.ts";
import type { Intents } from "../intents.ts";
import type { Problems } from "../watch/problems.ts";
import { holdOf, isSameProposal, proposalOf } from "./proposal.ts";

export interface ProposalCase {
  candidate: Candidate;
  verdict: LevelVerdict;
  guards: GuardVerdict;
  intentId: string;
}

export interface Proposals {
  /** An intent that already speaks for this problem: waiting for a decision, shadowing, at work, or unknown. */
  speaking(problem: ProblemRecord): IntentRecord | null;
  propose(problem: ProblemRecord, found: ProposalCase): IntentRecord;
  /** A waiting proposal that would not be made like this today is void. False when it still stands. */
  withdraw(problem: ProblemRecord, now: Pick<ProposalCase, "candidate" | "verdict"> | null): boolean;
  /** Those whose time is over become L3. */
  expire(): void;
}

export interface ProposalsDeps {
  store: AgentStore;
  problems: Problems;
  intents: Intents;
  clock: Clock;
  node: NodeFacts;
  mark: () => TimeMark;
  config: () => Config;
}

const SPEAKING = ["proposed", "approved", "executing", "verifying", "unknown"];

export function createProposals(deps: ProposalsDeps): Proposals {
  const { store, problems, intents, clock } = deps;

  function speaking(problem: ProblemRecord): IntentRecord | null {
    const intent = problem.intentId === null ? null : store.intents.get(problem.intentId);
    return intent !== null && SPEAKING.includes(intent.state) ? intent : null;
  }

  return {
    speaking,
    propose(problem, { candidate, verdict, guards, intentId }) {
      const { policy } = deps.config();
      const facts = {
        id: intentId,
        node: deps.node.id,
        now: clock.now(),
        attempt: guards.nextAttempt,
        policy,
      };
      const intent = proposalOf(problem, candidate, verdict, facts);
      const waits = verdict.mode !== "act";
      const hold = waits ? holdOf(verdict) : null;
      problems.together(() => {
        intents.create(intent);
        problems.update(problem.id, {
          intentId: intent.id,
          level: verdict.level,
          guards: { ...guards.state, hold, holdText: waits ? verdict.reason : null },
          event: { kind: "proposed", text: intent.summary },
        });
        if (verdict.mode === "ask")
          problems.update(problem.id, { event: { kind: "asked", text: verdict.reason } });
      });
      return intent;
    },
    withdraw(problem, now) {
      const spoken = speaking(problem);
      if (spoken === null) return true;
      if (now !== null && isSameProposal(spoken, now.candidate, now.verdict)) return false;
      const summary = "policy or plugins changed: it would not be proposed like this today";
      store.transaction(() => {
        intents.addOutcome(spoken.id, { step: "proposal", ok: false, summary, at: clock.now() });
        intents.move(spoken.id, "superseded", { finishedAt: clock.now() });
      });
      return true;
    },
    expire() {
      const now = deps.mark();
      for (const intent of store.intents.find({ kind: ["repair"], state: ["proposed"], limit: 500 })) {
        if (!isOver(intent, intent.expiresAt, now)) continue;
        problems.together(() => {
          intents.move(intent.id, "expired", { finishedAt: now.wall });
          const problem = intent.problemId === null ? null : problems.get(intent.problemId);
          if (problem === null || intent.shadow) return;
          const text = "nobody decided in time; a person has to look";
          const guards = { ...problem.guards, hold: "expired", holdText: text } as const;
          problems.update(problem.id, { level: "L3", guards, event: { kind: "expired", text } });
        });
      }
    },
  };
}
