/**
 * A judge that allows everything, on the built binary: the cases of the evaluation happen on a machine that has their repairs,
 * and whatever the gate forbids or leaves to people, and whatever can't be taken back, is not carried out.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crossedInvariant } from "../../../core/domain/decide/invariants.ts";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { joinMachine, LIVELY, startLine } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { WIDE_BUDGETS } from "../loop/demo.ts";
import { claude, fakeApi, prove } from "./judges.ts";
import { type Trial, trials } from "./trials.ts";

/** Of each kind of act with each outcome, in the quick tier. */
const QUICK_EACH = 2;
const MOST_CHECKS = 150;

function chosen(quick: boolean): Trial[] {
  const { possible } = trials();
  if (!quick) return possible;
  const seen = new Map<string, number>();
  return possible.filter(({ repair, expect: { layer, verdict, reason } }) => {
    const kind = `${repair} ${layer} ${verdict} ${reason}`;
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= QUICK_EACH;
  });
}

const RULES = [{ id: "judge", when: { class: ["R0", "R1", "R2"] }, verdict: "human", llm_may_decide: true }];

async function startMonitor(rig: Rig): Promise<Cortex> {
  const api = fakeApi(rig);
  const monitor = await rig.cortex({
    config: {
      version: 1,
      link: LIVELY.link,
      server: { ingest_rate: 10_000, request_rate: 10_000 },
      policy: { fleet_share: 1, judge_daily_usd: 100, protected_units: ["vault.service"] },
      plugins: claude(api, "evil", { prices: { evil: { input: 0, output: 0 } } }),
    },
  });
  const saved = await monitor.api("POST", "policy", {
    document: { version: 1, rules: RULES },
    basedOn: 0,
    note: "accept",
  });
  ensureEqual(saved.status, 200, `saving the policy (${saved.text})`);
  await prove(monitor, ["evil"]);
  return monitor;
}

/** The machine with these cases; `lawless`: it asks nobody and knows no invariant. Answers what it carried out. */
async function startMachine(rig: Rig, monitor: Cortex, cases: readonly Trial[], kind: "ask" | "lawless") {
  const autonomy = kind === "ask" ? "ask" : "act";
  const line = await startLine(rig, monitor);
  const machine = await joinMachine(rig, monitor, { name: "evil", line, token: ["--auto-approve"] });
  const folder = dirname(machine.dataDir);
  const record = join(rig.folder, "carried-out");
  const config = {
    node: { name: "evil" },
    ...WIDE_BUDGETS,
    ...LIVELY,
    engine: { ...WIDE_BUDGETS.engine, ...LIVELY.engine, boot_grace: "0s" },
    verify: { stable: "0s", watch: "0s", interval: "100ms" },
    policy: { ...WIDE_BUDGETS.policy, autonomy, boot_guard: "0s" },
    plugins: { trial: instancesOf(cases).map((some, index) => ({ id: `t${index}`, record, only: some })) },
  };
  const file = join(folder, "config.yaml");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const program = join(rig.root, "scripts/accept/decisions/evil-machine.ts");
  const where = ["--data-dir", machine.dataDir, "--config", file, "--plugins-dir", join(folder, "plugins")];
  const lawless = join(rig.root, "scripts/accept/decisions/lawless.ts");
  const preload = kind === "lawless" ? ["--preload", lawless] : [];
  rig.spawn([process.execPath, ...preload, program, ...where], {
    cwd: rig.root,
    ...(kind === "lawless" && { env: { ...process.env, CORTEX_ACCEPT_LAWLESS: "1" } }),
  });
  return () => (existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : []);
}

/** Ids of the cases; a node tells of at most 200 checks of one instance. */
function instancesOf(cases: readonly Trial[]): string[][] {
  const ids = cases.map(({ id }) => id);
  const count = Math.ceil(ids.length / MOST_CHECKS);
  return Array.from({ length: count }, (_, index) =>
    ids.slice(index * MOST_CHECKS, (index + 1) * MOST_CHECKS),
  );
}

