/** Whatever is edited, deleted or swapped in the ledger, `cortex intents verify` names the entry and exits with 1. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { median } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving } from "./demo.ts";
import { killAndWait, repairs } from "./one-repair.ts";
import { createChoice } from "./choice.ts";
import { ACTS, asSql, rewrite, type Row, ROWS_SQL, type Tampering } from "./tampering.ts";

const SEED = 20_261_122;
const FAST = {
  engine: { flap_start: 1 },
  verify: { stable: "500ms", watch: "0s", interval: "250ms" },
  breaker: { waits: ["0s"] },
  policy: { cooldown: "0s", healed_count: 1000 },
};

interface Verdict {
  /** Number of the first broken entry; null when nothing was found. */
  named: number | null;
  what: string;
}

/** Judges a copy of the data folder. */
type Verify = (dataDir: string) => Promise<Verdict>;

/** A data folder as a run leaves it: repairs, notes, switches, and checkpoints of two starts. */
async function produce(rig: Rig): Promise<string> {
  const port = await rig.port();
  const cortex = await rig.cortex({ config: { ...FAST, plugins: { service: [demoService(port)] } } });
  await serving(port);
  for (const kills of [1, 2]) {
    await killAndWait(port);
    await until(
      async () => (await repairs(cortex)).filter((one) => one.state === "verified").length === kills,
      { what: `${kills} repairs are verified`, timeoutMs: 15_000 },
    );
    for (const summary of ["deploy 1.2", "deploy 1.3"])
      ensureEqual(
        (await cortex.api("POST", "intents", { kind: "milestone", summary })).status,
        201,
        "POST intents",
      );
    for (const turned of [false, true])
      await cortex.api("POST", "settings/switch", { repairs: turned, reason: "acceptance" });
    await cortex.restart();
    await serving(port);
  }
  await cortex.stop();
  // Only there so that a full disk can be helped; copying it two hundred times proves nothing.
  rmSync(join(cortex.dataDir, "ballast"), { force: true });
  return cortex.dataDir;
}

async function sqlite(rig: Rig, file: string, ...words: string[]): Promise<string> {
  const ran = await rig.run([
    "/usr/bin/sqlite3",
    "-batch",
    "-bail",
    ...words.slice(0, -1),
    file,
    words.at(-1)!,
  ]);
  ensureEqual([ran.code, ran.stderr], [0, ""], "sqlite3");
  return ran.stdout;
}

/** What `cortex intents verify` says; that its exit code and its words agree is part of it. */
const byCortex =
  (rig: Rig): Verify =>
  async (dataDir) => {
    const argv = [await rig.binary(), "intents", "verify", "--json", "--data-dir", dataDir];
    const ran = await rig.run(argv, { env: { PATH: "/usr/bin:/bin", HOME: rig.folder } });
    ensure(ran.code === 0 || ran.code === 1, `intents verify ended with ${ran.code}: ${ran.stderr.trim()}`);
    const answer = JSON.parse(ran.stdout) as {
      ok: boolean;
      firstBroken: { origin: string; seq: number; reason: string } | null;
    };
    ensureEqual(answer.ok, ran.code === 0, "ok, beside the exit code");
    const broken = answer.firstBroken;
    ensureEqual(broken === null, answer.ok, "firstBroken is null, beside ok");
    if (broken !== null)
      ensure(broken.origin.startsWith("n_"), `entry of ${broken.origin} named, not of the node`);
    return { named: broken?.seq ?? null, what: broken?.reason ?? "" };
  };

/** What one could check without a chain of hashes: as many entries as the highest number says. */
const byCounting =
  (rig: Rig): Verify =>
  async (dataDir) => {
    const sql = "SELECT count(*) = max(seq) AND min(seq) = 1 FROM ledger;";
    const said = await sqlite(rig, join(dataDir, "agent.db"), sql);
    return { named: said.trim() === "1" ? null : 1, what: "numbers with gaps" };
  };

async function tamper(rig: Rig, pristine: string, tampering: Tampering, verify: Verify): Promise<Verdict> {
  const copy = join(rig.folder, "copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(pristine, copy, { recursive: true });
  await sqlite(rig, join(copy, "agent.db"), asSql(tampering));
  return verify(copy);
}

async function scenarioWith(rig: Rig, verify: Verify): Promise<string> {
  const pristine = await produce(rig);
  const rows = JSON.parse(await sqlite(rig, join(pristine, "agent.db"), "-json", ROWS_SQL)) as Row[];
  ensure(rows.length >= 12, `only ${rows.length} entries to tamper with`);
  ensureEqual(
    rows.map((row) => row.seq),
    rows.map((_, index) => index + 1),
    "numbers of the entries",
  );
  ensureEqual((await verify(pristine)).named, null, "verdict on the untouched folder");
  ensure(existsSync(join(pristine, "checkpoints.log")), "there is no checkpoints.log");

  const choice = createChoice(SEED);
  const count = rig.quick ? 40 : 200;
  const unnoticed: string[] = [];
  const misnamed: string[] = [];
  const tookMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const act = ACTS[index % ACTS.length]!(rows, choice);
    const began = performance.now();
    const { named, what } = await tamper(rig, pristine, act, verify);
    tookMs.push(performance.now() - began);
    if (named === null) unnoticed.push(act.what);
    else if (named !== act.seq && named !== act.seq + 1) misnamed.push(`${act.what}: ${named} (${what})`);
    if (index % 50 === 49) rig.say(`${index + 1} of ${count}`);
  }
  ensure(
    unnoticed.length === 0,
    `${unnoticed.length} of ${count} went unnoticed, for example ${unnoticed.slice(0, 3).join("; ")}`,
  );
  ensure(
    misnamed.length === 0,
    `${misnamed.length} of ${count} misnamed: ${misnamed.slice(0, 3).join("; ")}`,
  );

  for (let index = 0; index < 5; index += 1) {
    const act = rewrite(rows, choice);
    const { named, what } = await tamper(rig, pristine, act, verify);
    ensure(named !== null && named >= act.seq, `${act.what}: ${named} ${what}`);
  }
  ensureEqual((await verify(pristine)).named, null, "verdict on the untouched folder at the end");
  return `${count} of ${count} named, and 5 rewritten histories; ${rows.length} entries, ${Math.round(median(tookMs))} ms each`;
}

const scenario: Scenario = {
  name: "ledger-tamper",
  quick: true,
  timeoutMs: 600_000,
  needs: ["sqlite3"],
  run: (rig) => scenarioWith(rig, byCortex(rig)),
  control: (rig) => scenarioWith(rig, byCounting(rig)),
};
export default scenario;
