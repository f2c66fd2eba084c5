/** A rule that never fires is worse than none: each one is shown a sample that it must refuse, and one it must not. */
import { beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { diskFolder } from "../core/testing/test-folder.ts";
import { run } from "./lib/run.ts";
import { rootDir } from "./lib/tree.ts";

interface Sample {
  path: string;
  code: string;
  /** Expected rule, or null when the linter must stay silent. */
  rule: string | null;
}

const pure = ["plugins/disk/disk.ts", "core/domain/rules.ts", "core/wire/report.ts", "core/sdk/units.ts"];
const kernel = ["core/pipeline/step.ts", "core/monitor/nodes.ts", "core/http/app.ts", "core/host/host.ts"];
const at = (paths: string[], code: string, rule: string | null): Sample[] =>
  paths.map((path) => ({ path, code, rule }));

const SAMPLES: Sample[] = [
  ...at(
    [...pure, ...kernel, "core/store/db.ts"],
    "export const now = () => Date.now();",
    "cortex(no-wall-clock)",
  ),
  ...at([...pure, ...kernel], "export const now = () => new Date();", "cortex(no-wall-clock)"),
  ...at(pure, "export const limit = () => AbortSignal.timeout(5);", "cortex(no-wall-clock)"),
  ...at([...pure, ...kernel], "export const iso = (ms: number) => new Date(ms).toISOString();", null),
  ...at([...pure, ...kernel], "setTimeout(() => undefined, 1);", "eslint(no-restricted-globals)"),
  ...at([...pure, ...kernel], "setInterval(() => undefined, 1);", "eslint(no-restricted-globals)"),
  ...at(
    [...pure, ...kernel, "agent/main.ts", "core/ports/network/net.ts"],
    'void fetch("x");',
    "eslint(no-restricted-globals)",
  ),
  ...at([...pure, ...kernel], "export const version = Bun.version;", "eslint(no-restricted-globals)"),
  ...at(
    ["core/ports/processes/exec.ts", "core/store/db.ts", "agent/main.ts"],
    "export const version = Bun.version;",
    null,
  ),
  ...at(["core/ports/network/fetch.ts", "ui/data/api.ts"], 'void fetch("x");', null),
  ...at(pure, "export const pid = process.pid;", "eslint(no-restricted-globals)"),
  ...at(kernel, "export const home = process.env.HOME;", "eslint(no-restricted-properties)"),
  ...at(
    [...pure, ...kernel, "agent/main.ts", "core/ports/ids.ts"],
    "export const id = Math.random();",
    "eslint(no-restricted-properties)",
  ),
  ...at([...pure, ...kernel, "agent/main.ts"], 'console.log("x");', "eslint(no-console)"),
  ...at(
    ["plugins/disk/disk.ts"],
    'import { readFileSync } from "node:fs";\nexport const read = readFileSync;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["plugins/disk/disk.ts"],
    'import { spawn } from "node:child_process";\nexport const start = spawn;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["plugins/disk/disk.ts"],
    'import { Database } from "bun:sqlite";\nexport const db = Database;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["plugins/disk/disk.ts"],
    'import type { A } from "../../core/ports/clock.ts";\nexport type B = A;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["core/domain/rules.ts"],
    'import { readFileSync } from "node:fs";\nexport const read = readFileSync;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["core/http/app.ts"],
    'import { disk } from "../../plugins/disk/index.ts";\nexport const found = disk;',
    "eslint(no-restricted-imports)",
  ),
  ...at(
    ["core/domain/rules.ts"],
    'import { createHash } from "node:crypto";\nexport const hash = createHash;',
    null,
  ),
  ...at(
    ["core/ports/processes/exec.ts", "scripts/x.ts"],
    'export const argv = ["sh", "-c", "ls"];',
    "cortex(no-shell)",
  ),
  ...at(
    ["core/ports/processes/exec.ts"],
    'export const argv = ["/bin/bash", "-lc", "ls"];',
    "cortex(no-shell)",
  ),
  ...at(["core/ports/processes/exec.ts"], "export const list = () => Bun.$`ls`;", "cortex(no-shell)"),
  ...at(
    ["core/ports/processes/exec.ts"],
    'import { exec } from "node:child_process";\nexport const start = exec;',
    "cortex(no-shell)",
  ),
  ...at(["core/ports/processes/exec.ts"], "export const options = { shell: true };", "cortex(no-shell)"),
  ...at(
    ["core/ports/processes/exec.ts"],
    'export const argv = ["bash", "-n", "file"];\nexport const options = { shell: false };',
    null,
  ),
  ...at(
    ["core/http/app.ts"],
    "export const tls = { rejectUnauthorized: false };",
    "cortex(no-unverified-tls)",
  ),
  ...at(
    [...pure, ...kernel],
    "export const made = (text: string) => new RegExp(text);",
    "cortex(no-dynamic-pattern)",
  ),
  ...at([...pure], "export const fixed = /^a+$/;", null),
  ...at(
    [...kernel, "agent/x.ts"],
    "export const same = (a: { token: string }, given: string) => a.token === given;",
    "cortex(no-secret-compare)",
  ),
  ...at(
    kernel,
    "export const is = (digest: string, other: string) => digest !== other;",
    "cortex(no-secret-compare)",
  ),
  ...at(kernel, 'export const none = (token: string | null) => token === null || token === "";', null),
  ...at(
    ["core/store/db.ts", ...kernel],
    "export const sql = (id: string) => `SELECT * FROM a WHERE id = ${id}`;",
    "cortex(no-sql-template)",
  ),
  ...at(
    ["core/store/db.ts"],
    'export const sql = (id: string) => "DELETE FROM a WHERE id = " + id;',
    "cortex(no-sql-template)",
  ),
  ...at(
    ["core/store/db.ts"],
    'const COLUMNS = "a, b";\nexport const all = `SELECT ${COLUMNS} FROM a`;',
    null,
  ),
  ...at(
    ["ui/lib/x.ts", ...kernel],
    "export const show = (node: { innerHTML: string }, text: string) => {\n  node.innerHTML = text;\n};",
    "cortex(no-markup)",
  ),
  ...at(
    ["ui/lib/x.ts"],
    'export const show = (node: Element, text: string) => node.insertAdjacentHTML("beforeend", text);',
    "cortex(no-markup)",
  ),
  ...at(
    [...kernel, "agent/x.ts"],
    'import { rmSync } from "node:fs";\nexport const remove = rmSync;',
    "cortex(no-delete)",
  ),
  ...at(
    ["core/ports/processes/exec.ts", "core/store/db.ts"],
    'import { unlinkSync } from "node:fs";\nexport const remove = unlinkSync;',
    null,
  ),
  ...at(["core/host/host.ts"], "export const loose = (value: any) => value;", "typescript(no-explicit-any)"),
  ...at(["core/host/host.ts"], "// @ts-ignore\nexport const one: string = 1;", "typescript(ban-ts-comment)"),
  ...at(
    ["core/host/host.ts"],
    "const later = async () => 1;\nexport const go = () => {\n  later();\n};",
    "typescript(no-floating-promises)",
  ),
  ...at(
    ["core/host/host.ts"],
    "const later = async () => true;\nexport const go = () => (later() ? 1 : 2);",
    "typescript(no-misused-promises)",
  ),
  ...at(["core/host/host.ts"], "export default 1;", "import(no-default-export)"),
  ...at(["plugins/disk/index.ts"], "export default { name: 1 };", null),
  ...at(["core/host/index.ts"], 'export * from "./host.ts";', "oxc(no-barrel-file)"),
  ...at(
    ["core/host/cycle-a.ts"],
    'import { b } from "./cycle-b.ts";\nexport const a = () => b;',
    "import(no-cycle)",
  ),
  ...at(
    ["core/host/cycle-b.ts"],
    'import { a } from "./cycle-a.ts";\nexport const b = () => a;',
    "import(no-cycle)",
  ),
  ...at(["core/host/BadName.ts"], "export const a = 1;", "unicorn(filename-case)"),
  ...at(
    ["ui/kit/view.tsx"],
    "export function View({ name }: { name: string }) {\n  return <b>{name}</b>;\n}",
    "solid(no-destructure)",
  ),
  ...at(
    ["ui/kit/view.tsx"],
    "export function View(props: { name: string }) {\n  const name = props.name;\n  return <b>{name}</b>;\n}",
    "solid(reactivity)",
  ),
  ...at(
    ["ui/kit/view.tsx"],
    "export function View(props: { html: string }) {\n  return <b innerHTML={props.html} />;\n}",
    "solid(no-innerhtml)",
  ),
  ...at(
    ["ui/kit/view.tsx"],
    "export function View(props: { name: string }) {\n  return <b>{props.name}</b>;\n}",
    null,
  ),
  ...at(
    ["core/domain/rules.test.ts", "plugins/disk/disk.test.ts"],
    "export const now = () => [Date.now(), Math.random()];",
    null,
  ),
];

/** Samples of one place are moved into folders of their own, so that one run of the linter judges them all. */
const placed = SAMPLES.map((sample, index) => {
  const file = sample.path.slice(sample.path.lastIndexOf("/") + 1);
  const fixed = /cycle|BadName|index\.ts|ports\/network\/(fetch|net)\.ts/.test(sample.path);
  const folder = dirname(sample.path);
  return {
    ...sample,
    file: fixed ? sample.path : `${folder}/sample-${index}/${file}`,
    name: `${sample.path}: ${sample.code.split("\n").at(-1)}`,
  };
});
const tree = diskFolder();
const FOLDERS = ["agent", "core", "plugins", "scripts", "ui"];
const fired = new Map<string, string[]>();

beforeAll(async () => {
  for (const name of [".oxlintrc.json", "tsconfig.json", "scripts/lint/rules.mjs"])
    cpSync(join(rootDir, name), join(tree, name));
  symlinkSync(join(rootDir, "node_modules"), join(tree, "node_modules"));
  for (const { file, code } of placed) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), `${code}\n`);
  }
  const oxlint = join(rootDir, "node_modules/.bin/oxlint");
  const { output } = await run([oxlint, "--type-aware", "--format=json", ...FOLDERS], tree);
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] };
  for (const { code, filename } of diagnostics) fired.set(filename, [...(fired.get(filename) ?? []), code]);
}, 60_000);

test.each(placed.filter((sample) => sample.rule !== null))("$rule fires on $name", ({ file, rule }) => {
  expect(fired.get(file) ?? []).toContain(rule!);
});

test.each(placed.filter((sample) => sample.rule === null))("nothing fires on $name", ({ file }) => {
  expect(fired.get(file) ?? []).toEqual([]);
});
