/**
 * Asking judges: within a deadline, under the caps, twice where untrusted text is in play. Whatever goes wrong, a person is
 * asked; nothing here can make a decision looser than the rules left it.
 */
import {
  type Clock,
  type Decider,
  isCortexError,
  type JudgeAnswer,
  type JudgeRequest,
  type Log,
  messageOf,
} from "cortex";
import type { JudgeOpinion, Voice } from "../domain/decide/decision.ts";
import type { JudgeStanding } from "../domain/decide/ladder.ts";
import { canonicalJson, sha256Hex } from "../domain/ledger.ts";
import { REASONS, type ReasonCode, rule, type Ruling } from "../domain/decide/reasons.ts";
import type { DecisionsRepository } from "../store/monitor/decisions.repository.ts";
import type { DecideConfig } from "./config.ts";

export interface JudgingDeps {
  clock: Clock;
  log: Log;
  calls: DecisionsRepository["judgeCalls"];
  judges: () => readonly Decider[];
  /** Whether a model has passed the evaluation of this version. */
  isProven: (decider: string, model: string) => boolean;
  config: () => DecideConfig["judge"];
  /** Takes known secrets out of everything before it goes to a model. */
  redact?: (text: string) => string;
}

export interface Judging {
  /** What the judges make of it, with everything they said. The last voice is the word that counts. */
  ask(request: JudgeRequest, problemId: string | null): Promise<Voice[]>;
  /** Which judges could be asked now, in the order in which they are. */
  standings(): JudgeStanding[];
  /** What may be spent within 24 hours, US dollars. */
  dailyCapUsd(): number;
}

const DAY_MS = 86_400_000;
/** A judge that failed is left alone for a moment, so that a storm of problems does not wait for its deadlines. */
const REST_MS = 30_000;

const FAILURES: Record<string, ReasonCode> = {
  "decider.refused": "judge_refused",
  "decider.truncated": "judge_truncated",
  "decider.nonsense": "judge_nonsense",
  "decider.timeout": "judge_timeout",
  "decider.unavailable": "judge_unavailable",
  "decider.spend_cap": "spend_cap",
};

export function createJudging(deps: JudgingDeps): Judging {
  const { clock, calls } = deps;
  const restUntil = new Map<string, number>();
  /** Last failures of judges that gave no answer since. */
  const failures = new Map<string, Voice>();
  const inOrder = () => deps.judges().toSorted((a, b) => a.order - b.order || a.name.localeCompare(b.name));

  function obstacle(judge: Decider, problemId: string | null): Ruling | null {
    const { dailyCapUsd, perProblem } = deps.config();
    const unproven = judge.models().find((model) => !deps.isProven(judge.name, model));
    if (unproven !== undefined) return rule("judge_unproven", unproven);
    const since = clock.now() - DAY_MS;
    if (calls.spentSince(since) + judge.maxCostUsd > dailyCapUsd)
      return rule("spend_cap", `${dailyCapUsd} US dollars a day`);
    if (problemId !== null && calls.callsAbout(problemId, since) >= perProblem)
      return rule("spend_cap", `${perProblem} questions about this problem a day`);
    return null;
  }

  async function askOne(judge: Decider, request: JudgeRequest, problemId: string | null): Promise<Voice> {
    const refused = obstacle(judge, problemId);
    if (refused !== null) return voice(judge, refused, clock.now());
    try {
      const given = await once(judge, request, problemId);
      const { twin } = deps.config();
      // Only a yes can be wrong in the way that untrusted text wants.
      const word = spoken(judge, given, clock.now());
      if (given.answer.verdict !== "allow") return word;
      if (!isOneOf(given.answer.model, judge.models()))
        return { ...word, ...rule("judge_unproven", `${given.answer.model || "no model"} answered`) };
      if (!twin || request.quotes.length === 0) return word;
      const clean = await once(judge, withoutQuotes(request), problemId);
      if (clean.answer.verdict === "allow") return word;
      return { ...word, ...rule("twin_differs", `without it: ${clean.answer.verdict}`) };
    } catch (error) {
      return voice(judge, failureOf(error), clock.now());
    }
  }

  /** One question to one judge, bounded in time, its cost written down whatever it says. */
  async function once(judge: Decider, request: JudgeRequest, problemId: string | null): Promise<Spoken> {
    const started = clock.monotonic();
    const abort = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = clock.after(deps.config().deadlineMs, () => {
      abort.abort();
      reject(LATE);
    });
    try {
      const answer = await Promise.race([
        judge.ask(withoutSecrets(request, deps.redact), abort.signal),
        late,
      ]);
      keep(judge, answer, problemId);
      return {
        answer,
        durationMs: Math.round(clock.monotonic() - started),
        promptHash: sha256Hex(canonicalJson(request)),
      };
    } catch (error) {
      // It may have been billed all the same: what it could have cost counts.
      calls.add({ at: clock.now(), decider: judge.name, model: "", problemId, costUsd: judge.maxCostUsd });
      throw error;
    } finally {
      cancel();
    }
  }

  const keep = (judge: Decider, answer: JudgeAnswer, problemId: string | null): void =>
    calls.add({
      at: clock.now(),
      decider: judge.name,
      model: answer.model,
      problemId,
      costUsd: Math.max(0, answer.costUsd),
    });

  function failureOf(error: unknown): Ruling {
    if (error === LATE) return rule("judge_timeout", `no answer within ${deps.config().deadlineMs} ms`);
    const code = isCortexError(error) ? error.code : "";
    return rule(FAILURES[code] ?? "judge_unavailable", messageOf(error).slice(0, 300));
  }

  function standingOf(judge: Decider): JudgeStanding {
    const stop = obstacle(judge, null);
    const restMs = (restUntil.get(judge.name) ?? 0) - clock.monotonic();
    const rests = stop === null && restMs > 0;
    const failure = failures.get(judge.name) ?? null;
    return {
      decider: judge.name,
      models: judge.models(),
      isOwn: judge.isOwn ?? false,
      state:
        stop === null ? (rests ? "resting" : "ready") : stop.reason === "spend_cap" ? "capped" : "unproven",
      text: stop === null ? (rests ? "it failed a moment ago" : "") : REASONS[stop.reason].text,
      restsUntil: rests ? clock.now() + restMs : null,
      failure:
        failure === null
          ? null
          : { reason: failure.reason, text: REASONS[failure.reason].text, at: failure.at },
    };
  }

  return {
    async ask(request, problemId) {
      const voices: Voice[] = [];
      for (const judge of inOrder()) {
        if ((restUntil.get(judge.name) ?? 0) > clock.monotonic()) {
          voices.push(voice(judge, rule("judge_unavailable", "it failed a moment ago"), clock.now()));
          continue;
        }
        const said = await askOne(judge, request, problemId);
        voices.push(said);
        if (said.opinion !== undefined) {
          failures.delete(judge.name);
          return voices;
        }
        deps.log.warn("A judge gave no answer.", {
          judge: judge.name,
          reason: said.reason,
          detail: said.detail,
        });
        if (said.reason !== "judge_unproven" && said.reason !== "spend_cap") {
          restUntil.set(judge.name, clock.monotonic() + REST_MS);
          failures.set(judge.name, said);
        }
        // A question that one model refuses is not put to the next until one says yes.
        if (said.reason === "judge_refused") return voices;
      }
      return voices.length > 0
        ? voices
        : [{ ...rule("judge_unavailable", "there is no judge"), at: clock.now(), by: "judges" }];
    },
    standings: () => inOrder().map(standingOf),
    dailyCapUsd: () => deps.config().dailyCapUsd,
  };
}

