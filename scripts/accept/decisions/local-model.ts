/** A model of one's own over a real socket: its yes repairs, and every way in which it gives none asks a person. */
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { type ChatApi, chatApi, type ChatMode, ownModel } from "./chat-api.ts";
import { letJudgeDecide, prove } from "./judges.ts";
import { decisionsOf, intentReaches, pendingDecision, startCritical } from "./waiting.ts";

const FAILURES: Partial<Record<ChatMode, string>> = {
  human: "judge_doubts",
  prose: "judge_nonsense",
  refusal: "judge_refused",
  truncated: "judge_truncated",
  "other-model": "judge_unproven",
  loading: "judge_unavailable",
  lost: "judge_unavailable",
  silent: "judge_timeout",
};

async function before(rig: Rig, mode: ChatMode) {
  const api = await chatApi(rig);
  api.mode = mode;
  const one = await startCritical(rig, { plugins: ownModel(api) });
  await letJudgeDecide(one.cortex);
  await prove(one.cortex, ["qwen3"], "openai-compatible");
  await serving(one.port);
  const { at } = await killService(one.port);
  return { ...one, api, at };
}

/** As the servers want it: a schema, no stream, nothing that acts, and no key where none is set. */
function ensureAsked({ requests }: ChatApi): void {
  const [first] = requests;
  ensure(first !== undefined, "the model was not asked");
  const { body, headers } = first;
  const format = body["response_format"] as { type?: string; json_schema?: { strict?: boolean } };
  ensureEqual(
    [format.type, format.json_schema?.strict, body["stream"]],
    ["json_schema", true, false],
    "request",
  );
  ensure(!("tools" in body) && !("authorization" in headers), "tools or a key were sent");
}

const scenario: Scenario = {
  name: "local-model",
  quick: false,
  timeoutMs: 240_000,
  threats: ["T79"],
  async run(rig) {
    const { cortex, port, api, at } = await before(rig, "allow");
    const servedMs = (await serving(port, 20_000)) - at;
    const [decision] = (await decisionsOf(cortex)).items;
    ensureEqual(decision?.voices.at(-1)?.by, "decider:openai-compatible", "who decided");
    ensureEqual(decision!.voices.at(-1)!.opinion?.model, "qwen3", "which model");
    await intentReaches(cortex, decision!, "verified");
    ensureAsked(api);
    await cortex.stop();
    const modes = rig.quick
      ? (["prose", "loading", "silent"] as const)
      : (Object.keys(FAILURES) as ChatMode[]);
    for (const mode of modes) {
      const failed = await before(rig, mode);
      const waits = await pendingDecision(failed.cortex, 20_000);
      ensureEqual(waits.voices.at(-1)!.reason, FAILURES[mode], `${mode}: why a person is asked`);
      await ensureLeftAlone(failed.cortex, failed.port, 500, `${mode}: no judge said yes`);
      await failed.cortex.stop();
    }
    return `serving ${inTime(servedMs)} after the kill by the word of a model of one's own; ${modes.length} ways to give none, each time a person is asked`;
  },
  /** The model says yes: the same look for "left alone" sees the repair. */
  async control(rig) {
    const { cortex, port } = await before(rig, "allow");
    await serving(port, 20_000);
    await ensureLeftAlone(cortex, port, 500, "the model talks nonsense");
    return "left alone";
  },
};
export default scenario;
