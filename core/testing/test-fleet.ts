/** A Monitor with two nodes in two parts of the tree, each with one of everything, for tests of who may see and do what. */
import type { Grant } from "cortex";
import type { CommandResult } from "../wire/command.ts";
import { createTestApi, NODE_A, NODE_B } from "./test-api.ts";
import {
  sampleCheck,
  sampleHeartbeat,
  sampleInspection,
  sampleIntent,
  sampleInventory,
  samplePlugin,
  sampleProblem,
  sampleRepair,
  sampleReport,
} from "./wire-samples.ts";

export const PROPOSED = "0199f000-0000-7000-8000-0000000000aa";

/** Answers of a node that make every command succeed. */
export function goodAnswer(type: string): CommandResult {
  if (type === "ledger.verify") return { ok: true, data: { ok: true, entries: 2, firstBroken: null } };
  if (type === "ledger.export") return { ok: true, data: { entries: [{ seq: 1 }] } };
  if (type === "config.show") return { ok: true, data: { server: {} } };
  if (type === "propose") return { ok: true, data: { intent: PROPOSED, state: "proposed" } };
  if (type === "evidence.get") return { ok: true, data: { id: "x", problemId: "y", parts: {} } };
  return { ok: true };
}

export type TestFleet = Awaited<ReturnType<typeof createTestFleet>>;

/** `web` on node A and `db` on node B, each with one of everything; a caller for each part and for the whole. */
export async function createTestFleet() {
  const api = createTestApi();
  const now = api.clock.now();
  const ids = new Map<
    string,
    Record<"problem" | "intent" | "window" | "evidence" | "waiting" | "decision", string>
  >();
  for (const [node, group] of [
    [NODE_A, "web"],
    [NODE_B, "db"],
  ] as const) {
    const window = {
      id: crypto.randomUUID(),
      check: "*",
      target: "*",
      from: new Date(now).toISOString(),
      until: new Date(now + 60_000).toISOString(),
      reason: "x",
      actor: "local",
    };
    const problem = sampleProblem(now);
    const intent = sampleIntent(now);
    const waiting = {
      ...sampleIntent(now),
      id: crypto.randomUUID(),
      state: "proposed" as const,
      level: "L2" as const,
    };
    ids.set(node, {
      problem: problem.id,
      intent: intent.id,
      window: window.id,
      evidence: crypto.randomUUID(),
      waiting: waiting.id,
      decision: "",
    });
    const link = api.connect(node, ({ type }) => goodAnswer(type));
    await link.tell(
      {
        type: "inventory",
        body: sampleInventory({
          name: group,
          group,
          labels: { site: group },
          checks: [sampleCheck({ id: `${group}_check`, name: `${group}_check` })],
          maintenance: [window],
          repairs: [sampleRepair()],
          plugins: [samplePlugin()],
        }),
      },
      { type: "heartbeat", body: sampleHeartbeat(now, { repairs: group === "web" }) },
      { type: "problem", body: problem },
      { type: "intent", body: intent },
      { type: "intent", body: waiting },
      { type: "inspection", body: sampleInspection(now) },
      { type: "report", body: sampleReport(now) },
    );
    ids.get(node)!.decision = api.store.decisions.ofIntent(node, waiting.id)!.id;
  }
  const key = (...grants: Grant[]) => api.createKey("admin", undefined, grants);
  return {
    api,
    ids,
    key,
    whole: await key({ role: "admin", scope: "*" }),
    web: await key({ role: "admin", scope: "group:web" }),
  };
}

/** Every route that takes an id of the fleet, by operation: a call with the id of a node, and of what is on it. */
export const CALLS_WITH_IDS: Record<
  string,
  (ids: Record<string, string>, node: string) => [string, string, unknown?]
> = {
  getNode: (_, node) => ["GET", `nodes/${node}`],
  getNodeMetrics: (_, node) => ["GET", `nodes/${node}/metrics`],
  getProblem: ({ problem }) => ["GET", `problems/${problem}`],
  retryRepair: ({ problem }) => ["POST", `problems/${problem}/retry`, {}],
  proposeRepair: ({ problem }) => ["POST", `problems/${problem}/propose`, {}],
  getIntent: ({ intent }) => ["GET", `intents/${intent}`],
  verifyLedgers: (_, node) => ["GET", `intents/verify?node=${node}`],
  exportLedger: (_, node) => ["GET", `intents/export?node=${node}`],
  requestDecision: ({ waiting }, node) => ["POST", "decisions/request", { node, intent: waiting }],
  getDecision: ({ decision }) => ["GET", `decisions/${decision}`],
  giveVerdict: ({ decision }) => ["POST", `decisions/${decision}/verdict`, { verdict: "approve" }],
  getEvidence: ({ evidence }, node) => ["GET", `evidence/${evidence}?node=${node}`],
  getConfig: (_, node) => ["GET", `config?node=${node}`],
  reloadConfig: (_, node) => ["POST", "config/reload", { node }],
  addEntry: (_, node) => ["POST", "intents", { node, kind: "note", summary: "x" }],
  runCheck: ({ check }, node) => ["POST", `checks/${check}/run`, { node }],
  pauseCheck: ({ check }, node) => ["POST", `checks/${check}/pause`, { node }],
  resumeCheck: ({ check }, node) => ["POST", `checks/${check}/resume`, { node }],
  inspect: (_, node) => ["POST", "inspections", { node }],
  addMaintenance: (_, node) => [
    "POST",
    "maintenance",
    { node, check: "*", target: "*", until: "2100-01-01T00:00:00.000Z", reason: "x" },
  ],
  removeMaintenance: ({ window }, node) => ["DELETE", `maintenance/${window}?node=${node}`],
  getNodeIdentity: (_, node) => ["GET", `nodes/${node}/identity`],
  approveNode: (_, node) => ["POST", `nodes/${node}/approve`, {}],
  rejectNode: (_, node) => ["POST", `nodes/${node}/reject`],
  revokeNode: (_, node) => ["POST", `nodes/${node}/revoke`, { reason: "x" }],
  releaseNode: (_, node) => ["POST", `nodes/${node}/release`],
  rotateNodeKey: (_, node) => ["POST", `nodes/${node}/rotate`],
  switchRepairs: (_, node) => ["POST", "settings/switch", { node, repairs: false, reason: "x" }],
};
