/**
 * The node's side of a decision: an approval is believed only after everything in it was checked here, against this node's
 * own keys, clock, policy and today's measurements. Then it is burnt and the intent approved in one transaction, and what
 * runs is exactly what was approved.
 */
import { messageOf } from "cortex";
import { rule, REASONS } from "../../domain/decide/reasons.ts";
import type { IntentDecision, IntentRecord } from "../../domain/intent.ts";
import type { ProblemRecord, TimeMark } from "../../domain/problem.ts";
import { elapsed } from "../../domain/time-mark.ts";
import { failpoint } from "../../ports/failpoint.ts";
import type { Command, CommandResult } from "../../wire/command.ts";
import type { Executor } from "../act/executor.ts";
import type { InFlight } from "../propose/in-flight.ts";
import type { Intents } from "../intents.ts";
import type { ShowUse } from "../propose/show-use.ts";
import { boundHash } from "../propose/proposal.ts";
import { type Believed, createExamination, type ExaminationDeps, type Refusal } from "./examination.ts";
import { decisionsOf, rejectionText, yesText } from "./verdict-words.ts";

export type DecisionCommand = Extract<Command, { type: "decision" }>;

export interface Approvals {
  /** From now on it decides: plugins are there, and what was under way before the start has been settled. */
  open(): void;
  /** Answers once the decision is durable; the act itself goes on beside it. */
  decide(command: DecisionCommand): Promise<CommandResult>;
  stop(): Promise<void>;
}

export interface ApprovalsDeps extends ExaminationDeps {
  intents: Intents;
  executor: Executor;
  inFlight: InFlight;
  showUse: ShowUse;
  lockHolder: () => Promise<string | null>;
  /** Look at the problem again, after an act that did not hold. */
  consider: (problemId: string) => Promise<void>;
}

/** Everything an approved act is made of; none of it changes afterwards. */
interface Approved extends Believed {
  intent: IntentRecord;
  received: TimeMark;
}

