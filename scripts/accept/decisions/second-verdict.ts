import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { FORGETS_VERDICTS, spoilMonitor } from "../identity/spoiled-store.ts";
import { serving } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { decisionOf, intentReaches, pendingDecision, startCritical } from "./waiting.ts";

async function judge(rig: Rig, spoiled: readonly string[] = []): Promise<string> {
  const { cortex, port } = await startCritical(rig, { node: { group: "web" } });
  if (spoiled.length > 0) await spoilMonitor(cortex, spoiled);
  await serving(port);
  await killService(port);
  const decision = await pendingDecision(cortex);
  const verdict = async (key: string | null, body: unknown = { verdict: "approve" }) =>
    (await cortex.api("POST", `decisions/${decision.id}/verdict`, body, { key })).status;
  const other = await cortex.cli("key", "create", "other", "--role", "operator", "--scope", "group:db");
  ensureEqual(other.code, 0, `key of another group (${other.stderr.trim()})`);
  ensureEqual(await verdict(null), 401, "nobody");
  ensureEqual(await verdict(await cortex.key("viewer")), 403, "a viewer");
  ensureEqual(await verdict(other.stdout.trim()), 404, "an operator of another group");
  const operator = await cortex.key("operator");
  for (const body of [{}, { verdict: "yes" }, { verdict: "approve", kind: "human" }])
    ensureEqual(await verdict(operator, body), 400, `a verdict of ${JSON.stringify(body)}`);
  ensureEqual((await decisionOf(cortex, decision.id)).state, "pending", "state after all of these");

  const both = await Promise.all([verdict(operator), verdict(operator, { verdict: "reject" })]);
  ensureEqual(
    both.toSorted((a, b) => a - b),
    [200, 409],
    "two verdicts at once",
  );
  const first = (await decisionOf(cortex, decision.id)).state;
  for (const word of ["approve", "reject"])
    ensureEqual(await verdict(operator, { verdict: word }), 409, `${word} after the decision`);
  ensureEqual((await decisionOf(cortex, decision.id)).state, first, "state after later verdicts");
  await intentReaches(cortex, decision, first === "approved" ? "verified" : "rejected");
  return `401, 403, 404, 400 change nothing; of two verdicts at once one counts (${first}), all later ones 409`;
}

const scenario: Scenario = {
  name: "second-verdict",
  quick: true,
  timeoutMs: 90_000,
  threats: ["T31"],
  run: (rig) => judge(rig),
  /** On a store in which no verdict ends a decision. */
  control: (rig) => judge(rig, FORGETS_VERDICTS),
};
export default scenario;
