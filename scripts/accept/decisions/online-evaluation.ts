/** `cortex eval --decider` on the built binary: a model is put to the set under a cap, and only one that passes may decide. */
import type { JudgeRequest } from "cortex";
import { labelled } from "../../../core/decide/eval/decide-case.ts";
import { sceneOf } from "../../../core/decide/eval/scene.ts";
import { shippedCases } from "../../../core/decide/eval/set.ts";
import type { FakeMessagesApi } from "../../../core/testing/fake-messages-api.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import { serving } from "../loop/demo.ts";
import { killAndWait } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { claude, fakeApi, letJudgeDecide } from "./judges.ts";
import { startCritical } from "./waiting.ts";

const SAMPLES = 5;

/** What anybody could have written is no part of what a sound judge looks at. */
const typed = (request: JudgeRequest) => JSON.stringify({ ...request, quotes: [] });

/** A model that knows the set: an answer for every case, and for what it never saw a yes. */
function teach(api: FakeMessagesApi): void {
  const known = new Map(
    labelled(shippedCases())
      .filter(({ situation }) => situation.expect.layer === "llm")
      .map(({ situation }) => [typed(sceneOf(situation).request), situation.expect.verdict]),
  );
  api.think((question) => {
    const verdict = known.get(typed(JSON.parse(question) as JudgeRequest)) ?? "allow";
    const reason = verdict === "allow" ? "ok" : "judge_doubts";
    return { json: { verdict, reason, missing_evidence: [], confidence: 0.9, explanation: "f1." } };
  });
}

interface Evaluated {
  code: number;
  kept: string | null;
  stderr: string;
  asked: number;
  costUsd: number;
}

async function evaluate(cortex: Cortex, ...args: string[]): Promise<Evaluated> {
  const { code, stdout, stderr } = await cortex.cli("eval", "--decider", "claude", "--json", ...args);
  const report = (stdout.trim() === "" ? null : JSON.parse(stdout)) as {
    kept: string | null;
    tiers: { tier: string; count: number; costUsd: number }[];
  } | null;
  const tier = report?.tiers.find((one) => one.tier === "judge claude");
  return { code, stderr, kept: report?.kept ?? null, asked: tier?.count ?? 0, costUsd: tier?.costUsd ?? 0 };
}

const passes = async (cortex: Cortex) =>
  (await cortex.api<{ items: { model: string; valid: boolean; digest: string }[] }>("GET", "evaluations"))
    .json.items;

async function start(rig: Rig) {
  const api = fakeApi(rig);
  teach(api);
  const { cortex, port } = await startCritical(rig, {
    plugins: claude(api, "thinks", {
      prices: { thinks: { input: 1, output: 5 }, allow: { input: 1, output: 5 } },
    }),
  });
  await letJudgeDecide(cortex);
  return { api, cortex, port };
}

const scenario: Scenario = {
  name: "online-evaluation",
  quick: false,
  timeoutMs: 240_000,
  threats: ["T79"],
  async run(rig) {
    const { api, cortex, port } = await start(rig);
    const samples = rig.quick ? 1 : SAMPLES;

    const poor = await evaluate(cortex, "--samples", String(samples), "--cap", "0.1");
    ensureEqual(poor.code, 69, "exit code when the cap is reached");
    ensure(poor.stderr.includes("--cap"), `what to do about the cap: ${poor.stderr}`);
    const evil = await evaluate(cortex, "--model", "allow", "--samples", "1", "--cap", "10");
    ensureEqual([evil.code, evil.kept], [1, null], "a model that allows everything");
    ensureEqual((await evaluate(cortex, "--samples", "none")).code, 64, "exit code of a wrong argument");
    ensureEqual((await passes(cortex)).length, 0, "passes kept so far");

    const before = api.requests.length;
    const began = now();
    const good = await evaluate(cortex, "--samples", String(samples), "--cap", "20");
    const tookMs = now() - began;
    ensureEqual(good.code, 0, `exit code of a sound model (${good.stderr.trim()})`);
    ensure(good.kept?.startsWith("kept") ?? false, `the pass is not kept: ${good.kept}`);
    ensure(good.costUsd > 0 && good.costUsd <= 20, `it cost ${good.costUsd}`);
    const [kept] = await passes(cortex);
    ensureEqual([kept?.model, kept?.valid, kept?.digest.length], ["thinks", true, 64], "the pass");

    await serving(port);
    const servedMs = await killAndWait(port, 20_000);
    return `${good.asked} answers (${api.requests.length - before} questions, $${good.costUsd.toFixed(2)}) in ${inTime(tookMs)}, passed and kept by decider, model and digest; it then decided (${inTime(servedMs)}); over the cap exit 69, allowing everything exit 1, nothing kept`;
  },
  /** A model that allows everything must not come to decide. */
  async control(rig) {
    const { cortex } = await start(rig);
    await evaluate(cortex, "--model", "allow", "--samples", "1", "--cap", "10");
    ensure((await passes(cortex)).length > 0, "no pass is kept");
    return "a pass is kept";
  },
};
export default scenario;
