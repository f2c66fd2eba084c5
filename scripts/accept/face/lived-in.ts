/** A Cortex that people have worked with: decisions that wait and that were given, nodes that joined, a policy, people, tokens, backups. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { intentReaches, pendingDecision } from "../decisions/waiting.ts";
import { shopPackage } from "../decisions/package-rollback.ts";
import { joinMachine, LIVELY } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { demoService, serving, WIDE_BUDGETS } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import { ADMIN, FACE_CONFIG } from "./browser.ts";

export interface LivedIn {
  cortex: Cortex;
  /** Waits, of medium risk: one person is enough. */
  medium: DecisionItem;
  /** Waits, of high risk, for two people. */
  high: DecisionItem;
  /** Ids of a node that reports, and of one that was revoked. */
  edge: string;
  gone: string;
}

const VERDICTS = 3;
/** After this, what people decided is offered as autonomy and as a rule. */
const EARNS = { autonomy_after: VERDICTS, autonomy_bound: 0.4, learn_after: VERDICTS };

const POLICY = `version: 1
rules:
  # What was installed together goes back together.
  - id: packages-need-two
    when: { repair: package.* }
    verdict: human
    people: 2
  - id: web-at-night
    when: { repair: unit.restart, group: web, hours: "22:00-06:00" }
    verdict: allow
    reason: nobody shops at night
    expires: "2030-03-31T00:00:00Z"
  - id: judge-may-reload
    when: { repair: unit.reload, class: [R1, R2] }
    verdict: human
    llm_may_decide: true
  - id: never-the-database
    when: { label: { role: database } }
    verdict: deny
`;

/** \`options.language\` of nothing: what the host says is English. */
export async function liveIn(rig: Rig): Promise<LivedIn> {
  const port = await rig.port();
  const shop = await shopPackage(rig, "shop", false);
  await shop.install("1:1.4-1");
  const cortex = await rig.cortex({
    config: {
      ...FACE_CONFIG,
      // Who did not prove a moment ago who they are is asked again, which is to be seen.
      server: { ...FACE_CONFIG.server, session_recent: "1s" },
      ...WIDE_BUDGETS,
      engine: { ...WIDE_BUDGETS.engine, boot_grace: "0s" },
      policy: { ...WIDE_BUDGETS.policy, ...EARNS, boot_guard: "0s" },
      link: { report: "1s", heartbeat: "2s" },
      node: { name: "db-1.example.net", group: "db", labels: { site: "ams" } },
      plugins: {
        service: [{ ...demoService(port), interval: "1s", confirm: "1s", tags: ["critical"] }],
        "package-rollback": shop.declared,
      },
    },
  });
  await serving(port);
  await people(cortex);
  await verdicts(cortex, port);
  await policy(rig, cortex);
  await shop.install("1:1.5-1");
  const high = await waits(cortex, "package.rollback");
  await killService(port);
  const medium = await waits(cortex, "service.start");
  const { edge, gone } = await nodes(rig, cortex);
  for (const words of [
    ["ask", "unit.restart", "--scope", "group:db"],
    ["shadow", "mount.start", "--scope", "*"],
  ]) {
    const set = await cortex.cli("autonomy", ...words, "--reason", "until the move to the new racks is over");
    ensureEqual(set.code, 0, `autonomy ${words.join(" ")} (${set.stderr.trim()})`);
  }
  ensureEqual((await cortex.cli("backup")).code, 0, "backup");
  return { cortex, medium, high, edge, gone };
}

const waits = (cortex: Cortex, repair: string): Promise<DecisionItem> =>
  until(
    async () => {
      const { json } = await cortex.api<{ items: DecisionItem[] }>("GET", "decisions?state=pending");
      return json.items.find((one) => one.repair === repair && one.voices.length > 0) ?? null;
    },
    { what: `a decision about ${repair} waits`, timeoutMs: 30_000, everyMs: 100 },
  );

/** Killed, asked about, approved, over and over. */
async function verdicts(cortex: Cortex, port: number): Promise<void> {
  for (let time = 0; time < VERDICTS; time += 1) {
    await killService(port);
    const decision = await pendingDecision(cortex);
    const said = await cortex.cli(
      "decisions",
      "approve",
      decision.id,
      "--reason",
      "nobody is logged in there",
    );
    ensureEqual(said.code, 0, `approve (${said.stderr.trim()})`);
    await serving(port);
    await intentReaches(cortex, decision, "verified");
  }
}

async function policy(rig: Rig, cortex: Cortex): Promise<void> {
  const path = join(rig.folder, "policy.yaml");
  for (const [text, note] of [
    [POLICY.replace("    people: 2\n", ""), "what we agreed on in spring"],
    [POLICY, "two people for packages, after the update of May"],
  ] as const) {
    writeFileSync(path, text);
    const saved = await cortex.cli("policy", "save", path, "--note", note);
    ensure(saved.code === 0, `policy save: ${saved.stderr.trim()}`);
  }
}

async function people(cortex: Cortex): Promise<void> {
  const bo = { name: "bo", password: ADMIN.password, grants: [{ role: "operator", scope: "group:web" }] };
  const vera = {
    name: "vera.van.den.berg",
    password: ADMIN.password,
    grants: [
      { role: "viewer", scope: "*" },
      { role: "operator", scope: "label:site=ams" },
    ],
  };
  for (const one of [bo, vera]) ensureEqual((await cortex.api("POST", "users", one)).status, 201, one.name);
  const key = { name: "grafana", grants: [{ role: "viewer", scope: "*" }], addresses: ["192.0.2.0/24"] };
  ensureEqual((await cortex.api("POST", "keys", key)).status, 201, "key");
}

/** One that is in, one that waits, one that was thrown out; and tokens that nobody has used. */
async function nodes(rig: Rig, cortex: Cortex): Promise<{ edge: string; gone: string }> {
  const auto = { token: ["--auto-approve"], config: LIVELY };
  const edge = await joinMachine(rig, cortex, { name: "edge-1.example.net", ...auto });
  edge.start();
  await joinMachine(rig, cortex, { name: "edge-2.example.net", config: LIVELY });
  const gone = await joinMachine(rig, cortex, { name: "edge-3.example.net", ...auto });
  const reason = "the machine was stolen from the van on its way to the data centre";
  ensureEqual((await cortex.api("POST", `nodes/${gone.id}/revoke`, { reason })).status, 200, "revoke");
  for (const more of [
    ["--group", "web", "--uses", "20", "--auto-approve"],
    ["--name", "edge-9.example.net"],
  ]) {
    const made = await cortex.cli("token", "create", "--address", cortex.url, ...more);
    ensureEqual(made.code, 0, `token create (${made.stderr.trim()})`);
  }
  const state = async () => (await cortex.api<{ state: string }>("GET", `nodes/${edge.id}`)).json.state;
  await until(async () => ["online", "degraded"].includes(await state()), {
    what: "edge-1 is online",
    timeoutMs: 30_000,
    everyMs: 200,
  });
  return { edge: edge.id, gone: gone.id };
}