const LATE = new Error("late");

/** A name without a date stands for its dated versions, as the API names what it took: `NAME-20261001`. */
const isOneOf = (answered: string, models: readonly string[]): boolean =>
  models.some(
    (model) =>
      answered === model || (answered.startsWith(model) && /^-\d{8}$/.test(answered.slice(model.length))),
  );

interface Spoken {
  answer: JudgeAnswer;
  durationMs: number;
  promptHash: string;
}

/** A model's verdict and its reason must agree; where they do not, the more careful one counts. */
function rulingOf({ verdict, reason, missingEvidence }: JudgeAnswer): Ruling {
  const detail = missingEvidence.join(", ").slice(0, 300);
  if (verdict === "deny") return rule("judge_denies", detail);
  if (reason === "evidence_missing" || missingEvidence.length > 0) return rule("evidence_missing", detail);
  if (verdict === "allow" && reason === "ok") return rule("ok");
  return rule("judge_doubts", detail);
}

function spoken(judge: Decider, { answer, durationMs, promptHash }: Spoken, at: number): Voice {
  const opinion: JudgeOpinion = {
    decider: judge.name,
    model: answer.model,
    requestId: answer.requestId,
    tokensIn: answer.tokensIn,
    tokensOut: answer.tokensOut,
    costUsd: answer.costUsd,
    durationMs,
    confidence: answer.confidence,
    text: answer.text.slice(0, 2000),
    missingEvidence: answer.missingEvidence.slice(0, 20),
    promptHash,
  };
  return { ...rulingOf(answer), at, by: `decider:${judge.name}`, opinion };
}

const voice = (judge: Decider, ruling: Ruling, at: number): Voice => ({
  ...ruling,
  at,
  by: `decider:${judge.name}`,
});

/** Every text of the question, at whatever depth. */
function withoutSecrets<T>(value: T, redact: ((text: string) => string) | undefined): T {
  if (redact === undefined) return value;
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one as unknown, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withoutSecrets(one as unknown, redact)]),
  ) as T;
}

const withoutQuotes = (request: JudgeRequest): JudgeRequest => ({
  ...request,
  quotes: request.quotes.map((quote) => ({ ...quote, text: "", template: "", length: 0 })),
});
