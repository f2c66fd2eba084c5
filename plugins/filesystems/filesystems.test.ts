import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FsUsage, HostFs, Result } from "cortex";
import { hostFixture } from "../../core/testing/host-fixtures.ts";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createRootFs } from "../../core/testing/root-fs.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { parseMountInfo } from "../common/proc/mountinfo.parse.ts";
import plugin from "./index.ts";
import { judgeWritable } from "./readonly.ts";
import { fullAfter, remember, type Sample } from "./trend.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

const GIB = 2 ** 30;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A host with one file system of 200 GiB, filled as the test says. */
function hostWithDisk(read: () => { usedBytes: number; mountInfo?: string }) {
  const totalBytes = 200 * GIB;
  const rooted = createRootFs();
  const fs: HostFs = {
    ...rooted,
    readText: async () => read().mountInfo ?? "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n",
    readTextIfPresent: async () => read().mountInfo ?? "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n",
    usage: async (): Promise<FsUsage> => {
      const freeBytes = totalBytes - read().usedBytes;
      return { totalBytes, freeBytes, availableBytes: freeBytes, totalInodes: 1000, freeInodes: 900 };
    },
  };
  const clock = createTestClock();
  const ctx = createTestContext({ plugin, fs, clock });
  const space = plugin.setup(ctx, plugin.config.parse({})).checks!.find(({ name }) => name === "fs_space")!;
  return { clock, look: async () => (await runCheck(space, ctx))[0] as Result };
}

describe("the forecast", () => {
  test("warns of a disk that fills within a day, once its growth is known for an hour", async () => {
    let usedBytes = 174 * GIB;
    const host = hostWithDisk(() => ({ usedBytes }));
    for (let minute = 0; minute < 60; minute += 1) {
      expect((await host.look()).status).toBe("ok");
      await host.clock.advance(MINUTE);
      usedBytes += 2 * GIB * (1 / 60);
    }
    const result = await host.look();
    expect(result.status).toBe("warning");
    expect(result.summary).toBe("/ is 88.0 % full, 24.0 GiB left, full in 12h at this pace");
    expect(result.metrics!["fs.full_seconds"]).toBeCloseTo(12 * 3600, -2);
  });

  test("forgets a single large copy that has ended", async () => {
    let usedBytes = 150 * GIB;
    const host = hostWithDisk(() => ({ usedBytes }));
    for (let minute = 0; minute < 180; minute += 1) {
      await host.look();
      await host.clock.advance(MINUTE);
      if (minute >= 60 && minute < 70) usedBytes += 3 * GIB;
    }
    const result = await host.look();
    expect(result).toMatchObject({ status: "ok", summary: "/ is 90.0 % full, 20.0 GiB left" });
  });

  test("starts anew when the file system was away", async () => {
    let usedBytes = 174 * GIB;
    let mountInfo: string | undefined;
    const host = hostWithDisk(() => ({ usedBytes, mountInfo }));
    for (let minute = 0; minute < 90; minute += 1) {
      if (minute === 45) {
        mountInfo = "23 1 0:21 / /proc rw - proc proc rw\n";
        await host.look();
        mountInfo = undefined;
      }
      expect((await host.look()).metrics!["fs.full_seconds"]).toBeUndefined();
      await host.clock.advance(MINUTE);
      usedBytes += 0.03 * GIB;
    }
  });

  test("keeps six hours and one sample a minute", () => {
    const samples: Sample[] = [];
    for (let at = 0; at <= 12 * HOUR; at += MINUTE / 4) remember(samples, { at, usedBytes: at }, 6 * HOUR);
    expect(samples.length).toBe(361);
    expect(samples[0]!.at).toBe(6 * HOUR);
    expect(fullAfter(samples, 1000, HOUR)).toBeCloseTo(1000);
  });

  test("has nothing to say about a shrinking or unchanged disk", () => {
    const at = (minute: number, usedBytes: number) => ({ at: minute * MINUTE, usedBytes });
    const minutes = Array.from({ length: 90 }, (_, minute) => minute);
    expect(
      fullAfter(
        minutes.map((minute) => at(minute, 5000 - minute)),
        10,
        HOUR,
      ),
    ).toBeNull();
    expect(
      fullAfter(
        minutes.map((minute) => at(minute, 5000)),
        10,
        HOUR,
      ),
    ).toBeNull();
  });
});

test("a mount that does not answer costs only its own result", async () => {
  const clock = createTestClock();
  const rooted = createRootFs(join(import.meta.dir, "testcases/nfs-server-does-not-answer/root"), clock);
  const asked: string[] = [];
  const fs: HostFs = {
    ...rooted,
    usage: (path, ms) => (asked.push(`${path} ${ms}`), rooted.usage(path, ms)),
  };
  const ctx = createTestContext({ plugin, fs, clock });
  const { checks } = plugin.setup(ctx, plugin.config.parse({ statfs_timeout: "1s" }));
  const results = (await runCheck(checks![0]!, ctx)) as Result[];
  expect(results.map(({ status }) => status)).toEqual(["ok", "unknown", "ok"]);
  expect(asked).toEqual(["/ 1000", "/mnt/home 1000", "/mnt/scratch 1000"]);
});

describe("the host of prometheus/node_exporter", () => {
  const { root, present } = hostFixture("node-exporter");
  test.skipIf(!present)(
    `is read without an error${present ? "" : " (skipped: fixtures are not here)"}`,
    async () => {
      const ctx = createTestContext({ plugin, root });
      const { checks } = plugin.setup(ctx, plugin.config.parse({}));
      const readonly = checks!.find(({ name }) => name === "fs_readonly")!;
      const targets = (await runCheck(readonly, ctx)).map(({ target }) => target);
      expect(targets).toContain("/boot");
      expect(targets).toContain("/dev/shm");
      expect(targets.some((target) => target!.includes("[vsanDatastore]"))).toBe(true);
    },
  );
});

test("a file system whose kernel gave up is read-only, whichever way the kernel says so", () => {
  const [mount] = parseMountInfo(
    "42 27 7:0 / /data rw,relatime - ext4 /dev/sdb1 rw,errors=remount-ro,emergency_ro",
  );
  expect(judgeWritable(mount!, undefined)).toMatchObject({ bad: true });
  expect(judgeWritable({ ...mount!, superOptions: ["ro"] }, undefined)).toMatchObject({ bad: true });
  expect(judgeWritable({ ...mount!, superOptions: ["rw"] }, undefined)).toMatchObject({ bad: false });
});

test("what must be writable by the configuration is at fault when somebody left it read-only", async () => {
  const root = testFolder();
  mkdirSync(join(root, "proc/self"), { recursive: true });
  mkdirSync(join(root, "data"));
  const line = "42 27 7:0 / /data ro,relatime - ext4 /dev/sdb1 ro\n";
  writeFileSync(join(root, "proc/self/mountinfo"), line);
  const look = async (config: object) => {
    const ctx = createTestContext({ plugin, root });
    const { checks } = plugin.setup(ctx, plugin.config.parse(config));
    const [result] = await runCheck(
      checks!.find(({ name }) => name === "fs_readonly")!,
      ctx,
    );
    return (result as { status: string }).status;
  };
  expect(await look({})).toBe("ok");
  expect(await look({ fs_readonly: { writable: ["/data"] } })).toBe("critical");
});
