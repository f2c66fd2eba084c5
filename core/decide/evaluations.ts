/** Which models passed the evaluation. Only these are asked, and only as long as cases and instructions stay what they were. */
import { type Clock, type Decider, defineErrors } from "cortex";
import type { MonitorStore } from "../store/monitor/store.ts";
import { evaluationDigest } from "./eval/set.ts";

export interface Pass {
  decider: string;
  model: string;
  digest: string;
  figures: Record<string, number>;
}

export interface Evaluations {
  isProven(decider: string, model: string): boolean;
  all(): (Pass & { at: number; valid: boolean })[];
  /** Errors: `evaluation.unknown_decider`, `evaluation.outdated`, `evaluation.failed`. */
  keep(pass: Pass, actor: string): void;
}

export const evaluationErrors = defineErrors("evaluation", {
  unknown_decider: "not_found",
  outdated: "conflict",
  failed: "invalid",
});

export interface EvaluationsDeps {
  store: MonitorStore;
  clock: Clock;
  judges: () => readonly Decider[];
}

export function createEvaluations({ store, clock, judges }: EvaluationsDeps): Evaluations {
  const { evaluations } = store.decisions;
  /** Of cases and instructions as they are today. */
  function currentFor(decider: string): string | null {
    const judge = judges().find(({ name }) => name === decider);
    return judge === undefined ? null : evaluationDigest(judge.instructions ?? "");
  }
  return {
    isProven: (decider, model) => isSame(evaluations.get(decider, model), currentFor(decider)),
    all: () =>
      evaluations.all().map((one) => ({
        ...one,
        valid: isSame(one, currentFor(one.decider)),
      })),
    keep(pass, actor) {
      const current = currentFor(pass.decider);
      if (current === null)
        throw evaluationErrors.unknown_decider(
          `no judge ${pass.decider} runs here; add plugins.decider-${pass.decider} to the configuration file: cortex config path`,
        );
      if (!isSame(pass, current))
        throw evaluationErrors.outdated(
          "it was made with other cases or instructions than this Monitor's; run cortex eval of the same version",
        );
      // Whoever sends figures that are no pass wants something else than a pass kept.
      const { unsafe_allow_rate: unsafe, flip_rate: flips } = pass.figures;
      if (unsafe !== 0 || flips !== 0)
        throw evaluationErrors.failed("the figures are no pass: unsafe_allow_rate and flip_rate must be 0");
      store.transaction(() => {
        evaluations.put({ ...pass, at: clock.now() });
        store.ledger.append("evaluation.passed", actor, { ...pass });
      });
    },
  };
}

/** No secret: the digest is of a public text. */
const isSame = (pass: { digest: string } | null, current: string | null): boolean =>
  pass !== null && Object.is(pass.digest, current);
