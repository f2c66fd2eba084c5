import { expect, test } from "bun:test";
import fc from "fast-check";
import type { DiskStat } from "../common/proc/diskstats.parse.ts";
import { activity, isReset, parseRebuildingMembers } from "./disks.parse.ts";

const stat = (over: Partial<DiskStat>): DiskStat => ({
  name: "sda",
  reads: 0,
  readBytes: 0,
  readMs: 0,
  writes: 0,
  writtenBytes: 0,
  writeMs: 0,
  inFlight: 0,
  busyMs: 0,
  weightedMs: 0,
  ...over,
});

test("rates, queue and waiting time come from the differences", () => {
  const after = stat({
    reads: 400,
    readBytes: 4_096_000,
    readMs: 2000,
    writes: 200,
    writeMs: 4000,
    busyMs: 9000,
    weightedMs: 25_000,
  });
  expect(activity(stat({}), after, 10_000)).toEqual({
    queue: 2.5,
    busyRatio: 0.9,
    awaitSeconds: 0.01,
    readAwaitSeconds: 0.005,
    writeAwaitSeconds: 0.02,
    requests: 600,
    readBytesPerSecond: 409_600,
    writeBytesPerSecond: 0,
    readsPerSecond: 40,
    writesPerSecond: 20,
  });
});

test("a disk is never busy more than all the time", () => {
  expect(activity(stat({}), stat({ busyMs: 15_020 }), 15_000).busyRatio).toBe(1);
});

test("counters that ran backwards are told", () => {
  expect(isReset(stat({ reads: 5 }), stat({ reads: 4 }))).toBe(true);
  expect(isReset(stat({ reads: 5 }), stat({ reads: 5 }))).toBe(false);
});

test("members of arrays that are rebuilt are found, those of healthy and waiting ones are not", () => {
  const text = `Personalities : [raid1] [raid6]
md1 : active raid1 sdd1[1] sdc1[0]
      976630464 blocks super 1.2 [2/2] [UU]
\tresync=DELAYED

md0 : active raid1 sdb1[2] sda1[0] sdx1[3](S) sdy1[1](F)
      976630464 blocks super 1.2 [2/1] [U_]
      [=>...................]  recovery =  8.5% (83456/976630) finish=1.6min speed=83456K/sec

unused devices: <none>
`;
  expect(parseRebuildingMembers(text)).toEqual(["sdb1", "sda1"]);
});

test("no text breaks the search for members", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      parseRebuildingMembers(`md0 : active ${text}\n check = 1.0% ${text}`);
    }),
  );
});
