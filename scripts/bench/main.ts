/**
 * `bun run bench [ROW…] [--json] [--quick] [--list] [--binary PATH]`: what Cortex costs, beside the cheapest possible thing
 * on the same runtime (floor) and, where it is installed, beside the program that people would use instead (peer). All of
 * one row is measured in the same run, so that ratios hold on a machine that is shared; absolute times do not.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createBinaries } from "../accept/lib/binaries.ts";
import { createRig, type OwnedRig } from "../accept/lib/rig.ts";
import { fail, messageOf, say, seconds } from "../lib/say.ts";
import type { Outcome, Row } from "./row.ts";
import { death } from "./rows/death.ts";
import { gateRow } from "./rows/gate.ts";
import { history } from "./rows/history.ts";
import { idle } from "./rows/idle.ts";
import { inspectCommand } from "./rows/inspect-command.ts";
import { inspection } from "./rows/inspection.ts";
import { ledger } from "./rows/ledger.ts";
import { live } from "./rows/live.ts";
import { reads } from "./rows/reads.ts";
import { reports } from "./rows/reports.ts";
import { start } from "./rows/start.ts";
import { keepsBudget, notes, ratio, table } from "./table.ts";

const ROWS: readonly Row[] = [
  idle,
  start,
  inspection,
  inspectCommand,
  death,
  reports,
  reads,
  live,
  history,
  ledger,
  gateRow,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    binary: { type: "string" },
  },
});

const unknown = positionals.find((name) => !ROWS.some((row) => row.name === name));
if (unknown) fail(`there is no row "${unknown}"; there are ${ROWS.map((row) => row.name).join(", ")}.`);
if (values.list) {
  for (const row of ROWS) process.stdout.write(`${row.name.padEnd(16)} ${row.summary}\n`);
  process.exit(0);
}

/** Measured is a copy: the tree may be built again meanwhile. */
const folder = mkdtempSync(join(tmpdir(), "cortex-bench-"));
const copy = join(folder, "cortex");
let current: OwnedRig | null = null;
async function clean(): Promise<void> {
  await current?.dispose();
  rmSync(folder, { recursive: true, force: true });
}
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => void clean().finally(() => process.exit(130)));

try {
  mkdirSync(folder, { recursive: true });
  copyFileSync(await createBinaries(values.binary)(false), copy);
} catch (error) {
  await clean();
  fail(messageOf(error));
}

const outcomes: { row: Row; outcome: Outcome }[] = [];
let broken = 0;
for (const row of ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const startedAt = performance.now();
  const rig = createRig({ label: row.name, quick: values.quick, binary: async () => copy });
  current = rig;
  try {
    outcomes.push({ row, outcome: await row.run(rig) });
    say(`${row.name}: ${seconds(startedAt)}.`);
  } catch (error) {
    broken += 1;
    say(`${row.name} could not be measured: ${messageOf(error)}`);
    process.stderr.write(rig.details());
  } finally {
    await rig.dispose();
    current = null;
  }
}
await clean();

const figures = outcomes.flatMap(({ outcome }) => outcome.figures);
if (values.json) {
  const rows = outcomes.map(({ row, outcome }) => ({
    row: row.name,
    figures: outcome.figures.map((one) => ({ ...one, ratio: ratio(one), ok: keepsBudget(one) })),
    details: outcome.details ?? [],
  }));
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", load: loadavg() };
  process.stdout.write(
    `${JSON.stringify({ quick: values.quick, bun: Bun.version, machine, rows }, null, 2)}\n`,
  );
} else {
  const below = [...notes(figures), ...outcomes.flatMap(({ outcome }) => outcome.details ?? [])];
  process.stdout.write(`${table(figures)}\n${below.map((line) => `${line}\n`).join("")}`);
}
process.exit(broken > 0 ? 1 : 0);
