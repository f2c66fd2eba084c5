/** A policy tried against what people decided: it is told what it would have allowed that a person rejected. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BacktestResult } from "../../../core/http/types.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { intentReaches, waiting } from "./waiting.ts";

const policy = (verdict: string) =>
  `version: 1\nrules:\n  - id: start-services\n    when: { repair: service.* }\n    verdict: ${verdict}\n`;

/** `verdict` is the person's; what is tested holds only after a no. */
async function scene(rig: Rig, verdict: "approve" | "reject"): Promise<string> {
  const { cortex, decision } = await waiting(rig);
  const said = await cortex.cli("decisions", verdict, decision.id);
  ensureEqual(said.code, 0, `decisions ${verdict} (${said.stderr.trim()})`);
  await intentReaches(cortex, decision, verdict === "reject" ? "rejected" : "verified");
  const file = (name: string, text: string) => {
    const path = join(cortex.dataDir, "..", name);
    writeFileSync(path, text);
    return path;
  };
  const tried = (text: string, ...args: string[]) =>
    cortex.cli("policy", "test", file("policy.yaml", text), ...args);

  const careful = await tried(policy("human"), "--json");
  ensureEqual(careful.code, 0, "exit of a policy that asks people");
  const loose = await tried(policy("allow"), "--json");
  ensureEqual(loose.code, 1, "exit of a policy that allows what a person rejected");
  const { summary, cases } = JSON.parse(loose.stdout) as BacktestResult;
  ensureEqual(summary.findings, { rejected: 1, failed: 0, stopped: 0 }, "findings");
  ensureEqual([cases[0]?.id, cases[0]?.rule], [decision.id, "start-services"], "the case");
  const wrong = await tried(policy("perhaps"));
  ensure(
    wrong.code !== 0 && wrong.stderr.includes(":5:5 rules[0].verdict"),
    `bad file: ${wrong.stderr.trim()}`,
  );

  const version = async () => (await cortex.api<{ version: number }>("GET", "policy")).json.version;
  ensureEqual(await version(), 0, "version of the policy after trying");
  const saved = await cortex.cli("policy", "save", file("save.yaml", policy("human")), "--note", "first");
  ensureEqual([saved.code, await version()], [0, 1], `save (${saved.stderr.trim()})`);
  const stale = await cortex.cli("policy", "save", file("stale.yaml", `# version 0\n${policy("deny")}`));
  ensure(stale.code !== 0 && stale.stderr.includes("meanwhile"), `a stale save: ${stale.stderr.trim()}`);
  const diff = await cortex.cli("policy", "diff", "0", "1");
  ensure(diff.stdout.includes("+ start-services"), `diff: ${diff.stdout.trim()}`);
  return "a policy that allows what was rejected exits 1 and names the decision; trying changes nothing; a stale save is refused";
}

const scenario: Scenario = {
  name: "policy-backtest",
  quick: true,
  timeoutMs: 90_000,
  threats: ["T32"],
  run: (rig) => scene(rig, "reject"),
  control: (rig) => scene(rig, "approve"),
};
export default scenario;
