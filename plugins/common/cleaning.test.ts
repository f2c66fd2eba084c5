import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleaner, CleanManifest, CleanOutcome, FsUsage } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { createTestProblem, createTestRun } from "../../core/testing/repair.contract.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { cleanParamsFor, createCleaning, foldersOn } from "./cleaning.ts";

const usage: FsUsage = {
  totalBytes: 1e6,
  freeBytes: 1e4,
  availableBytes: 1e4,
  totalInodes: 1000,
  freeInodes: 10,
};
const MOUNTS = `29 1 8:1 / / rw - ext4 /dev/sda1 rw
30 29 8:2 / /var rw - ext4 /dev/sda2 rw
31 30 0:40 / /var/tmp/cache rw - tmpfs tmpfs rw
32 29 8:2 /tmp /tmp rw - ext4 /dev/sda2 rw
`;

function host() {
  const root = testFolder();
  for (const folder of ["proc/self", "var/tmp/cache", "var/log", "tmp"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "proc/self/mountinfo"), MOUNTS);
  writeFileSync(join(root, ".usage.json"), JSON.stringify({ "/": usage, "/var": usage }));
  return createRootFs(root);
}

const manifest = (count: number): CleanManifest => ({
  policy: { root: "/var/tmp", minAgeMs: 1 },
  entries: Array.from({ length: count }, (_, index) => ({
    path: `f${index}`,
    dev: 1,
    ino: index,
    sizeBytes: 500,
    allocatedBytes: 1000,
    modifiedAt: Date.UTC(2025, 11, 2),
  })),
  totalBytes: count * 1000,
  kept: {},
});

function setUp(removedShare = 1) {
  const removed: CleanManifest[] = [];
  const cleaner: Cleaner = {
    scan: () => Promise.reject(new Error("not here")),
    async remove(list): Promise<CleanOutcome> {
      removed.push(list);
      const count = Math.floor(list.entries.length * removedShare);
      const rest = list.entries.length - count;
      return {
        removed: count,
        removedBytes: count * 1000,
        kept: rest > 0 ? { open: rest } : {},
      };
    },
  };
  const clock = createTestClock();
  return {
    cleaning: createCleaning(cleaner, clock),
    fresh: () => createCleaning(cleaner, clock),
    removed,
    run: createTestRun(createTestContext({ plugin: "x" })),
  };
}
const bytesWanted = { mount: "/var", folders: ["/var/tmp"], want: "bytes" as const };

test("folders count for the file system they lie on, also through another mount of it", async () => {
  const folders = ["/tmp", "/var/tmp", "/var/tmp/cache", "/var/absent", "/var/log"];
  const on = (target: string) => foldersOn(host(), createTestProblem({ type: "fs.space", target }), folders);
  expect(await on("/var")).toEqual(["/tmp", "/var/tmp", "/var/log"]);
  expect(await on("/")).toEqual([]);
  expect(await on("/var/tmp/cache")).toEqual(["/var/tmp/cache"]);
  expect(await on("/not-mounted")).toEqual([]);
});

test("parameters name configured folders only", () => {
  const schema = cleanParamsFor(["/tmp"]);
  expect(schema.safeParse({ mount: "/", folders: ["/tmp"], want: "bytes" }).success).toBe(true);
  for (const folder of ["/etc", "/tmp/..", "/tmp/x"])
    expect(schema.safeParse({ mount: "/", folders: [folder], want: "bytes" }).success).toBe(false);
  expect(schema.safeParse({ mount: "/", folders: [], want: "bytes" }).success).toBe(false);
});

describe("a plan", () => {
  test("promises bytes against the size of the file system and says what would go", async () => {
    const plan = await setUp().cleaning.plan(bytesWanted, [manifest(812)], host());
    expect(plan).toMatchObject({
      summary: "remove 812 files, 793.0 KiB, oldest 30d",
      promise: { freedBytes: 812_000, totalBytes: 1e6 },
      changes: [{ what: "812 files below /var/tmp", from: "793.0 KiB", to: "removed" }],
    });
    expect(JSON.stringify(plan).length).toBeLessThan(4000);
  });

  test("is empty without files, and for inodes when so few would not help", async () => {
    const { cleaning } = setUp();
    expect(await cleaning.plan(bytesWanted, [manifest(0)], host())).toMatchObject({
      empty: true,
      summary: "no file to remove",
    });
    const inodes = { ...bytesWanted, want: "inodes" as const };
    expect((await cleaning.plan(inodes, [manifest(9)], host())).empty).toBe(true);
    const enough = await cleaning.plan(inodes, [manifest(10)], host());
    expect([enough.empty, enough.promise]).toEqual([undefined, undefined]);
  });
});

describe("execution", () => {
  test("removes exactly the list of the plan and is held to its promise", async () => {
    const { cleaning, removed, run } = setUp();
    const plan = await cleaning.plan(bytesWanted, [manifest(500)], host());
    expect(await cleaning.remove(plan, run)).toMatchObject({
      ok: true,
      summary: "removed 500 of 500 files, 488.3 KiB",
    });
    expect(removed).toEqual([manifest(500)]);
    expect(cleaning.verify(bytesWanted, plan)).toMatchObject({ ok: true });
  });

  test("less than four fifths of the promise is a failure", async () => {
    const { cleaning, run } = setUp(0.5);
    const plan = await cleaning.plan(bytesWanted, [manifest(10)], host());
    expect(await cleaning.remove(plan, run)).toMatchObject({
      ok: true,
      summary: "removed 5 of 10 files, 4.9 KiB; kept 5 open",
    });
    expect(cleaning.verify(bytesWanted, plan)).toMatchObject({
      ok: false,
      detail: "freed 4.9 KiB of 9.8 KiB",
    });
  });

  test("after a restart a short list is still there, a long one has to be planned again", async () => {
    const { cleaning, fresh, removed, run } = setUp();
    const short = JSON.parse(JSON.stringify(await cleaning.plan(bytesWanted, [manifest(5)], host())));
    expect(await fresh().remove(short, run)).toMatchObject({ ok: true });
    const long = JSON.parse(JSON.stringify(await cleaning.plan(bytesWanted, [manifest(500)], host())));
    expect(await fresh().remove(long, run)).toMatchObject({ ok: false });
    expect(removed).toHaveLength(1);
  });

  test("a list that was changed after planning is refused", async () => {
    const { cleaning, removed, run } = setUp();
    const plan = JSON.parse(JSON.stringify(await cleaning.plan(bytesWanted, [manifest(5)], host())));
    plan.data.manifests[0].entries[0].path = "other";
    expect(await cleaning.remove(plan, run)).toMatchObject({ ok: false });
    expect(removed).toEqual([]);
  });
});
