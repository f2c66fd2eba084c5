import { beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { diskFolder } from "../core/testing/test-folder.ts";
import { writeChecksums } from "./build/checksums.ts";
import { compile } from "./build/compile.ts";
import { isFresh, sourceHash, writeStamp } from "./build/stamp.ts";
import { run } from "./lib/run.ts";

const tree = diskFolder();
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
};
const GUARDED = "typeof CORTEX_FAULTS !== 'undefined' && CORTEX_FAULTS && process.env.CORTEX_FAILPOINT";

beforeAll(() => {
  put("ui/dist/index.html", "<h1>dashboard</h1>");
  put("core/store/echo.worker.ts", "self.onmessage = (event) => postMessage(event.data + '!');");
  put(
    "agent/main.ts",
    `import { readFileSync } from "node:fs";
     const page = readFileSync(import.meta.dir + "/dist/index.html", "utf8");
     const worker = new Worker("./core/store/echo.worker.ts");
     const echo = await new Promise((resolve) => {
       worker.onmessage = (event) => resolve(event.data);
       worker.postMessage("echo");
     });
     console.log(CORTEX_VERSION, page, echo, ${GUARDED} ? "faults" : "release");
     process.exit(0);`,
  );
});

const build = (outfile: string, faults: boolean) => compile({ outfile, faults, target: null }, tree);
const start = (program: string) =>
  run([join(tree, program)], tmpdir(), { CORTEX_FAILPOINT: "here", BUN_OPTIONS: "", PATH: "/usr/bin" });

test("the executable carries version, dashboard and workers, and no failpoints", async () => {
  await build("dist/cortex", false);
  expect((await start("dist/cortex")).output).toMatch(/^\d+\.\d+\.\d+ <h1>dashboard<\/h1> echo! release\n$/);
}, 60_000);

test("T103 two builds of one tree are the same bytes, and SHA256SUMS tells a changed one", async () => {
  const hash = () =>
    new Bun.CryptoHasher("sha256").update(readFileSync(join(tree, "dist/cortex"))).digest("hex");
  const first = hash();
  await build("dist/cortex", false);
  expect(hash()).toBe(first);
  await writeChecksums(join(tree, "dist"));
  expect(readFileSync(join(tree, "dist/SHA256SUMS"), "utf8")).toBe(`${first}  cortex\n`);
  const check = () => run(["sha256sum", "--check", "--strict", "SHA256SUMS"], join(tree, "dist"));
  expect((await check()).exitCode).toBe(0);
  appendFileSync(join(tree, "dist/cortex"), "x");
  expect((await check()).exitCode).toBe(1);
}, 60_000);

test("the build for the fault suite has the failpoints", async () => {
  await build("dist/cortex-faults", true);
  expect((await start("dist/cortex-faults")).output).toEndWith("faults\n");
}, 60_000);

test("a failpoint that a release would contain fails the build and leaves the former program in place", async () => {
  put("careless/agent/main.ts", "console.log(process.env.CORTEX_FAILPOINT);");
  put("careless/dist/cortex", "former");
  const careless = join(tree, "careless");
  const options = { outfile: "dist/cortex", faults: false, target: null };
  expect(await compile(options, careless).catch(String)).toContain("guard the failpoint");
  expect(readdirSync(join(careless, "dist"))).toEqual(["cortex"]);
  expect(readFileSync(join(careless, "dist/cortex"), "utf8")).toBe("former");
}, 60_000);

test("a build is fresh until a source changes; tests and prose are no sources", async () => {
  const own = join(tree, "stamped");
  put("stamped/dist/cortex", "program");
  const hash = () => sourceHash(["agent", "core"], own);
  const first = await hash();
  expect(await isFresh("dist/cortex", first, own)).toBe(false);
  await writeStamp("dist/cortex", first, own);
  expect(await isFresh("dist/cortex", first, own)).toBe(true);
  put("stamped/core/a.test.ts", "1");
  put("stamped/core/README.md", "1");
  expect(await hash()).toBe(first);
  put("stamped/core/a.ts", "1");
  expect(await isFresh("dist/cortex", await hash(), own)).toBe(false);
});
