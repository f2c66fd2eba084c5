import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { Cleaner, CleanPolicy } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import tempFiles from "./index.ts";

const usage = { totalBytes: 1e9, freeBytes: 1e7, availableBytes: 1e7, totalInodes: 100, freeInodes: 1 };
const root = testFolder();
for (const folder of ["proc/self", "tmp", "var/tmp"]) mkdirSync(join(root, folder), { recursive: true });
writeFileSync(
  join(root, "proc/self/mountinfo"),
  "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 29 8:2 / /home rw - ext4 /dev/sda2 rw\n",
);
writeFileSync(join(root, ".usage.json"), JSON.stringify({ "/": usage, "/home": usage }));

const policies: CleanPolicy[] = [];
const cleaner: Cleaner = {
  async scan(policy) {
    policies.push(policy);
    const entry = { path: "old", dev: 1, ino: 1, sizeBytes: 1e8, allocatedBytes: 1e8, modifiedAt: 0 };
    return { policy, entries: [entry], totalBytes: 1e8, kept: {} };
  },
  remove: async (manifest) => ({
    removed: manifest.entries.length,
    removedBytes: manifest.totalBytes,
    kept: {},
  }),
};
const problem = (type: string, target = "/") => createTestProblem({ type, target, owner: `mount:${target}` });

pluginContract(tempFiles);
repairContract(tempFiles, {
  cases: [
    { repair: "temp.clean", problem: problem("fs.space"), context: () => ({ root, cleaner }) },
    { repair: "temp.clean", problem: problem("fs.inodes"), context: () => ({ root, cleaner }) },
  ],
});

test("each folder is cleaned by its own age, and only where room is needed", async () => {
  const ctx = createTestContext({ plugin: tempFiles, root, cleaner });
  const clean = tempFiles.setup(ctx, tempFiles.config.parse({})).repairs![0]!;
  const run = createTestRun(ctx);
  expect(await clean.resolve(problem("fs.space", "/home"), run)).toBeNull();
  const params = await clean.resolve(problem("fs.space"), run);
  policies.length = 0;
  const plan = await clean.plan(params, run);
  expect(policies.map(({ root, minAgeMs }) => [root, minAgeMs / 86_400_000])).toEqual([
    ["/tmp", 10],
    ["/var/tmp", 30],
  ]);
  expect(plan.promise).toEqual({ freedBytes: 2e8, totalBytes: 1e9 });
  expect(await clean.apply(params, plan, run)).toMatchObject({
    ok: true,
    summary: "removed 2 of 2 files, 190.7 MiB",
  });
  expect(await clean.verify!(params, plan, run)).toMatchObject({ ok: true });
});

test("folders are absolute and the limits bounded", () => {
  const issues = (value: object) => tempFiles.config.safeParse(value).error?.issues.length ?? 0;
  expect(issues({ paths: [{ path: "tmp" }] })).toBe(1);
  expect(issues({ paths: [{ path: "/" }] })).toBe(1);
  expect(issues({ paths: [{ path: "/srv/cache", age: "2d" }], max_files: 10 })).toBe(0);
});
