/**
 * `bun run check [GATE…]`: every rule of the tree that a machine can hold. All gates run, also after a failure, and each
 * prints one line with its time; what a failed one said follows it.
 */
import { allUnits } from "./check/units.ts";
import { run } from "./lib/run.ts";
import { fail } from "./lib/say.ts";
import { sourceFiles } from "./lib/tree.ts";

interface Gate {
  name: string;
  /** Null when there is nothing it could look at. */
  argv: () => string[] | null;
  /** A program from the system's packages; without it the gate is skipped, and says so. */
  needs?: string;
}

const bun = (...args: string[]) => [process.execPath, ...args];
const bin = (name: string) => bun(`node_modules/.bin/${name}`);
const CODE = ["agent", "core", "plugins", "scripts", "ui"];

const GATES: Gate[] = [
  { name: "format", argv: () => bun("fmt", "--no-script", "--check", ...formatted()) },
  {
    name: "lint",
    argv: () => [...bin("oxlint"), "--type-aware", "--deny-warnings", "--format=unix", ...CODE],
  },
  { name: "types", argv: () => bun("check", "--no-script") },
  { name: "layers", argv: () => bun("scripts/check-layers.ts") },
  { name: "plugins", argv: () => bun("scripts/check-plugins.ts") },
  { name: "unused", argv: () => [...bin("knip"), "--no-progress"] },
  { name: "generated", argv: () => bun("scripts/gen.ts", "--check") },
  { name: "asvs", argv: () => bun("scripts/check/asvs.ts") },
  { name: "shell", needs: "shellcheck", argv: () => ["shellcheck", "install.sh", ".ci/run"] },
  { name: "units", needs: "systemd-analyze", argv: () => bun("scripts/check/units.ts", ...allUnits()) },
];

/** Prose is wrapped by its author, and the example is nothing but comments; everything else has one form. */
function formatted(): string[] {
  const folders = [...CODE, "config", "docs"];
  const own = ["package.json", "tsconfig.json", "knip.json", ".oxlintrc.json"];
  const files = sourceFiles(folders, "**/*.{ts,tsx,mjs,css,json,yaml}");
  // Golden folders of written files hold them byte for byte.
  const written = /\.example\.yaml$|^agent\/rights\/testcases\//;
  return [...files.filter((path) => !written.test(path)), ...own];
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !GATES.some((gate) => gate.name === name));
if (unknown) fail(`there is no gate "${unknown}"; there are ${GATES.map((gate) => gate.name).join(", ")}.`);

let failed = 0;
let skipped = 0;
const gates = GATES.filter((gate) => wanted.length === 0 || wanted.includes(gate.name));
for (const { name, argv, needs } of gates) {
  const startedAt = performance.now();
  const line = (verdict: string, note = "") => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${verdict.padEnd(7)} ${name.padEnd(10)} ${seconds.padStart(5)} s${note}\n`);
  };
  const command = needs && !Bun.which(needs) ? null : argv();
  if (!command) {
    skipped++;
    line("skipped", `  ${needs} is not installed`);
    continue;
  }
  const { exitCode, output } = await run(command);
  line(exitCode === 0 ? "ok" : "failed");
  if (exitCode === 0) continue;
  failed++;
  process.stdout.write(`${output.trimEnd()}\n`);
}
const rest = skipped > 0 ? `, ${skipped} skipped` : "";
process.stdout.write(`${gates.length - failed - skipped} passed, ${failed} failed${rest}\n`);
process.exit(failed > 0 ? 1 : 0);
