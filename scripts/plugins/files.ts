/** What a plugin's folder must hold besides code. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginHooks } from "cortex";

const REQUIRED = ["index.ts", "README.md", "sample.yaml"];
const LONGEST_FILE = 400;

/** Complaints about files of `plugins/FOLDER`, each in one line. */
export function fileProblems(folder: string, tree: string): string[] {
  const dir = join(tree, "plugins", folder);
  const missing = REQUIRED.filter((name) => !existsSync(join(dir, name))).map((name) => `${name} is missing`);
  const sources = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !/(^|\/)testcases\//.test(path),
  );
  if (!sources.some((path) => path.endsWith(".test.ts"))) missing.push(`${folder}.test.ts is missing`);
  const long = sources
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => ({ path, lines: readFileSync(join(dir, path), "utf8").split("\n").length }))
    .filter(({ lines }) => lines > LONGEST_FILE)
    .map(({ path, lines }) => `${path} has ${lines} lines; more than ${LONGEST_FILE} hide a second thing`);
  return [...missing, ...long].map((problem) => `plugins/${folder}: ${problem}`);
}

/** The README's headings are fixed, so that a reader finds the same thing in the same place everywhere. */
export function readmeProblems(folder: string, hooks: PluginHooks, tree: string): string[] {
  const readme = join(tree, "plugins", folder, "README.md");
  if (!existsSync(readme)) return [];
  const text = readFileSync(readme, "utf8");
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  const expected = [
    "Reads and changes",
    "Required rights",
    "Options",
    ...(hooks.checks?.length ? ["Checks"] : []),
    ...(hooks.repairs?.length ? ["Repairs"] : []),
    "Example",
    "Pitfalls",
  ];
  const found = [...prose.matchAll(/^## (.+)$/gm)].map((match) => match[1]!.trim());
  const problems: string[] = [];
  if (!new RegExp(`^# ${folder}\\n\\n[^\\n#|]+[.]`).test(text)) {
    problems.push(`README.md must begin with "# ${folder}" and one sentence`);
  }
  const missing = expected.filter((heading) => !found.includes(heading));
  if (missing.length > 0) problems.push(`README.md lacks "## ${missing.join('", "## ')}"`);
  const inOrder = found.filter((heading) => expected.includes(heading));
  if (missing.length === 0 && inOrder.join() !== expected.join()) {
    problems.push(`README.md must have its headings in this order: ${expected.join(", ")}`);
  }
  const sections = prose.split(/^## /gm).slice(1);
  for (const section of sections.filter(
    (one) => one.split("\n").slice(1).join("").trim() === "" && !one.startsWith("Example"),
  )) {
    problems.push(`README.md has nothing below "## ${section.split("\n")[0]}"`);
  }
  return problems.map((problem) => `plugins/${folder}: ${problem}`);
}
