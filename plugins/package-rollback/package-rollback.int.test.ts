/** Two real versions of a package, installed by the real dpkg below a root of the test's own. */
import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost } from "../../core/testing/real-host.ts";
import { createTestProblem, createTestRun } from "../../core/testing/repair.contract.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const folder = diskFolder();
const isRoot = process.getuid?.() === 0;

const NAME = "zz-test-shop";
const root = join(folder, "system");
const archives = join(folder, "archives");

function build(name: string, version: string, file: string, text: string, depends = ""): string {
  const tree = join(folder, `${name}-${version}`);
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  mkdirSync(join(tree, "opt/shop"), { recursive: true });
  const fields = [
    "Package: " + name,
    "Version: " + version,
    "Architecture: all",
    "Maintainer: Nobody <nobody@localhost>",
  ];
  if (depends !== "") fields.push(`Depends: ${depends}`);
  writeFileSync(join(tree, "DEBIAN/control"), `${fields.join("\n")}\nDescription: test\n`);
  writeFileSync(join(tree, "opt/shop", file), text);
  const deb = join(archives, `${name}_${version}_all.deb`);
  execFileSync("/usr/bin/dpkg-deb", ["--build", "--root-owner-group", tree, deb], { stdio: "ignore" });
  return deb;
}
const install = (deb: string) =>
  execFileSync("/usr/bin/dpkg", [`--root=${root}`, `--log=${root}/var/log/dpkg.log`, "--install", deb], {
    stdio: "ignore",
  });

test.skipIf(!isRoot || !existsSync("/usr/bin/dpkg-deb"))(
  "a broken upgrade is rolled back, undone again, and refused where another package needs the newer version",
  async () => {
    for (const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"])
      mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, "var/lib/dpkg/status"), "");
    mkdirSync(archives);
    install(build(NAME, "1.0", "answer", "good\n"));
    install(build(NAME, "2.0", "answer", "bad\n"));
    const host = createRealHost();
    const ctx = createTestContext({ ...host, plugin });
    const config = {
      package: NAME,
      test: ["/usr/bin/grep", "-qx", "good", join(root, "opt/shop/answer")],
      archives: [archives],
      root,
    };
    const { checks, repairs } = plugin.setup(ctx, plugin.config.parse(config));
    const [check, repair, run] = [checks![0]!, repairs![0]!, createTestRun(ctx)];
    const look = async () => (await runCheck(check, ctx))[0] as Result;
    const bad = await look();
    expect(bad.status).toBe("critical");
    const problem = {
      ...createTestProblem({ type: "package.broken", target: NAME, owner: `package:${NAME}` }),
      result: bad,
    };
    const params = await repair.resolve(problem, run);
    expect(params).toEqual({ name: NAME, from: "2.0", to: "1.0", architecture: "all" });
    expect((await repair.preconditions!(params, run)).filter(({ ok }) => !ok)).toEqual([]);
    const plan = await repair.plan(params, run);
    expect(await repair.apply(params, plan, run)).toMatchObject({ ok: true });
    expect((await repair.verify!(params, plan, run)).ok).toBe(true);
    expect((await look()).status).toBe("ok");

    if (typeof repair.undo === "string") throw new Error("there is an undo");
    expect(await repair.undo(params, plan, run)).toMatchObject({ ok: true });
    expect((await look()).data).toMatchObject({ version: "2.0" });

    install(build("zz-test-cart", "1.0", "cart", "", `${NAME} (>= 2.0)`));
    const unmet = (await repair.preconditions!(params, run)).find(({ ok }) => !ok);
    expect(unmet?.detail).toBe(`zz-test-cart needs ${NAME} >= 2.0`);
  },
  30_000,
);
