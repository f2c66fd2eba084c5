/**
 * `bun run accept [AREA] [--only NAME] [--quick] [--list] [--control] [--binary PATH]`: the built program does on this
 * machine, in real time, what the documents promise. One line per scenario: `ok loop kill-and-repair  median 0.3 s …` or
 * `FAIL loop kill-and-repair  why`; exit 1 on any FAIL. `--control` runs each test with its guard off: those must FAIL.
 */
import { parseArgs } from "node:util";
import { fail } from "../lib/say.ts";
import { createBinaries } from "./lib/binaries.ts";
import { type Listed, listScenarios } from "./lib/catalogue.ts";
import { isFailed } from "./lib/ensure.ts";
import { missingPackages } from "./lib/packages.ts";
import { createRig, type OwnedRig } from "./lib/rig.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    control: { type: "boolean", default: false },
    binary: { type: "string" },
  },
});

const all = await listScenarios();
const wanted = all
  .filter(({ area }) => positionals.length === 0 || positionals.includes(area))
  .filter(({ scenario }) => values.only === undefined || scenario.name === values.only)
  .filter(({ scenario }) => !values.quick || scenario.quick)
  .filter(({ scenario }) => !values.control || scenario.control !== undefined);
if (wanted.length === 0) fail("no scenario fits; `bun run accept --list` names them all.");

if (values.list) {
  for (const { area, scenario } of wanted)
    process.stdout.write(
      `${area} ${scenario.name}  ${scenario.quick ? "quick" : "long"}, control: ${scenario.control ? "yes" : "no"}\n`,
    );
  process.exit(0);
}

let current: OwnedRig | null = null;
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    const done = () => process.exit(130);
    if (current === null) done();
    else void current.dispose().finally(done);
  });

const binary = createBinaries(values.binary);
// A build is nobody's measured time.
await binary(false).catch((error: unknown) => fail(messageOf(error)));

let bad = 0;
for (const one of wanted) if (!(await runOne(one))) bad += 1;
process.exit(bad > 0 ? 1 : 0);

/** Run one and print its line; whether it went as it should. */
async function runOne({ area, scenario }: Listed): Promise<boolean> {
  const label = `${area} ${scenario.name}`;
  const rig = createRig({ label, quick: values.quick, binary });
  current = rig;
  try {
    const missing = await missingPackages(scenario.needs ?? []);
    if (missing !== null) throw new Error(missing);
    const work = values.control ? scenario.control!(rig) : scenario.run(rig);
    const figure = await inTime(work, scenario.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    print("ok", label, figure);
    return !values.control;
  } catch (error) {
    const expected = values.control && isFailed(error);
    // A control that breaks before it can judge shows nothing.
    print(values.control && !expected ? "BROKEN" : "FAIL", label, messageOf(error));
    if (!expected) process.stderr.write(`${stackOf(error)}${rig.details()}\n`);
    return expected;
  } finally {
    await rig.dispose();
    current = null;
  }
}

async function inTime(work: Promise<string>, timeoutMs: number): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`no end within ${(timeoutMs / 1000).toFixed(0)} s`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // What goes on in a scenario that is over fails, and that is nobody's news.
    work.catch(() => undefined);
  }
}

function print(verdict: string, label: string, text: string): void {
  process.stdout.write(`${verdict} ${label}  ${text.replaceAll(/\s*\n\s*/g, " · ")}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return isFailed(error) || !(error instanceof Error) ? "" : `${error.stack ?? ""}\n`;
}
