/** A declared service that nobody starts without a decision, and the decision that waits after it died. */
import type { DecisionItem, IntentItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex, CortexOptions } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { demoService, serving, WIDE_BUDGETS } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";

export interface Waiting {
  cortex: Cortex;
  port: number;
  decision: DecisionItem;
}

export interface WaitingOptions extends Omit<CortexOptions, "config"> {
  tags?: string[];
  policy?: object;
  node?: object;
  plugins?: object;
  more?: object;
  /** What the service is started with; default Python's web server. */
  start?: (port: number) => string[];
  /** Declared services beside it. */
  services?: object[];
}

/** Tags, and budgets as small as the order of events allows. */
export async function startCritical(
  rig: Rig,
  options: WaitingOptions = {},
): Promise<Omit<Waiting, "decision">> {
  const {
    tags = ["critical"],
    policy = {},
    node = {},
    plugins = {},
    more = {},
    start,
    services = [],
    ...rest
  } = options;
  const port = await rig.port();
  const service = {
    ...demoService(port),
    interval: "1s",
    confirm: "1s",
    tags,
    ...(start === undefined ? {} : { start: start(port) }),
  };
  const cortex = await rig.cortex({
    ...rest,
    config: {
      version: 1,
      ...WIDE_BUDGETS,
      ...more,
      node,
      link: { report: "1s", heartbeat: "2s" },
      policy: { ...WIDE_BUDGETS.policy, ...policy },
      plugins: { service: [service, ...services], ...plugins },
    },
  });
  await serving(port);
  return { cortex, port };
}

export async function waiting(rig: Rig, options: WaitingOptions = {}): Promise<Waiting> {
  const { cortex, port } = await startCritical(rig, options);
  await killService(port);
  return { cortex, port, decision: await pendingDecision(cortex) };
}

/** The decision that waits, once its gate and rules have spoken and no judge is being asked. */
export const pendingDecision = (cortex: Cortex, timeoutMs = 15_000): Promise<DecisionItem> =>
  until(
    async () => {
      const { items } = await decisionsOf(cortex, "?state=pending");
      return items.find(({ voices, judging }) => voices.length > 0 && !judging) ?? null;
    },
    { what: "a decision waits", timeoutMs, everyMs: 50 },
  );

export async function decisionsOf(cortex: Cortex, query = ""): Promise<{ items: DecisionItem[] }> {
  const { json } = await cortex.api<{ items: DecisionItem[] }>("GET", `decisions${query}`);
  return json;
}

export async function decisionOf(cortex: Cortex, id: string): Promise<DecisionItem> {
  const { status, json } = await cortex.api<DecisionItem>("GET", `decisions/${id}`);
  ensureEqual(status, 200, "GET decision");
  return json;
}

export const intentOf = async (cortex: Cortex, { intent }: DecisionItem): Promise<IntentItem> =>
  (await cortex.api<IntentItem>("GET", `intents/${intent!.id}`)).json;

export const intentReaches = (cortex: Cortex, decision: DecisionItem, state: string, timeoutMs = 15_000) =>
  until(async () => (await intentOf(cortex, decision)).state === state, {
    what: `the intent is ${state}`,
    timeoutMs,
    everyMs: 50,
  });

/** The card has what a person needs, and would approve nothing else than what runs. */
export function ensureCard({ intent, plan, risk, blastRadius, voices, problem }: DecisionItem): void {
  ensure(intent?.hash?.length === 64, "the card has no hash that an approval could bind");
  ensure((plan?.changes.length ?? 0) > 0 && (plan?.effects?.length ?? 0) > 0, "the card has no plan");
  ensure(problem !== null && problem.summary !== "", "the card has no problem");
  ensure(voices.length > 0, "the card says nothing of what the gate and the rules made of it");
  ensure(["low", "medium", "high"].includes(risk), `risk is ${risk}`);
  ensureEqual(blastRadius.nodes.length, 1, "nodes in the blast radius");
}

export async function ensureL3(cortex: Cortex, { problem }: DecisionItem): Promise<void> {
  const now = (await cortex.api<ProblemItem>("GET", `problems/${problem!.id}`)).json;
  ensureEqual([now.state, now.level], ["open", "L3"], "state and level of the problem");
}
