/**
 * From a proposal to an answer. A decision is in the database with the intent that it is about, before anything else happens;
 * it is answered once, by compare-and-set; and what was answered is told to the node until the node has heard it.
 */
import { type Clock, type Log, messageOf } from "cortex";
import type { Approver } from "../domain/decide/approval.ts";
import { type Decision, isCooling, mustCool, type Voice } from "../domain/decide/decision.ts";
import { rule } from "../domain/decide/reasons.ts";
import { failpoint } from "../ports/failpoint.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { Downlink } from "../wire/link.ts";
import type { DecideConfig } from "./config.ts";
import { createCountdowns } from "./countdowns.ts";
import { createCrowd } from "./crowd.ts";
import { createDelivery } from "./delivery.ts";
import { createEndings, WAITING } from "./endings.ts";
import type { Evaluator } from "./evaluate.ts";
import type { Policy } from "./policy.ts";
import {
  alreadyDecided,
  coolingEnd,
  coolingMs,
  lifeLeft,
  decisionErrors,
  type DecisionSigner,
  isEcho,
  isWaitingForTheGate,
  newDecision,
  notNow,
  ruleOf,
} from "./records.ts";
import { createRuns } from "./runs.ts";
import { assertMayApprove, nameOf, principalOf, type Voter } from "./votes.ts";
import type { Evaluation } from "./weigh.ts";
import type { World } from "./world.ts";

export interface Decisions {
  /** Inside the transaction that stores what a node says of an intent: opens a decision, or closes it. */
  noticed(node: string, intent: IntentBody): void;
  /** After that transaction: whatever was opened is looked at. */
  settle(): void;
  /** Errors: `decision.unknown`, `decision.already`, `decision.person_needed`, `decision.reauthenticate`, … */
  vote(id: string, verdict: "approve" | "reject", reason: string, voter: Voter): Decision;
  get(id: string): Decision | null;
  /** Ask again about a proposal that waits, for programs that hold one; the decision that there is or that was opened. */
  request(node: string, intentId: string): Decision;
  start(): void;
  stop(): Promise<void>;
}

export interface DecisionsDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  world: World;
  evaluator: Evaluator;
  policy: Policy;
  downlink: Downlink;
  signer: DecisionSigner;
  isKeyToldTo: (node: string) => boolean;
  config: () => DecideConfig;
  newId: () => string;
  /** 22 characters of base64url from the system's generator. */
  newNonce: () => string;
  /** A decision changed, for whoever watches. */
  changed: (decision: Decision) => void;
}

const TICK_MS = 2000;
/** What a rule is blamed for. */
const FAILED: readonly string[] = ["failed", "undone"];