export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { store, problems, intents, judge, inFlight, clock } = deps;
  const examination = createExamination(deps);
  const running = new Set<Promise<void>>();
  let isOpen = false;

  async function approve(command: DecisionCommand, intent: IntentRecord): Promise<CommandResult> {
    const received = deps.mark();
    const found = await examination.examine(command.approval, intent, received);
    if ("verdict" in found) return refuse(command, intent, found);
    const { approval } = found;
    await failpoint("approval.checked");
    const approved = problems.together(() => {
      // Both are compare-and-set: of two approvals of one intent, and of two uses of one approval, one goes on.
      if (!store.approvals.burn(approval.nonce, intent.id, approval.expiresAt)) return null;
      void failpoint("approval.burnt");
      const given = decisionsOf(approval, command.reason);
      const moved = intents.move(
        intent.id,
        "approved",
        { decisions: [...intent.decisions, ...given] },
        command.actor,
      );
      noteYes(problems.get(found.problem.id) ?? found.problem, given);
      return moved;
    });
    if (approved === null) return refuse(command, intent, rule("replayed", approval.nonce.slice(0, 6)));
    void failpoint("approval.stored");
    start({ ...found, intent: approved, received });
    return { ok: true, data: { state: "approved" } };
  }

  /** What it waited for has come: nothing holds it any more, and its history says who said yes. */
  function noteYes(problem: ProblemRecord, given: IntentDecision[]): void {
    problems.update(problem.id, {
      guards: { ...problem.guards, hold: null, holdText: null },
      event: { kind: "approved", text: yesText(given) },
    });
  }

  function refuse(command: DecisionCommand, intent: IntentRecord, ruling: Refusal): CommandResult {
    const { reason, detail, isLaw = false } = ruling;
    if (
      (reason === "already_decided" || reason === "replayed") &&
      examination.isRetold(command.approval, intent)
    )
      return { ok: true, data: { state: store.intents.get(intent.id)?.state ?? intent.state } };
    const text = `${REASONS[reason].text}${detail === "" ? "" : ` (${detail})`}`;
    store.transaction(() => {
      intents.record("approval.refused", { id: intent.id, reason, detail, actor: command.actor });
      const stored = store.intents.get(intent.id);
      // The world moved on: what was asked about is void, and today's plan is asked about anew.
      if (stored?.state === "proposed" && (reason === "plan_changed" || reason === "precondition_changed")) {
        intents.addOutcome(intent.id, { step: "approval", ok: false, summary: text, at: clock.now() });
        intents.move(intent.id, "superseded", { finishedAt: clock.now() });
      }
      if (stored?.state === "proposed" && isLaw) {
        const at = clock.now();
        const denied = { decider: "invariants", verdict: "deny", reason: text, at } as const;
        const decisions = [...stored.decisions, denied];
        intents.move(intent.id, "rejected", { decisions, finishedAt: at }, "invariants");
      }
      const problem = intent.problemId === null ? null : problems.get(intent.problemId);
      if (problem?.state === "open")
        problems.update(problem.id, {
          ...(isLaw ? { level: "L3" as const } : {}),
          event: { kind: "approval_refused", text: `an approval was refused: ${text}` },
        });
    });
    deps.log("core", "approvals").warn("An approval was refused.", { intent: intent.id, reason, detail });
    if (reason === "plan_changed" && intent.problemId !== null) void deps.consider(intent.problemId);
    const kind = reason === "already_decided" || reason === "replayed" ? "conflict" : "forbidden";
    return { ok: false, code: `approval.${reason}`, kind, message: `refused by the node: ${text}` };
  }

  function start(approved: Approved): void {
    const work = run(approved)
      .catch((error: unknown) =>
        deps.log("core", "approvals").error("An approved act was cut short.", {
          intent: approved.intent.id,
          reason: messageOf(error),
        }),
      )
      .finally(() => running.delete(work));
    running.add(work);
  }

  async function run(approved: Approved): Promise<void> {
    const { intent, candidate, problem } = approved;
    const outcome = await deps.executor.run(intent, candidate, problem, {
      mayBegin: (lockHolder) => mayBegin(approved, lockHolder),
      begun: () => deps.showUse(problem.id, candidate),
      approval: approved.approval,
    });
    const after = problems.get(problem.id);
    if (after?.state !== "open" || outcome.verified || deps.signal.aborted) return;
    const { hold } = outcome;
    if (hold === null) return deps.consider(problem.id);
    problems.update(problem.id, {
      level: "L3",
      guards: { ...after.guards, hold: hold.reason, holdText: hold.text },
      event: { kind: hold.reason, text: hold.text },
    });
  }

  /** In the turn in which the act begins: is everything still as it was approved? */
  function mayBegin({ intent, candidate, approval, received }: Approved, lockHolder: string | null): boolean {
    const now = deps.mark();
    const life = approval.expiresAt - approval.notBefore;
    if (now.wall >= approval.expiresAt || elapsed(received, now) >= life) return false;
    const stored = store.intents.get(intent.id);
    const problem = intent.problemId === null ? null : problems.get(intent.problemId);
    if (stored?.state !== "approved" || problem?.state !== "open") return false;
    if (boundHash(deps.node.id, candidate, stored.expiresAt) !== approval.hash) return false;
    if (!deps.registry.repairs().includes(candidate.registered)) return false;
    if (!examination.isAllowedHere(problem, candidate)) return false;
    const inTheWay = inFlight.begunInTheWayOf(intent);
    return judge.guards(problem, candidate, { lockHolder, inTheWay }).allowed;
  }

  function reject({ reason, actor }: DecisionCommand, intent: IntentRecord): CommandResult {
    const at = clock.now();
    const decisions: IntentDecision[] = [
      ...intent.decisions,
      { decider: actor, verdict: "deny", reason, at },
    ];
    problems.together(() => {
      intents.move(intent.id, "rejected", { decisions, finishedAt: at }, actor);
      const problem = intent.problemId === null ? null : problems.get(intent.problemId);
      if (problem?.state !== "open") return;
      const text = rejectionText(actor, reason);
      problems.update(problem.id, {
        level: "L3",
        guards: { ...problem.guards, hold: "rejected", holdText: text },
        event: { kind: "rejected", text },
      });
    });
    return { ok: true, data: { state: "rejected" } };
  }

  return {
    open() {
      isOpen = true;
    },
    async decide(command) {
      // Not a no: the Monitor tells it again in a moment.
      if (!isOpen)
        return {
          ok: false,
          code: "approval.starting",
          kind: "unavailable",
          message: "the node is starting; try again",
        };
      const intent = store.intents.get(command.intent);
      if (intent === null || intent.kind !== "repair")
        return {
          ok: false,
          code: "command.not_found",
          kind: "not_found",
          message: "no such proposal on this node",
        };
      if (intent.state !== "proposed") {
        // Told twice, because the answer to the first was lost.
        if (command.verdict === "reject" && intent.state === "rejected")
          return { ok: true, data: { state: intent.state } };
        const message = `it is not waiting for a decision any more: ${intent.state}`;
        if (command.verdict === "approve")
          return refuse(command, intent, rule("already_decided", intent.state));
        return { ok: false, code: "approval.already_decided", kind: "conflict", message };
      }
      return command.verdict === "approve" ? approve(command, intent) : reject(command, intent);
    },
    async stop() {
      await Promise.allSettled([...running]);
    },
  };
}
