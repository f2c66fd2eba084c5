/** One repair from the broken service to the verified intent, as people and programs see it. */
import type { IntentItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Live } from "../lib/live.ts";
import { isAlive, listenerOf, signal } from "../lib/processes.ts";
import { now, pause, until } from "../lib/wait.ts";
import { answers, serving } from "./demo.ts";

export const LIFE = ["proposed", "approved", "executing", "verifying", "verified"];

export interface OneRepair {
  /** From SIGKILL until the service answered again. */
  downMs: number;
  problem: ProblemItem;
  intent: IntentItem;
}

/** The process that listens, once one does. */
export const servicePid = (port: number, timeoutMs = 10_000): Promise<number> =>
  until(() => listenerOf(port), { what: `something listens on port ${port}`, timeoutMs });

/** SIGKILL to the service; answers with the time it happened. */
export async function killService(port: number): Promise<{ pid: number; at: number }> {
  const pid = await servicePid(port);
  const at = now();
  signal(pid, "SIGKILL");
  await until(() => !isAlive(pid), { what: `process ${pid} is gone`, timeoutMs: 2000, everyMs: 1 });
  return { pid, at };
}

/** Kill the service, wait until it serves again, and answer how long that took. */
export async function killAndWait(port: number, timeoutMs = 10_000): Promise<number> {
  const { at } = await killService(port);
  return (await serving(port, timeoutMs)) - at;
}

/** One kill, followed on the live socket until its intent is verified and its problem resolved. */
export async function repairOnce(
  live: Live,
  port: number,
  verifiedMs: number,
  onServing: (downMs: number) => void = () => undefined,
): Promise<OneRepair> {
  live.clear();
  const { at } = await killService(port);
  const downMs = (await serving(port)) - at;
  onServing(downMs);
  const { item: intent } = await live.wait("intents", (one) => one.state === "verified", {
    what: "the intent is verified",
    timeoutMs: verifiedMs,
  });
  const { item: problem } = await live.wait(
    "problems",
    (one) => one.id === intent.problemId && one.state === "resolved",
    { what: "the problem is resolved", timeoutMs: 2000 },
  );
  ensureOrder(live, problem.id, intent.id);
  return { downMs, problem, intent };
}

/** Nothing but this problem and this intent was told of, each step of them, in order. */
function ensureOrder(live: Live, problemId: string, intentId: string): void {
  const intents = live.items("intents");
  const others = intents.filter((seen) => seen.item.id !== intentId);
  ensure(others.length === 0, `another intent for the same kill: ${others[0]?.item.summary}`);
  const states = intents.map((seen) => seen.item.state);
  ensureEqual(
    states.filter((state, index) => state !== states[index - 1]),
    LIFE,
    "states of the intent on the live socket",
  );
  const problems = live.items("problems").filter((seen) => seen.item.check === "service");
  const ids = [...new Set(problems.map((seen) => seen.item.id))];
  ensureEqual(ids, [problemId], "problems on the live socket");
  const turns = problems.map((seen) => seen.item.state);
  ensureEqual(
    turns.filter((state, index) => state !== turns[index - 1]),
    ["open", "resolved"],
    "states of the problem on the live socket",
  );
  const began = intents.find((seen) => seen.item.state === "executing");
  ensure(problems[0]!.at <= began!.at, "the problem was told of after its repair had begun");
}

/** The bundle was taken before the act, on this problem, and holds what the machine said. */
export async function ensureEvidence(cortex: Cortex, { problem, intent }: OneRepair): Promise<void> {
  const [id] = intent.evidenceIds;
  ensure(id !== undefined, `intent ${intent.id} has no evidence`);
  const { status, json } = await cortex.api<{ problemId: string; parts: Record<string, string> }>(
    "GET",
    `evidence/${id}`,
  );
  ensureEqual(status, 200, "GET evidence");
  ensureEqual(json.problemId, problem.id, "problem of the evidence");
  const holds = (part: string, text: string) =>
    ensure(json.parts[part]?.includes(text), `evidence part ${part} lacks "${text}"`);
  holds("problem", "is not running");
  holds("memory", "MemTotal");
  holds("processes", "cortex");
  holds("demo.log", "GET /");
}

/** All problems of the declared services, newest first. */
export async function serviceProblems(cortex: Cortex): Promise<ProblemItem[]> {
  const { json } = await cortex.api<{ items: ProblemItem[] }>("GET", "problems?check=service&limit=500");
  return json.items;
}

export async function repairs(cortex: Cortex): Promise<IntentItem[]> {
  const { json } = await cortex.api<{ items: IntentItem[] }>("GET", "intents?kind=repair&limit=500");
  return json.items;
}

/** Wait until there are so many intents, all of them verified, and no problem of the services is open. */
export async function settled(cortex: Cortex, intents: number, timeoutMs = 15_000): Promise<void> {
  await until(
    async () => {
      const all = await repairs(cortex);
      if (all.length !== intents || !all.every((one) => one.state === "verified")) return false;
      return (await serviceProblems(cortex)).every((one) => one.state === "resolved");
    },
    { what: `${intents} intents are verified and no problem is open`, timeoutMs, everyMs: 100 },
  );
}

/** The newest problem of this service, once it says what holds its repair. */
export const heldProblem = (cortex: Cortex, target: string): Promise<ProblemItem> =>
  until(
    async () =>
      (await serviceProblems(cortex)).find(
        (one) => one.target === target && one.state === "open" && one.guards.hold !== null,
      ),
    { what: `the problem of ${target} says what holds its repair`, timeoutMs: 5000, everyMs: 50 },
  );

/** For so long nobody starts the service, and nobody has begun to. */
export async function ensureLeftAlone(cortex: Cortex, port: number, ms: number, why: string): Promise<void> {
  const begun = async () =>
    (await repairs(cortex)).filter((one) => one.outcome.some((line) => line.step === "apply")).length;
  const before = await begun();
  const deadline = now() + ms;
  while (now() < deadline) {
    ensure(!(await answers(port)), `it was repaired although ${why}`);
    await pause(50);
  }
  ensureEqual(await begun(), before, `repairs begun although ${why}`);
}
