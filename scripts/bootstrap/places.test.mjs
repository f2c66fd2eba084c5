import { expect, test } from "bun:test";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskFolder, modeOf, testFolder } from "../../core/testing/test-folder.ts";
import { makePlaces } from "./places.mjs";

test("what tests leave behind, on the disk and in memory, is named once and goes with the run", () => {
  const memory = testFolder();
  const { env, leftBehind, remove } = makePlaces(memory);
  expect(leftBehind()).toEqual([]);
  writeFileSync(join(env.TMPDIR, "left"), "");
  writeFileSync(join(env.TMPDIR_IN_MEMORY, "too"), "");
  expect(leftBehind()).toEqual([join(env.TMPDIR, "left"), join(env.TMPDIR_IN_MEMORY, "too")]);
  expect(leftBehind()).toEqual([]);
  remove();
  expect([existsSync(env.TMPDIR), ...readdirSync(memory)]).toEqual([false]);
});

test("a machine without a file system in memory has the disk", () => {
  const { env, remove } = makePlaces(join(testFolder(), "absent"));
  expect(env).toEqual({ TMPDIR: expect.any(String) });
  remove();
});

test("a folder of a test is its own, and others pass by only on the way to theirs", () => {
  const { env, remove } = makePlaces();
  expect(modeOf(statSync(env.TMPDIR))).toBe("711");
  expect(modeOf(statSync(diskFolder()))).toBe("700");
  remove();
});
