import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService, repairs } from "../loop/one-repair.ts";
import {
  decisionOf,
  ensureCard,
  ensureL3,
  intentOf,
  intentReaches,
  startCritical,
  waiting,
  type Waiting,
  type WaitingOptions,
} from "./waiting.ts";

type Approve = (cortex: Cortex, id: string) => Promise<string>;

const byCommand: Approve = async (cortex, id) => {
  const shown = await cortex.cli("decisions", "show", id);
  ensure(shown.stdout.includes("plan: start"), `cortex decisions show says: ${shown.stdout}`);
  const ran = await cortex.cli("decisions", "approve", id, "--reason", "seen");
  ensureEqual(ran.code, 0, `cortex decisions approve (${ran.stderr.trim()})`);
  return "local";
};

const byApi: Approve = async (cortex, id) => {
  const key = await cortex.key("operator");
  const body = { verdict: "approve", reason: "seen" };
  const answer = await cortex.api("POST", `decisions/${id}/verdict`, body, { key });
  ensureEqual(answer.status, 200, `verdict (${answer.text})`);
  return "key:accept-operator";
};

async function approved(rig: Rig, approve: Approve): Promise<number> {
  const { cortex, port, decision } = await waiting(rig);
  ensureCard(decision);
  await ensureLeftAlone(cortex, port, 2000, "nobody decided");
  const at = now();
  const who = await approve(cortex, decision.id);
  const servedMs = (await serving(port)) - at;
  await intentReaches(cortex, decision, "verified");
  const after = await decisionOf(cortex, decision.id);
  ensureEqual(
    [after.state, after.delivery?.state],
    ["approved", "told"],
    "state and delivery of the decision",
  );
  ensureEqual(after.voices.at(-1)?.by, who, "whose word it was");
  const all = await repairs(cortex);
  ensureEqual(
    all.map((one) => one.outcome.filter(({ step }) => step === "apply").length),
    [1],
    "how often it was applied",
  );
  const intent = await intentOf(cortex, decision);
  ensure(
    intent.decisions.some(({ verdict, decider }) => verdict === "allow" && decider !== "policy"),
    "the node's ledger does not say who approved",
  );
  const verified = await cortex.cli("intents", "verify");
  ensureEqual(verified.code, 0, `intents verify (${verified.stdout.trim()})`);
  return servedMs;
}

async function refused(
  rig: Rig,
  end: (one: Waiting) => Promise<string>,
  options: WaitingOptions = {},
): Promise<void> {
  const one = await waiting(rig, options);
  const state = await end(one);
  await ensureLeftAlone(one.cortex, one.port, 4000, `it was ${state}`);
  await intentReaches(one.cortex, one.decision, state);
  ensureEqual((await decisionOf(one.cortex, one.decision.id)).state, state, "state of the decision");
  await ensureL3(one.cortex, one.decision);
}

const reject = async ({ cortex, decision }: Waiting): Promise<string> => {
  const ran = await cortex.cli("decisions", "reject", decision.id, "--reason", "we move it tonight");
  ensureEqual(ran.code, 0, `cortex decisions reject (${ran.stderr.trim()})`);
  return "rejected";
};

const expire = async ({ cortex, decision }: Waiting): Promise<string> => {
  await intentReaches(cortex, decision, "expired", 20_000);
  const late = await cortex.cli("decisions", "approve", decision.id);
  ensure(late.code !== 0, "an expired decision could be approved");
  return "expired";
};

const scenario: Scenario = {
  name: "three-ways",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T26"],
  async run(rig) {
    const command = await approved(rig, byCommand);
    const api = await approved(rig, byApi);
    await refused(rig, reject);
    await refused(rig, expire, { policy: { proposal_ttl: "8s" } });
    return `approved by command and by API: serving ${inTime(command)} and ${inTime(api)} after the yes, applied once each, verified; rejected and expired: not run, L3`;
  },
  /** The tag is what asks for a decision: without it nobody waits. */
  async control(rig) {
    const { cortex, port } = await startCritical(rig, { tags: [] });
    await killService(port);
    await serving(port);
    await ensureLeftAlone(cortex, port, 2000, "nobody decided");
    return "nobody decided";
  },
};
export default scenario;
