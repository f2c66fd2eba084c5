import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { ChoreWay } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { createFakeExec } from "../../core/testing/fake-exec.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import journal from "./index.ts";
import { readJournalUsage } from "./journal.ts";

const MIB = 2 ** 20;
const ARCHIVED = "system@0006432-000000-0000.journal";

/** A journal of 3900 MiB on a root file system of 40 GB; the files are sparse. */
function host(): string {
  const root = testFolder();
  const folder = join(root, "var/log/journal/4b1d");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(root, "proc/self"), { recursive: true });
  writeFileSync(join(root, "proc/self/mountinfo"), "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  const usage = { totalBytes: 4e10, freeBytes: 1e9, availableBytes: 1e9, totalInodes: 1, freeInodes: 1 };
  writeFileSync(join(root, ".usage.json"), JSON.stringify({ "/": usage }));
  for (const [name, size] of [
    ["system.journal", 100],
    [ARCHIVED, 3500],
    ["user-1000.journal~", 300],
    ["fss", 9000],
  ] as const) {
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), size * MIB);
  }
  return root;
}

const VACUUM = `journalctl --quiet --vacuum-size=${500 * MIB}`;
const problem = (target = "/") => createTestProblem({ type: "fs.space", target, owner: `mount:${target}` });
function setUp(answer = {}) {
  const root = host();
  const ctx = createTestContext({ plugin: journal, root, exec: { [VACUUM]: answer } });
  return {
    root,
    ctx,
    vacuum: journal.setup(ctx, journal.config.parse({})).repairs![0]!,
    run: createTestRun(ctx),
  };
}

pluginContract(journal);
repairContract(journal, {
  cases: [
    {
      repair: "journal.vacuum",
      problem: problem(),
      context: () => ({ root: host(), exec: createFakeExec({ installed: ["journalctl"] }) }),
    },
  ],
  mutating: ["journalctl --quiet --vacuum"],
});

test("only journal files count, and only closed ones can be freed", async () => {
  expect(await readJournalUsage(createRootFs(host()))).toEqual({
    totalBytes: 3900 * MIB,
    archivedBytes: 3800 * MIB,
  });
});

test("the plan says from what to what, and holds the act to it", async () => {
  const { vacuum, run, root } = setUp();
  const params = await vacuum.resolve(problem(), run);
  const plan = await vacuum.plan(params, run);
  expect(plan).toMatchObject({
    summary: "cut the journal from 3.8 GiB to 500.0 MiB",
    promise: { freedBytes: 3400 * MIB, totalBytes: 4e10 },
  });
  expect(await vacuum.apply(params, plan, run)).toMatchObject({ ok: true });
  expect(await vacuum.verify!(params, plan, run)).toMatchObject({
    ok: false,
    detail: "freed 0 B of 3.3 GiB",
  });
  rmSync(join(root, "var/log/journal/4b1d", ARCHIVED));
  expect(await vacuum.verify!(params, plan, run)).toMatchObject({ ok: true });
});

test("a small journal has nothing to give", async () => {
  const { vacuum, run, root } = setUp();
  rmSync(join(root, "var/log/journal/4b1d", ARCHIVED));
  expect((await vacuum.plan(await vacuum.resolve(problem(), run), run)).empty).toBe(true);
});

test("it is offered only for the file system of the journal, and where journalctl is", async () => {
  const { vacuum, run, root } = setUp();
  expect(await vacuum.resolve(problem("/srv"), run)).toBeNull();
  const ctx = createTestContext({ plugin: journal, root, exec: { installed: [] } });
  expect(await journal.setup(ctx, journal.config.parse({})).repairs![0]!.resolve(problem(), run)).toBeNull();
});

test("what journalctl refuses is said in its words", async () => {
  const { vacuum, run } = setUp({
    exitCode: 1,
    stderr: "Failed to vacuum /var/log/journal/4b1d: Permission denied\n",
  });
  const params = await vacuum.resolve(problem(), run);
  expect(await vacuum.apply(params, await vacuum.plan(params, run), run)).toMatchObject({
    ok: false,
    summary:
      "journalctl could not cut the journal: Failed to vacuum /var/log/journal/4b1d: Permission denied",
  });
});

test("T41 without root the journal is cut by its unit, or not at all, with what to run", async () => {
  const root = host();
  const start = "systemctl start --no-ask-password -- cortex-act-journal-vacuum.service";
  const repairWith = (way: ChoreWay) => {
    const privileges = { unit: () => null, helper: () => null, missing: () => [], chore: () => way };
    const ctx = createTestContext({
      plugin: journal,
      root,
      exec: { installed: ["journalctl"], [start]: {} },
      privileges,
    });
    return {
      ctx,
      run: createTestRun(ctx),
      vacuum: journal.setup(ctx, journal.config.parse({})).repairs![0]!,
    };
  };
  const granted = repairWith({ by: "unit", unit: "cortex-act-journal-vacuum.service" });
  const params = await granted.vacuum.resolve(problem(), granted.run);
  const plan = await granted.vacuum.plan(params, granted.run);
  expect(await granted.vacuum.apply(params, plan, granted.run)).toMatchObject({ ok: true });
  expect(granted.ctx.calls.map((argv) => argv.join(" "))).toEqual([start]);
  const refused = repairWith({ by: "nobody", missing: "needs it" });
  expect(await refused.vacuum.preconditions!(params, refused.run)).toMatchObject([
    { ok: false, detail: "needs it" },
  ]);
  expect(refused.vacuum.needs!()).toEqual(["needs it"]);
});
