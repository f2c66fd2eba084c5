import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { Cleaner, CleanManifest } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { createFakeExec } from "../../core/testing/fake-exec.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import logFiles from "./index.ts";
import { isRotated, parseDue } from "./log-files.parse.ts";

const usage = { totalBytes: 1e9, freeBytes: 1e7, availableBytes: 1e7, totalInodes: 100, freeInodes: 1 };
const root = testFolder();
for (const folder of ["proc/self", "var/log"]) mkdirSync(join(root, folder), { recursive: true });
writeFileSync(join(root, "proc/self/mountinfo"), "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
writeFileSync(join(root, ".usage.json"), JSON.stringify({ "/": usage }));

const NAMES = ["syslog", "syslog.2.gz", "auth.log.3.gz", "mysql/mysql-bin.000123", "nginx/access.log.14.gz"];
const removed: CleanManifest[] = [];
const cleaner: Cleaner = {
  async scan(policy) {
    const entries = NAMES.map((path, ino) => ({
      path,
      dev: 1,
      ino,
      sizeBytes: 4e7,
      allocatedBytes: 4e7,
      modifiedAt: 0,
    }));
    return { policy, entries, totalBytes: 2e8, kept: {} };
  },
  async remove(manifest) {
    removed.push(manifest);
    return { removed: manifest.entries.length, removedBytes: manifest.totalBytes, kept: {} };
  },
};
const DEBUG = `warning: logrotate in debug mode does nothing except printing debug messages!

rotating pattern: /var/log/syslog  weekly (4 rotations)
empty log files are not rotated, old logs are removed
considering log /var/log/syslog
  Now: 2026-11-23 10:00
  Last rotated at 2026-11-10 00:00
  log needs rotating
rotating log /var/log/syslog, log->rotateCount is 4
considering log /var/log/dpkg.log
  log does not need rotating (log has been rotated at 2026-11-22 0:0, which is less than a month ago)
`;
const due = {
  "logrotate --debug /etc/logrotate.conf": { stderr: DEBUG },
  "logrotate /etc/logrotate.conf": {},
};
const problem = createTestProblem({ type: "fs.space", target: "/", owner: "mount:/" });

pluginContract(logFiles);
repairContract(logFiles, {
  cases: [{ repair: "logs.rotate", problem, context: () => ({ root, cleaner, exec: createFakeExec(due) }) }],
  mutating: ["logrotate /etc"],
});

test("rotated logs are known by their names, binary logs and current ones are not among them", () => {
  const rotated = [
    "syslog.1",
    "a.log.52.gz",
    "messages-20261103",
    "messages-20261103.xz",
    "x-2026110312.gz",
    "boot.log.old",
    "app.20261103.gz",
  ];
  for (const name of rotated) expect([name, isRotated(name, [])]).toEqual([name, true]);
  for (const name of [
    "syslog",
    "mysql-bin.000123",
    "binlog.000001",
    "app.log",
    "data.gz",
    "libx.so.1000",
    "wal-00000001",
    "notes.old",
    ".1",
  ])
    expect([name, isRotated(name, [])]).toEqual([name, false]);
  expect(isRotated("auth.log.2.gz", ["auth.log"])).toBe(false);
});

test("what logrotate would rotate is read from its dry run", () => {
  expect(parseDue(DEBUG)).toEqual(["/var/log/syslog"]);
  expect(parseDue("")).toEqual([]);
});

test("old rotated logs are deleted, then logrotate runs because logs are due", async () => {
  const ctx = createTestContext({ plugin: logFiles, root, cleaner, exec: due });
  const repair = logFiles.setup(ctx, logFiles.config.parse({})).repairs![0]!;
  const run = createTestRun(ctx);
  const params = await repair.resolve(problem, run);
  const plan = await repair.plan(params, run);
  expect(plan.promise).toEqual({ freedBytes: 8e7, totalBytes: 1e9 });
  expect(plan.summary).toMatch(/^remove 2 files, 76\.3 MiB, oldest \S+; rotate 1 log$/);
  expect(await repair.apply(params, plan, run)).toMatchObject({
    ok: true,
    summary: "removed 2 of 2 files, 76.3 MiB; logrotate has run",
  });
  expect(removed[0]!.entries.map(({ path }) => path)).toEqual(["syslog.2.gz", "nginx/access.log.14.gz"]);
  expect(ctx.calls.map((argv) => argv.join(" "))).toEqual([
    "logrotate --debug /etc/logrotate.conf",
    "logrotate /etc/logrotate.conf",
  ]);
});

test("without logrotate only old rotated logs go", async () => {
  const ctx = createTestContext({ plugin: logFiles, root, cleaner, exec: { installed: [] } });
  const repair = logFiles.setup(ctx, logFiles.config.parse({})).repairs![0]!;
  const run = createTestRun(ctx);
  const params = await repair.resolve(problem, run);
  expect(await repair.apply(params, await repair.plan(params, run), run)).toMatchObject({
    ok: true,
    summary: "removed 2 of 2 files, 76.3 MiB",
  });
  expect(ctx.calls).toEqual([]);
});
