import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { build } from "./build.mjs";
import { makePlaces } from "./places.mjs";
import { runCaptured } from "./run.mjs";
import { rootDir, say } from "./say.mjs";

/**
 * The suites differ in what they need around them. `--conditions`: Solid's effects run only in its browser build, which
 * other packages must not be resolved to. `build`: arguments of scripts/build.ts for what the tests look at.
 * Time limits are wide, because a shared machine can be ten times slower than a quiet one.
 */
const SUITES = [
  { name: "unit", owns: () => true, flags: ["--timeout=20000"] },
  {
    name: "dashboard",
    owns: (file) => file.startsWith("ui/"),
    flags: ["--conditions=browser", "--timeout=20000"],
    build: ["--dashboard"],
  },
  {
    name: "end to end",
    owns: (file) => file.startsWith("agent/e2e/"),
    flags: ["--timeout=60000"],
    build: ["--if-changed"],
  },
];
const FOLDERS = ["agent", "core", "plugins", "scripts", "ui"];

/**
 * Run all suites, or the files whose path contains one of the given parts; options of `bun test` may follow. The last
 * line printed is the sum. Resolves with the exit code.
 */
export async function runTests(bun, args) {
  const firstOption = args.findIndex((arg) => arg.startsWith("-"));
  const named = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const files = testFiles().filter((file) => named.length === 0 || named.some((name) => file.includes(name)));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const places = makePlaces();
  try {
    for (const suite of SUITES) {
      const mine = files.filter((file) => suiteOf(file) === suite);
      if (mine.length === 0) continue;
      const counts = await runSuite(bun, suite, mine, options, places);
      for (const key of Object.keys(sum)) sum[key] += counts[key];
    }
  } finally {
    places.remove();
  }
  const total = sum.passed + sum.failed + sum.skipped;
  if (total === 0) say(named.length > 0 ? `no test file matches ${named.join(" ")}.` : "no test was run.");
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
  return sum.failed > 0 || total === 0 ? 1 : 0;
}

/** The last suite that claims a file has it. */
function suiteOf(file) {
  return SUITES.findLast((suite) => suite.owns(file));
}

function testFiles() {
  const found = FOLDERS.filter((folder) => existsSync(join(rootDir, folder))).flatMap((folder) =>
    readdirSync(join(rootDir, folder), { recursive: true }).map((path) => join(folder, path)),
  );
  return found
    .filter((path) => /\.test\.(tsx?|mjs)$/.test(path) && !/(^|\/)(node_modules|testcases|dist)\//.test(path))
    .sort();
}

async function runSuite(bun, suite, files, options, places) {
  if (suite.build && (await build(bun, suite.build)) !== 0) return { passed: 0, failed: 1, skipped: 0 };
  say(`${suite.name} tests in ${files.length} files …`);
  const hasReporter = options.some((option) => /^--(dots|reporter|only-failures)/.test(option));
  const flags = hasReporter ? suite.flags : [...suite.flags, "--only-failures"];
  const args = ["test", ...flags, ...options, ...files.map((file) => `./${file}`)];
  const onText = (chunk) => process.stderr.write(chunk);
  const { code, text } = await runCaptured(bun.path, args, { env: { ...bun.env, ...places.env }, onText });
  const counts = countsIn(text);
  const left = places.leftBehind();
  if (left.length > 0) {
    say(`${suite.name} tests left behind what they should remove: ${left.join(", ")}`);
    counts.failed += 1;
  }
  // A run that died half-way has no summary, or one without a failure: it must not pass for want of one.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Read the block that `bun test` ends with; tests may print lines that look alike, so the last block counts. */
export function countsIn(text) {
  const plain = stripVTControlCharacters(text);
  const end = plain.lastIndexOf("\nRan ");
  const block = end < 0 ? "" : plain.slice(Math.max(0, end - 300), end + 1);
  const last = (word) => Number([...block.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail"), skipped: last("skip") + last("todo") };
}
