import { join } from "node:path";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, percentile } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { answers, serving } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import { claude, fakeApi, letJudgeDecide, prove } from "./judges.ts";
import { decisionsOf, pendingDecision, startCritical } from "./waiting.ts";

const FAILURES = {
  refusal: "judge_refused",
  truncated: "judge_truncated",
  prose: "judge_nonsense",
  "bad-enum": "judge_nonsense",
  "unknown-stop": "judge_nonsense",
  "rate-limited": "judge_unavailable",
  overloaded: "judge_unavailable",
  "bad-gateway": "judge_unavailable",
  "cut-body": "judge_unavailable",
  "slow-headers": "judge_timeout",
} as const;
const QUICK = ["refusal", "prose", "overloaded"] as const;
/** Retries of the client, and the time that the longest of them takes. */
const ASKED_MS = 8000;

async function afterFailure(rig: Rig, url: string, model: string): Promise<{ reason: string; ms: number }> {
  const { cortex, port } = await startCritical(rig, {
    plugins: claude({ url }, model, { request_timeout: "1s" }),
  });
  await letJudgeDecide(cortex);
  await prove(cortex, [model]);
  await serving(port);
  const { at } = await killService(port);
  const decision = await pendingDecision(cortex, ASKED_MS + 10_000);
  const ms = now() - at;
  ensure(!(await answers(port)), `${model}: it was repaired although no judge said yes`);
  ensureEqual(decision.state, "pending", `${model}: state of the decision`);
  await cortex.stop();
  return { reason: decision.voices.at(-1)!.reason, ms };
}

const scenario: Scenario = {
  name: "judge-fails",
  quick: true,
  timeoutMs: 300_000,
  threats: ["T79"],
  async run(rig) {
    const api = fakeApi(rig);
    const modes = rig.quick ? QUICK : (Object.keys(FAILURES) as (keyof typeof FAILURES)[]);
    const times: number[] = [];
    for (const model of modes) {
      const { reason, ms } = await afterFailure(rig, api.url, model);
      ensureEqual(reason, FAILURES[model], `${model}: why a person is asked`);
      times.push(ms);
    }
    const nobody = await afterFailure(rig, `http://127.0.0.1:${await rig.port()}`, "allow");
    ensureEqual(nobody.reason, "judge_unavailable", "unreachable: why a person is asked");
    return `${modes.length + 1} ways to fail, each time a person is asked, at most ${inTime(Math.max(...times, nobody.ms))} after the kill`;
  },
  /** A judge that says yes: the same wait for a person never ends. */
  async control(rig) {
    const api = fakeApi(rig);
    const { cortex, port } = await startCritical(rig, { plugins: claude(api, "allow") });
    await letJudgeDecide(cortex);
    await prove(cortex, ["allow"]);
    await serving(port);
    await killService(port);
    await serving(port, 15_000);
    ensure((await decisionsOf(cortex, "?state=pending")).items.length > 0, "nobody is asked");
    return "a person is asked";
  },
};

const CALL_MS = 30_000;
const STEP_MS = 20;

interface Load {
  reports: number[];
  heartbeats: number[];
}

/** Reports and heartbeats of a foreign node in turn, one every few milliseconds, for so long; the time each took. */
async function load(cortex: Cortex, key: string, ms: number): Promise<Load> {
  const times: Load = { reports: [], heartbeats: [] };
  const send = async (path: string, body: object, list: number[]): Promise<void> => {
    const at = now();
    const { status, text } = await cortex.api("POST", path, body, { key });
    ensureEqual(status, 200, `POST ${path} (${text.slice(0, 200)})`);
    list.push(now() - at);
    await pause(STEP_MS);
  };
  const until = now() + ms;
  while (now() < until) {
    const at = new Date().toISOString();
    await send("reports", { at, results: [], skipped: [], inspections: [] }, times.reports);
    const alive = { at, uptimeSeconds: 1, repairs: true, openProblems: 0, spooled: 0, version: "0.1.0" };
    await send("heartbeat", alive, times.heartbeats);
  }
  return times;
}

/** `program`: in place of the built binary. */
async function slowed(rig: Rig, program?: string): Promise<string> {
  const api = fakeApi(rig);
  api.script([{ slowHeadersMs: CALL_MS }]);
  const { cortex, port } = await startCritical(rig, {
    ...(program !== undefined && { program }),
    plugins: claude(api, "script", { request_timeout: "40s", retries: 0 }),
    policy: { judge_deadline: "45s" },
    more: { server: { ingest_rate: 10_000, request_rate: 10_000 } },
  });
  await letJudgeDecide(cortex);
  await prove(cortex, ["script"]);
  await serving(port);
  const node = `n_${"q".repeat(26)}`;
  const made = await cortex.cli("key", "create", "loader", "--role", "node", "--node", node);
  ensureEqual(made.code, 0, `node key (${made.stderr.trim()})`);
  const before = await load(cortex, made.stdout.trim(), 8000);
  await killService(port);
  await until(() => api.requests.length > 0, { what: "the judge is asked", timeoutMs: 15_000 });
  const started = now();
  const during = await load(cortex, made.stdout.trim(), CALL_MS - 4000);
  const callMs = now() - started;
  const told = (["reports", "heartbeats"] as const).map((kind) => {
    const [quiet, busy] = [percentile(before[kind], 0.95), percentile(during[kind], 0.95)];
    // Both are a handful of milliseconds; what is looked for is waiting, not noise.
    ensure(
      busy <= Math.max(2 * quiet, quiet + 20),
      `p95 of ${kind} ${inTime(quiet)} without, ${inTime(busy)} during the call`,
    );
    return `${kind} ${inTime(quiet)} without, ${inTime(busy)} during`;
  });
  const { items } = await decisionsOf(cortex, "?state=pending");
  ensure(items[0]?.judging === true, "the judge was not being asked all the time");
  const count = during.reports.length + during.heartbeats.length;
  return `p95 of ${told.join("; ")} a call of ${inTime(callMs)} so far (${count} sent)`;
}

const latency: Scenario = {
  name: "slow-judge-slows-nobody",
  quick: false,
  timeoutMs: 180_000,
  run: (rig) => slowed(rig),
  /** The same judge, asked by a call that the whole program waits for. */
  async control(rig) {
    const [judge, main] = ["scripts/accept/decisions/blocking-judge.ts", "agent/main.ts"].map((path) =>
      join(rig.root, path),
    );
    const argv = [process.execPath, "--preload", judge, main].map((word) => `'${word}'`).join(" ");
    const text = `#!/bin/sh\nCORTEX_ACCEPT_BLOCKING=1 exec ${argv} "$@"\n`;
    return slowed(rig, rig.file("blocking", text, 0o700));
  },
};
export default [scenario, latency];
