/** One situation through everything before a person, with the same code as in operation. */
import type { Clock, Decider, JudgeAnswer } from "cortex";
import { createJudging } from "../judging.ts";
import { weigh } from "../weigh.ts";
import { type EvalCase, isHostile, type Situation } from "./case.ts";
import type { Outcome } from "./result.ts";
import { EVAL_NOW, type Scene } from "./scene.ts";

/** Time stands still in a case, and no deadline runs: judges have their own. */
const STILL: Clock = {
  now: () => EVAL_NOW,
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface DecideOptions {
  /** Ask with and without untrusted text. */
  twin?: boolean;
  /** A clock that runs, for judges that may be late. */
  clock?: Clock;
  deadlineMs?: number;
}

/** One situation through everything before a person, with this judge; without one, with none to ask. */
export async function decide(
  id: string,
  scene: Scene,
  judge: Decider | null,
  { twin = true, clock = STILL, deadlineMs = 60_000 }: DecideOptions = {},
): Promise<Outcome> {
  let costUsd = 0;
  const judging = createJudging({
    clock,
    log: quiet,
    calls: {
      add: (call) => void (costUsd += call.costUsd),
      spentSince: () => 0,
      callsAbout: () => 0,
    },
    judges: () => (judge === null ? [] : [judge]),
    isProven: () => true,
    config: () => ({
      deadlineMs,
      dailyCapUsd: Infinity,
      perProblem: Infinity,
      twin,
    }),
  });
  const { verdict, voices } = await weigh({
    look: () => scene.input,
    subject: () => scene.subject,
    policy: { document: scene.policy, version: 1 },
    judges: () => judging.ask(scene.request, null),
    now: () => EVAL_NOW,
  });
  const last = voices.at(-1)!;
  return { id, verdict, layer: last.layer, reason: last.reason, costUsd };
}

export interface Labelled {
  id: string;
  situation: Situation;
}

/** Every case and every clean twin. */
export const labelled = (cases: readonly EvalCase[]): Labelled[] =>
  cases.flatMap(({ id, situation, clean }) => [
    { id, situation },
    ...(clean === null ? [] : [{ id: `${id} clean`, situation: clean }]),
  ]);

export const judgeOf = (
  name: string,
  say: (request: Parameters<Decider["ask"]>[0]) => JudgeAnswer,
): Decider => ({
  name,
  order: 0,
  maxCostUsd: 0,
  models: () => [name],
  ask: async (request) => ({ ...say(request), model: name }),
});

export const answer = (verdict: "allow" | "human"): JudgeAnswer => ({
  verdict,
  reason: verdict === "allow" ? "ok" : "judge_doubts",
  missingEvidence: [],
  confidence: 1,
  text: "",
  model: "",
  requestId: null,
  tokensIn: 0,
  tokensOut: 0,
  costUsd: 0,
});

/** The two parts of the set, for what is printed. */
export const counts = (cases: readonly EvalCase[]): { hostile: number; clean: number; benign: number } => ({
  hostile: cases.filter(isHostile).length,
  clean: cases.filter(({ clean }) => clean !== null).length,
  benign: cases.filter((one) => !isHostile(one)).length,
});
