import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupErrors } from "../domain/backup.ts";
import { copyDatabases } from "../store/backup/copy.ts";
import { createBackupHouse } from "../testing/backup-house.ts";
import { mountTmpfs, testFolder } from "../testing/test-folder.ts";

const HOUR = 3_600_000;
const house = () => {
  const one = createBackupHouse(join(testFolder(), "data"));
  one.note("x");
  return one;
};

test("the first backup is made soon after the first start, then one every hour, also over a restart", async () => {
  const one = house();
  const backups = one.backups();
  backups.start();
  await one.clock.advance(60_000);
  expect(one.inBackups()).toHaveLength(1);
  await one.clock.advance(2 * HOUR);
  expect(one.inBackups()).toHaveLength(3);
  expect(backups.status()).toMatchObject({ failure: null, lastGoodAt: one.clock.now() });
  await one.clock.advance(HOUR / 2);
  await backups.stop();
  const again = one.backups();
  again.start();
  expect(again.status().nextAt).toBe(one.clock.now() + HOUR / 2);
  await one.clock.advance(HOUR / 2);
  expect(one.inBackups()).toHaveLength(4);
  await again.stop();
  expect(one.recorded[0]).toMatchObject({
    kind: "backup.created",
    actor: "schedule",
    payload: { sound: true },
  });
});

test("one that fails is tried again soon, said once, and forgotten when one succeeds", async () => {
  const one = house();
  let broken = true;
  const backups = one.backups({
    copy: async (job) => {
      if (broken) throw backupErrors.no_space("the disk is full");
      return copyDatabases(job);
    },
  });
  backups.start();
  await one.clock.advance(HOUR + 20 * 60_000);
  expect(backups.status().failure?.reason).toBe("the disk is full");
  expect(one.recorded).toEqual([
    { kind: "backup.failed", actor: "schedule", payload: { code: "backup.no_space" } },
  ]);
  expect(one.inBackups()).toEqual([]);
  broken = false;
  await one.clock.advance(5 * 60_000);
  expect(backups.status().failure).toBeNull();
  expect(one.inBackups()).toHaveLength(1);
  await backups.stop();
});

test("there is one at a time", async () => {
  const one = house();
  const backups = one.backups();
  const first = backups.create("asked", "local");
  expect(backups.create("asked", "local")).rejects.toMatchObject({ code: "backup.busy" });
  await first;
});

test("what a killed one left behind is gone with the next, and never was in the list", async () => {
  const one = house();
  const path = await one.backup();
  const node = one.backups().list().backups[0]!.node;
  const left = join(one.dir.backups, `.backup-20200101T000000.000Z.${node}.tmp`);
  mkdirSync(left);
  writeFileSync(join(left, "agent.db"), "half");
  expect(
    one
      .backups()
      .list()
      .backups.map((found) => found.path),
  ).toEqual([path]);
  await one.clock.advance(HOUR);
  await one.backup();
  expect(readdirSync(one.dir.backups).filter((name) => name.startsWith("."))).toEqual([]);
});

test("switched off, none is made by the clock", async () => {
  const one = house();
  const keep = { hours: 1, days: 1, weeks: 1, migrations: 1 };
  const backups = one.backups({
    settings: () => ({ enabled: false, everyMs: HOUR, folder: one.dir.backups, keep }),
  });
  backups.start();
  await one.clock.advance(5 * HOUR);
  expect(one.inBackups()).toEqual([]);
  expect(backups.status().nextAt).toBeNull();
  await backups.stop();
});

const tmpfs = mountTmpfs("3m");
test.skipIf(tmpfs.dir === null)(
  "a full target is an error with what is needed, and nothing half stays there",
  async () => {
    const one = house();
    writeFileSync(join(tmpfs.dir!, "filler"), Buffer.alloc(2_600_000));
    const keep = { hours: 1, days: 1, weeks: 1, migrations: 1 };
    const backups = one.backups({
      settings: () => ({ enabled: true, everyMs: HOUR, folder: join(tmpfs.dir!, "b"), keep }),
    });
    expect(backups.create("asked", "local")).rejects.toMatchObject({ code: "backup.no_space" });
    await Bun.sleep(0);
    expect(readdirSync(join(tmpfs.dir!, "b"))).toEqual([]);
    expect(await one.told()).toEqual([["x"], ["x"]]);
  },
);
