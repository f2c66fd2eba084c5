/** Down the ladder and up again: first judge, model of one's own, rules and people; what is safe by itself goes on all the time. */
import type { LadderItem } from "../../../core/http/types.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { demoService, serving } from "../loop/demo.ts";
import { killAndWait, killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { chatApi, ownModel } from "./chat-api.ts";
import { claude, fakeApi, letJudgeDecide, prove } from "./judges.ts";
import { decisionsOf, pendingDecision, startCritical } from "./waiting.ts";

const ladderOf = async (cortex: Cortex) => (await cortex.api<LadderItem>("GET", "judges")).json;

/** `isProven`: whether the model of one's own has passed the evaluation. */
async function start(rig: Rig, isProven: boolean) {
  const api = fakeApi(rig);
  const own = await chatApi(rig);
  const plain = await rig.port();
  const { cortex, port } = await startCritical(rig, {
    plugins: { ...claude(api, "script", { retries: 0 }), ...ownModel(own) },
    services: [{ ...demoService(plain), id: "plain", interval: "1s", confirm: "1s" }],
  });
  await letJudgeDecide(cortex);
  await prove(cortex, ["script"]);
  if (isProven) await prove(cortex, ["qwen3"], "openai-compatible");
  await serving(port);
  await serving(plain);
  return { api, own, plain, cortex, port };
}

/** Everything that was said about the newest decision. */
const voices = async (cortex: Cortex) =>
  (await decisionsOf(cortex)).items[0]!.voices.map(({ by, reason }) => `${by} ${reason}`);

/** Killed again while it is still being verified, it would be a repair that did not hold. */
const settled = (cortex: Cortex) =>
  until(
    async () =>
      (await cortex.api<{ items: unknown[] }>("GET", "problems?state=open")).json.items.length === 0,
    { what: "no problem is open", timeoutMs: 30_000, everyMs: 100 },
  );

async function judge(rig: Rig, isProven = true): Promise<string> {
  const { api, own, plain, cortex, port } = await start(rig, isProven);
  const first = await ladderOf(cortex);
  ensureEqual(
    [first.rung, first.judges.map(({ rung }) => rung).join()],
    ["primary", "primary,local"],
    "at first",
  );

  api.script([{ status: 529 }]);
  await killService(port);
  const said = await until(
    async () => {
      const all = await voices(cortex);
      return all.at(-1)?.startsWith("decider:openai-compatible") ? all : null;
    },
    { what: "the second judge has its turn", timeoutMs: 30_000, everyMs: 50 },
  );
  ensureEqual(
    said.slice(-2),
    ["decider:claude judge_unavailable", "decider:openai-compatible ok"],
    "who was asked",
  );
  await serving(port, 30_000);
  const second = await ladderOf(cortex);
  ensureEqual(
    [second.rung, second.judges[0]?.state, second.judges[0]?.failure?.reason],
    ["local", "resting", "judge_unavailable"],
    "with the first judge away",
  );
  const asked = api.requests.length;
  await settled(cortex);
  await killAndWait(port, 30_000);
  ensureEqual(api.requests.length, asked, "questions to a judge that is left alone");

  await own.stop();
  await settled(cortex);
  await killService(port);
  await pendingDecision(cortex, 30_000);
  const third = await ladderOf(cortex);
  ensureEqual(
    [third.rung, third.without.judgesAnswer, third.without.judged.join()],
    ["rules", false, "judge"],
    "with no judge left",
  );
  const alone = await killAndWait(plain, 30_000);
  const shown = await cortex.cli("decisions", "judges");
  ensure(
    shown.code === 0 &&
      shown.stdout.includes("no judge can be asked") &&
      shown.stdout.includes("waits for people"),
    `cortex decisions judges says: ${shown.stdout}`,
  );
  const doctor = await cortex.cli("doctor");
  ensure(doctor.stdout.includes("judge claude"), "cortex doctor says nothing of the judge");
  return `asked in turn: claude, a model of one's own, people; a service that is safe to start came back by itself in ${Math.round(alone)} ms with no judge left`;
}

const scenario: Scenario = {
  name: "degradation",
  quick: true,
  timeoutMs: 180_000,
  run: (rig) => judge(rig),
  /** No rung below the first: the other model was never evaluated, so what could go on without people does not. */
  control: (rig) => judge(rig, false),
};
export default scenario;
