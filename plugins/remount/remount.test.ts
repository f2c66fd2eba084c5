import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTestContext } from "../../core/testing/context.ts";
import { createFakeActs } from "../../core/testing/fake-ports.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";
import { diskTrouble } from "./kernel-log.parse.ts";

const READ_ONLY = "50 20 8:17 / /data ro,relatime - ext4 /dev/sdb1 ro,errors=remount-ro";
const NOW = Date.UTC(2026, 10, 26, 12);

function hostWith(files: Record<string, string> = {}): string {
  const root = testFolder();
  const all: Record<string, string> = {
    "/proc/self/mountinfo": `${READ_ONLY}\n`,
    "/sys/dev/block/8:17/partition": "1\n",
    "/sys/class/block/sdb/ro": "0\n",
    "/sys/class/block/sdb1/ro": "0\n",
    "/sys/fs/ext4/sdb1/errors_count": "0\n",
    ".links.json": JSON.stringify({
      "/sys/dev/block/8:17": "../../devices/pci0000:00/host0/block/sdb/sdb1",
    }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const problem = createTestProblem({ type: "fs.readonly", target: "/data", owner: "mount:/data" });
const PARAMS = { path: "/data", device: "8:17" };

interface Host {
  files?: Record<string, string>;
  log?: string;
}

function setUp({ files, log = "" }: Host = {}) {
  const acts = createFakeActs();
  const clock = createTestClock({ now: NOW });
  const exec = { "dmesg --time-format=iso": { stdout: log } };
  const ctx = createTestContext({ plugin, root: hostWith(files), acts, clock, exec });
  const [repair] = plugin.setup(ctx, plugin.config.parse({})).repairs!;
  return { repair: repair!, run: createTestRun(ctx), acts, clock };
}

/** The first thing that stands in the way; "" for nothing. */
async function obstacle(host: Host): Promise<string> {
  const { repair, run } = setUp(host);
  return (await repair.preconditions!(PARAMS, run)).find(({ ok }) => !ok)?.detail ?? "";
}

pluginContract(plugin);
repairContract(plugin, {
  cases: [
    {
      repair: "fs.remount",
      problem,
      context: () => ({ root: hostWith(), exec: { "dmesg --time-format=iso": {} } }),
    },
  ],
});

test("a healthy file system that somebody left read-only may be mounted writable", async () => {
  const { repair, run, acts } = setUp();
  expect((await repair.preconditions!(PARAMS, run)).filter(({ ok }) => !ok)).toEqual([]);
  const plan = await repair.plan(PARAMS, run);
  expect(plan.effects).toEqual([{ kind: "mount", verb: "remount", path: "/data" }]);
  await repair.apply(PARAMS, plan, run);
  expect(acts.acts).toEqual([{ verb: "remount", path: "/data", access: "rw", device: "8:17" }]);
});

test("another file system at the same place is not touched", async () => {
  const other = READ_ONLY.replace("8:17", "8:33");
  expect(await obstacle({ files: { "/proc/self/mountinfo": `${other}\n` } })).toBe(
    "/data is not 8:17 any more",
  );
  expect(await obstacle({ files: { "/proc/self/mountinfo": "" } })).toBe("/data is not 8:17 any more");
});

test("where the kernel stopped writing after an error, only people go on", async () => {
  const below = READ_ONLY.replace("/data ro,", "/data rw,");
  const emergency = below.replace("sdb1 ro,", "sdb1 rw,").concat(",emergency_ro");
  for (const line of [below, emergency])
    expect(await obstacle({ files: { "/proc/self/mountinfo": `${line}\n` } })).toContain(
      "the kernel stopped writing to /data after an error",
    );
});

test("a read-only device, recorded errors or a kernel that complains stand in the way", async () => {
  expect(await obstacle({ files: { "/sys/class/block/sdb/ro": "1\n" } })).toContain(
    "sdb itself is read-only",
  );
  expect(await obstacle({ files: { "/sys/fs/ext4/sdb1/errors_count": "3\n" } })).toContain(
    "recorded 3 errors",
  );
  const log = "2026-11-26T11:00:00,000001+00:00 blk_update_request: I/O error, dev sdb, sector 2048\n";
  expect(await obstacle({ log })).toContain("I/O error, dev sdb");
  expect(await obstacle({ log: log.replace("11-26", "11-24") })).toBe("");
});

test("what was made writable and is read-only again within a day is left to people", async () => {
  const { repair, run, clock } = setUp();
  await repair.apply(PARAMS, await repair.plan(PARAMS, run), run);
  await clock.advance(3_600_000);
  const found = (await repair.preconditions!(PARAMS, run)).find(({ ok }) => !ok);
  expect(found?.detail).toContain("find out by whom");
});

test("verified is that mount and file system are writable", async () => {
  const verdict = async (line: string) => {
    const { repair, run } = setUp({ files: { "/proc/self/mountinfo": `${line}\n` } });
    return (await repair.verify!(PARAMS, await repair.plan(PARAMS, run), run)).ok;
  };
  expect(await verdict(READ_ONLY)).toBe(false);
  expect(await verdict(READ_ONLY.replace("ro,relatime", "rw,relatime"))).toBe(false);
  expect(
    await verdict(
      READ_ONLY.replaceAll(" ro,", "!").replace("/data!", "/data rw,").replace("sdb1!", "sdb1 rw,"),
    ),
  ).toBe(true);
});

test("other disks' errors and old ones are nobody's here", () => {
  const lines = [
    "2026-11-26T11:00:00,000001+00:00 EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2",
    "2026-11-26T11:00:01,000001+00:00 Buffer I/O error on dev sdb1, logical block 0",
    "no time: Buffer I/O error on dev sdb1, logical block 0",
    "2026-11-26T11:00:02,000001+00:00 sd 0:0:0:0: [sdb] Attached SCSI disk",
  ];
  expect(diskTrouble(lines.join("\n"), "sdb1", NOW - 86_400_000)).toEqual([lines[1]!, lines[2]!]);
  expect(diskTrouble(lines.join("\n"), "sdb", NOW)).toEqual([lines[2]!]);
});