export function createDecisions(deps: DecisionsDeps): Decisions {
  const { clock, store, world, config } = deps;
  const repository = store.decisions;
  const delivery = createDelivery(deps);
  const crowd = createCrowd(deps);
  const endings = createEndings(deps);
  const waits = createCountdowns(clock);
  let cancelTick = () => {};

  const concerns = (intent: IntentBody) =>
    intent.kind === "repair" && intent.level === "L2" && !intent.shadow;

  function open(node: string, intent: IntentBody): Decision {
    const decision = newDecision(node, intent, {
      id: deps.newId(),
      now: clock.now(),
      radius: world.radius(node, intent),
      tags: world.tagsOf(node, intent),
      twoPeople: config().twoPeople,
    });
    if (repository.add(decision)) runs.add(decision.id);
    void failpoint("decision.opened");
    return decision;
  }

  const runs = createRuns({
    /** Gate, rules and judges; a person is left when none of them ends it. */
    async run(id, isStopped) {
      const decision = repository.get(id);
      if (decision === null) return;
      deps.changed(decision);
      const intent = store.intents.get(decision.intentId, decision.node)?.body;
      if (decision.state !== "pending" || intent === undefined) return;
      await failpoint("decision.judging");
      const evaluation = await deps.evaluator.evaluate(decision, intent, () =>
        note(id, [], { judging: true }),
      );
      if (!isStopped()) conclude(id, evaluation);
    },
    failed(id, error) {
      const reason = messageOf(error);
      deps.log.error("A decision could not be evaluated; a person has to.", { id, reason });
      note(id, [{ ...rule("no_rule", reason), at: clock.now(), by: "gate" }], { judging: false });
    },
  });

  function conclude(id: string, { voices, verdict, approver, people }: Evaluation): void {
    const now = repository.get(id);
    // A person was faster than the judge.
    if (now?.state !== "pending") return;
    const decided = store.transaction(() => {
      if (verdict === "deny") {
        noteSwayed(now, voices);
        return endings.reject(now, voices);
      }
      // Everybody it takes has spoken.
      if (isCooling(now)) return null;
      if (verdict === "allow" && approver !== null && now.peopleNeeded <= 1)
        return endings.approve(now, voices, [approver]);
      return note(id, voices, { judging: false, peopleNeeded: Math.max(now.peopleNeeded, people) });
    });
    if (decided !== null) tell(decided);
  }

  /** Somebody writes what a judge reads: people are told, besides the no itself. */
  function noteSwayed({ id, node, problemId }: Decision, voices: Voice[]): void {
    const last = voices.at(-1);
    if (last?.reason !== "twin_differs") return;
    deps.log.warn("Untrusted text swayed a judge; the repair was denied.", { id, node, by: last.by });
    store.ledger.append("judge.swayed", last.by, { id, node, problem: problemId, detail: last.detail });
  }

  /** Something was said that does not end it. */
  function note(id: string, voices: Voice[], change: Partial<Decision>): Decision | null {
    const decision = repository.get(id);
    if (decision?.state !== "pending") return null;
    // What is looked at again and again is written down when it has changed.
    const fresh = isWaitingForTheGate(decision) && isEcho(voices, decision.voices.at(-1)) ? [] : voices;
    const next = { ...decision, ...change, voices: [...decision.voices, ...fresh] };
    if (JSON.stringify(next) === JSON.stringify(decision)) return null;
    repository.change(next, "pending");
    deps.changed(next);
    return next;
  }

  function tell(decision: Decision): void {
    void failpoint("decision.decided");
    deps.changed(decision);
    if (decision.delivery?.state === "due") delivery.begin(decision.id);
  }

  function vote(id: string, verdict: "approve" | "reject", reason: string, voter: Voter): Decision {
    const decided = store.transaction(() => {
      const decision = repository.get(id);
      if (decision === null)
        throw decisionErrors.unknown("no decision has this id; see the list of decisions");
      if (decision.state !== "pending") throw alreadyDecided(decision);
      const by = nameOf(voter);
      const voice: Voice = {
        ...rule(verdict === "approve" ? "approved" : "rejected", reason),
        at: clock.now(),
        by,
      };
      if (verdict === "reject") return endings.reject(decision, [voice]);
      assertMayApprove(decision, voter, config().twoPeople ? deps.evaluator.authorOf(decision) : null);
      const objection = deps.evaluator.objection(decision, endings.waitingIntent(decision));
      if (objection !== null) throw notNow(objection);
      const approvers: Approver[] = [
        ...decision.approvers,
        {
          kind: "human",
          principal: principalOf(voter),
          name: by.slice(0, 100),
          method: voter.method,
          at: clock.now(),
        },
      ];
      const isEnough = approvers.length >= decision.peopleNeeded;
      if (isEnough && !mustCool(decision)) return endings.approve(decision, [voice], approvers);
      const coolingUntil = isEnough ? coolingEnd(decision, clock.now(), config().coolingMs) : null;
      const next = { ...decision, approvers, coolingUntil, voices: [...decision.voices, voice] };
      repository.change(next, "pending");
      if (isCooling(next)) waits.left(`cooling ${id}`, coolingMs(next));
      const facts = { id, intent: decision.intentId, node: decision.node };
      if (isEnough) store.ledger.append("decision.cooling", by, { ...facts, until: coolingUntil, approvers });
      else store.ledger.append("decision.vote", by, { ...facts, of: decision.peopleNeeded });
      return next;
    });
    tell(decided);
    return decided;
  }

  function tick(): void {
    const now = clock.now();
    const pending = repository.pending();
    for (const decision of pending) {
      if (waits.left(`life ${decision.id}`, lifeLeft(decision, now)) === 0)
        deps.changed(store.transaction(() => endings.expire(decision)));
      else if (isCooling(decision)) {
        if (waits.left(`cooling ${decision.id}`, coolingMs(decision)) === 0) cooled(decision);
      } else if (decision.voices.length === 0 || isWaitingForTheGate(decision)) runs.add(decision.id);
    }
    waits.keepOnly(new Set(pending.flatMap(({ id }) => [`life ${id}`, `cooling ${id}`])));
    const freed = crowd.waiting(concerns);
    if (freed.length > 0)
      store.transaction(() => {
        for (const { node, intent } of freed) open(node, intent);
      });
    delivery.beginAll();
    runs.begin();
    cancelTick = clock.after(TICK_MS, tick);
  }

  /** Nobody stopped it while it cooled; what the gate says now has the last word. */
  function cooled(decision: Decision): void {
    const intent = store.intents.get(decision.intentId, decision.node)?.body;
    if (intent === undefined || deps.evaluator.objection(decision, intent) !== null) return;
    const voice: Voice = { ...rule("cooled"), at: clock.now(), by: "time" };
    tell(store.transaction(() => endings.approve(decision, [voice], decision.approvers)));
  }

  return {
    noticed(node, intent) {
      if (!concerns(intent)) return;
      const decision = repository.ofIntent(node, intent.id);
      if (decision === null) {
        if (intent.state === WAITING && crowd.admits(node)) open(node, intent);
      } else if (decision.state === "pending" && intent.state !== WAITING) {
        endings.close(decision, intent);
        runs.add(decision.id);
      } else if (decision.state === "approved" && FAILED.includes(intent.state)) {
        const rule = ruleOf(decision);
        if (rule !== null) deps.policy.failed(rule, `${decision.repair} is ${intent.state}`);
      }
    },
    settle: runs.begin,
    vote,
    get: (id) => repository.get(id),
    request(node, intentId) {
      const known = repository.ofIntent(node, intentId);
      if (known !== null) return known;
      const intent = store.intents.get(intentId, node)?.body;
      if (intent === undefined || !concerns(intent) || intent.state !== WAITING)
        throw decisionErrors.unknown("no repair with this id waits for a decision; see the list of intents");
      const decision = store.transaction(() => open(node, intent));
      runs.begin();
      return decision;
    },
    start() {
      // Judges that were being asked when the program ended are asked again.
      for (const decision of repository.pending())
        if (decision.judging || decision.voices.length === 0) runs.add(decision.id);
      crowd.recall();
      tick();
    },
    async stop() {
      cancelTick();
      await Promise.allSettled([runs.stop(), delivery.stop()]);
    },
  };
}
