/** The repair with the real cleaner on a real folder. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, realPath } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { createRealCleaner, createRealHost } from "../../core/testing/real-host.ts";
import { createTestProblem, createTestRun } from "../../core/testing/repair.contract.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import { type Mount, parseMountInfo } from "../common/proc/mountinfo.parse.ts";
import { mountOf } from "../common/cleaning.ts";
import tempFiles from "./index.ts";

const folder = diskFolder();

test("old files go, young ones and what appeared after the plan stay", async () => {
  const host = createRealHost();
  // A file's change time can't be set back, so "forty days later" is asked instead.
  const clock: Clock = { ...host.clock, now: () => host.clock.now() + 40 * 86_400_000 };
  mkdirSync(join(folder, "deep"));
  for (const name of ["a", "deep/b"]) writeFileSync(join(folder, name), "x".repeat(100_000));
  const ctx = createTestContext({
    ...host,
    clock,
    plugin: tempFiles,
    cleaner: createRealCleaner(clock, [folder]),
  });
  const config = tempFiles.config.parse({ paths: [{ path: folder, age: "10d" }] });
  const clean = tempFiles.setup(ctx, config).repairs![0]!;
  const run = createTestRun(ctx);

  const mounts: Mount[] = parseMountInfo(await host.fs.readText("/proc/self/mountinfo"));
  const target = mountOf(mounts, folder)!.mountPoint;
  const params = await clean.resolve(
    createTestProblem({ type: "fs.space", target, owner: `mount:${target}` }),
    run,
  );
  const plan = await clean.plan(params, run);
  expect(plan.summary).toMatch(/^remove 2 files, 20\d\.\d KiB, oldest 40d(\d+s)?$/);
  writeFileSync(join(folder, "deep/late"), "x");
  expect(await clean.apply(params, plan, run)).toMatchObject({ ok: true, data: { removed: 2 } });
  expect(await clean.verify!(params, plan, run)).toMatchObject({ ok: true });
  expect([existsSync(join(folder, "a")), existsSync(join(folder, "deep/late"))]).toEqual([false, true]);
});

test("T46 a folder that is declared by a link is cleaned where the link led at the start, and the plan says so", async () => {
  const host = createRealHost();
  const clock: Clock = { ...host.clock, now: () => host.clock.now() + 40 * 86_400_000 };
  const [real, other, link] = ["real", "other", "link"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const place of [real, other]) {
    mkdirSync(place);
    writeFileSync(join(place, "old"), "x".repeat(100_000));
  }
  symlinkSync(real, link);
  const ctx = createTestContext({
    ...host,
    clock,
    plugin: tempFiles,
    cleaner: createRealCleaner(clock, [folder]),
  });
  const hooks = tempFiles.setup(ctx, tempFiles.config.parse({ paths: [{ path: link, age: "10d" }] }));
  await hooks.start?.();
  expect(ctx.logs).toMatchObject([{ fields: { declared: link, real } }]);
  // As between a decision and its act.
  unlinkSync(link);
  symlinkSync(other, link);
  const clean = hooks.repairs![0]!;
  const params = { mount: "/", folders: [link], want: "bytes" };
  const run = createTestRun(ctx);
  const plan = await clean.plan(params, run);
  expect(plan.effects).toMatchObject([{ kind: "delete", root: real }]);
  expect(await realPath(ctx.fs, real)).toBe(real);
  await clean.apply(params, plan, run);
  expect([existsSync(join(real, "old")), existsSync(join(other, "old"))]).toEqual([false, true]);
});
