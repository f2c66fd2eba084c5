/** `cortex eval`: are gate, rules, node and judge as safe as they must be? Offline without a judge's name; with one, online. */
import { existsSync, readFileSync } from "node:fs";
import { CortexError, type Decider, isCortexError } from "cortex";
import { type EvalCase, parseCases } from "../../../core/decide/eval/case.ts";
import { apiTier } from "../../../core/decide/eval/api-tier.ts";
import { counts } from "../../../core/decide/eval/decide-case.ts";
import { judgeTier } from "../../../core/decide/eval/judge-tier.ts";
import {
  evilJudgeTier,
  execTier,
  gullibleJudgeTier,
  metamorphicTier,
  policyTier,
} from "../../../core/decide/eval/offline-tiers.ts";
import { recordedTier } from "../../../core/decide/eval/recorded.ts";
import { isPass, type TierResult } from "../../../core/decide/eval/result.ts";
import { evaluationDigest, shippedCases } from "../../../core/decide/eval/set.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { openJudge, openTrialJudges } from "../../eval-judge.ts";
import { loadSettings } from "../../settings.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { clean, print, printJson, state, table } from "../output.ts";

const TIERS = [policyTier, execTier, evilJudgeTier, gullibleJudgeTier, metamorphicTier];
const SHOWN_FINDINGS = 20;

const wrong = (message: string) => new CortexError("eval.argument", "invalid", message);

export default command({
  name: "eval",
  description:
    "Run the evaluation of decisions. Exit 0 passed, 1 not passed, 64 a wrong argument, 69 the model or --cap gave out. With --decider a model is asked, and its pass is kept.",
  args: {
    ...connectionArgs,
    decider: {
      type: "string",
      description: "Judge to evaluate, for example claude.",
      valueHint: "NAME",
    },
    model: {
      type: "string",
      description: "Model; default the configured one.",
      valueHint: "NAME",
    },
    cases: {
      type: "string",
      description: "Further cases, JSON Lines.",
      valueHint: "FILE",
    },
    samples: {
      type: "string",
      description: "Times each case is put to a model.",
      default: "5",
      valueHint: "N",
    },
    cap: {
      type: "string",
      description: "US dollars that may be spent at most.",
      default: "1",
      valueHint: "USD",
    },
  },
  async run(args) {
    const samples = numberOf(
      args.samples,
      "--samples",
      (one) => Number.isInteger(one) && one >= 1 && one <= 100,
    );
    const capUsd = numberOf(args.cap, "--cap", (one) => one >= 0);
    const cases = [...shippedCases(), ...(args.cases === undefined ? [] : casesOf(args.cases))];
    const judge = args.decider === undefined ? null : openJudge(loadSettings(args), args.decider, args.model);
    if (judge === null && args.model !== undefined) throw wrong("--model needs --decider");
    const tiers = await offlineTiers(cases);
    const isSafe = tiers.every(isPass);
    // Where not even the gate holds, no model is worth its money.
    if (judge !== null && isSafe) tiers.push(await onlineTier(cases, judge, { samples, capUsd }));
    const passed = isSafe && tiers.every(isPass);
    const kept = judge !== null && passed ? await keep(args, judge, tiers.at(-1)!, samples) : null;
    if (args.json) printJson({ passed, ...counts(cases), tiers, kept });
    else show(cases, tiers, passed, kept);
    return passed ? 0 : 1;
  },
});

async function offlineTiers(cases: readonly EvalCase[]): Promise<TierResult[]> {
  const tiers: TierResult[] = [];
  for (const tier of TIERS) tiers.push(await tier(cases));
  const trial = openTrialJudges();
  try {
    tiers.push(await recordedTier(cases, trial.at));
    tiers.push(await apiTier(cases, trial.atApi, createSystemClock()));
  } finally {
    await trial.stop();
  }
  return tiers;
}

function numberOf(text: string, option: string, fits: (value: number) => boolean): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || !fits(value)) throw wrong(`${option} ${text} is no such number`);
  return value;
}

function casesOf(file: string): EvalCase[] {
  if (!existsSync(file)) throw wrong(`${file} does not exist`);
  try {
    return parseCases(readFileSync(file, "utf8"));
  } catch (error) {
    throw wrong(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function onlineTier(
  cases: readonly EvalCase[],
  judge: Decider,
  options: { samples: number; capUsd: number },
): Promise<TierResult> {
  try {
    return await judgeTier(cases, judge, options);
  } catch (error) {
    throw new CortexError("eval.stopped", "unavailable", error instanceof Error ? error.message : "stopped");
  }
}

const NOT_KEPT = "not kept: no Cortex runs on this data folder";

/** Told to the Monitor that is to ask this model; without one that runs, the pass is not kept. */
function keep(
  args: Parameters<typeof loadSettings>[0],
  judge: Decider,
  { figures, count, costUsd }: TierResult,
  samples: number,
): Promise<string> {
  const model = judge.models()[0] ?? "";
  return withClient(args, async (client) => {
    if (client.via === "offline") return NOT_KEPT;
    await client.post("evaluations", {
      decider: judge.name,
      model,
      digest: evaluationDigest(judge.instructions ?? ""),
      figures: {
        unsafe_allow_rate: figures.unsafeAllowRate,
        over_block_rate: figures.overBlockRate,
        flip_rate: figures.flipRate,
        layer_agreement: figures.layerAgreement,
        answers: count,
        samples,
        cost_usd: costUsd,
      },
    });
    return `kept: ${judge.name} with ${model} may decide where a rule says llm_may_decide`;
  }).catch((error: unknown) => {
    if (isCortexError(error) && error.code === "cli.no_cortex") return NOT_KEPT;
    throw error;
  });
}

const percent = (value: number) => `${(100 * value).toFixed(value === 0 || value === 1 ? 0 : 2)} %`;

function show(cases: readonly EvalCase[], tiers: TierResult[], passed: boolean, kept: string | null): void {
  const { hostile, clean: twins, benign } = counts(cases);
  print(`${hostile} hostile cases, ${twins} clean twins, ${benign} benign cases`);
  print(
    table(
      ["TIER", "COUNT", "UNSAFE ALLOWS", "OVER-BLOCK", "FLIPS", "EXPECTED LAYER", "COST", "RESULT"],
      tiers.map((one) => [
        one.tier,
        String(one.count),
        percent(one.figures.unsafeAllowRate),
        percent(one.figures.overBlockRate),
        percent(one.figures.flipRate),
        percent(one.figures.layerAgreement),
        `$${one.costUsd.toFixed(4)}`,
        state(isPass(one) ? "ok" : "critical"),
      ]),
    ),
  );
  for (const { tier, slowestMs } of tiers)
    if (slowestMs !== undefined) print(`${tier}: slowest answer ${slowestMs} ms, none hangs`);
  const findings = tiers.flatMap((one) => one.findings.map((finding) => ({ tier: one.tier, ...finding })));
  for (const one of findings.slice(0, SHOWN_FINDINGS))
    print(`${one.tier}: ${one.id} ${one.what}: ${clean(one.detail, 200)}`);
  if (findings.length > SHOWN_FINDINGS)
    print(`and ${findings.length - SHOWN_FINDINGS} more; all of them with --json`);
  print(passed ? "passed" : "NOT passed");
  if (kept !== null) print(kept);
}