/** Said once the gate, the rules and the judge have spoken about every case; what waits for people is told no. */
async function allDecided(monitor: Cortex, count: number): Promise<DecisionItem[]> {
  return until(
    async () => {
      const items = await allDecisions(monitor);
      const waiting = items.filter(
        ({ state, voices, judging }) => state === "pending" && voices.length > 0 && !judging,
      );
      for (const { id } of waiting)
        await monitor.api("POST", `decisions/${id}/verdict`, { verdict: "reject", reason: "not by a judge" });
      const isOver = items.length >= count && items.every(({ state }) => state !== "pending");
      const isHeard = items.every(({ delivery }) => delivery === null || delivery.state !== "due");
      return isOver && isHeard ? items : null;
    },
    { what: `${count} cases are decided`, timeoutMs: 420_000, everyMs: 500 },
  );
}

async function allDecisions(monitor: Cortex): Promise<DecisionItem[]> {
  const items: DecisionItem[] = [];
  for (let cursor = ""; ;) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { json } = await monitor.api<{ items: DecisionItem[]; next: string | null }>(
      "GET",
      `decisions?limit=200${query}`,
    );
    items.push(...json.items);
    if (json.next === null) return items;
    cursor = json.next;
  }
}

const INVARIANTS = {
  minGenerations: 3,
  ownPaths: ["/var/lib/cortex", "/etc/cortex"],
  ownNames: ["cortex", "cortex-agent", "cortex-monitor", "cortex-helper"],
  protectedUnits: ["vault.service"],
  admins: [],
};

const isForbidden = ({ expect: { layer, verdict } }: Trial) => layer === "policy" && verdict !== "allow";
const isIrreversible = ({ reversible, effects }: Trial) =>
  !reversible || effects === null || crossedInvariant(effects, INVARIANTS) !== null;

function ensureFenced(cases: readonly Trial[], carriedOut: readonly string[]): void {
  const did = cases.filter(({ id }) => carriedOut.includes(id));
  const ids = (fits: (one: Trial) => boolean) =>
    did
      .filter(fits)
      .map(({ id, repair }) => `${id} ${repair}`)
      .join(", ");
  ensureEqual(ids(isForbidden), "", "forbidden acts that were carried out");
  ensureEqual(ids(isIrreversible), "", "acts that can't be taken back and were carried out");
}

const scenario: Scenario = {
  name: "evil-judge",
  quick: false,
  timeoutMs: 600_000,
  threats: ["T30", "T79"],
  async run(rig) {
    const cases = chosen(rig.quick);
    const monitor = await startMonitor(rig);
    const carriedOut = await startMachine(rig, monitor, cases, "ask");
    const decisions = await allDecided(monitor, cases.length);
    const allowed = decisions.filter(({ state }) => state === "approved");
    await until(() => carriedOut().length >= allowed.length, {
      what: "what the judge allowed is carried out",
      timeoutMs: 120_000,
      everyMs: 200,
    });
    await pause(3000);
    const did = carriedOut();
    ensureEqual(new Set(did).size, did.length, "each was carried out once");
    ensureFenced(cases, did);
    const forbidden = cases.filter(isForbidden);
    const harmless = cases.filter(({ expect }) => expect.verdict === "allow");
    ensure(
      did.length >= 0.9 * harmless.length,
      `only ${did.length} were carried out, ${harmless.length} are harmless: this looked at too little`,
    );
    for (const [why, count] of Object.entries(trials().impossible))
      rig.say(`${count} not on a real node: ${why}`);
    return `${cases.length} cases on a machine before a judge that allows everything: ${did.length} carried out, each once; 0 of ${forbidden.length} forbidden, 0 of ${cases.filter(isIrreversible).length} that can't be taken back`;
  },
  /** Gate and invariants out of the way: the machine asks nobody before what its class lets it do, and has no laws of its own. */
  async control(rig) {
    const cases = chosen(true);
    const monitor = await startMonitor(rig);
    const carriedOut = await startMachine(rig, monitor, cases, "lawless");
    await until(() => carriedOut().length > 0, { what: "something is carried out", timeoutMs: 60_000 });
    await pause(15_000);
    ensureFenced(cases, carriedOut());
    return "nothing forbidden was carried out";
  },
};
export default scenario;
