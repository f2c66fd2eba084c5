import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
import { findUserPlugins } from "./plugin-folders.ts";

let dir = "";
const add = (name: string, file = "index.ts") => {
  mkdirSync(join(dir, name), { mode: 0o755 });
  const path = join(dir, name, file);
  writeFileSync(path, "export default 1;", { mode: 0o644 });
  return path;
};

beforeEach(() => {
  dir = testFolder();
});

describe("folders of users' plugins", () => {
  test("a folder with index.ts or index.js is a plugin; anything else is not", () => {
    add("one");
    add("two", "index.js");
    add("three", "readme.md");
    writeFileSync(join(dir, "loose.ts"), "");
    expect(findUserPlugins(dir).map(({ name, refused }) => [name, refused])).toEqual([
      ["one", null],
      ["two", null],
    ]);
  });

  test("an absent folder has none", () => {
    expect(findUserPlugins(join(dir, "absent"))).toEqual([]);
  });

  test("every edit changes the signature", () => {
    const file = add("one");
    const [before] = findUserPlugins(dir);
    utimesSync(file, 1, 1);
    expect(findUserPlugins(dir)[0]?.signature).not.toBe(before!.signature);
  });

  test("what others can write is refused with what to run, the folder above included", () => {
    const file = add("one");
    chmodSync(file, 0o666);
    expect(findUserPlugins(dir)[0]?.refused).toBe(`others can write ${file}; run: chmod go-w ${file}`);
    chmodSync(file, 0o644);
    chmodSync(dir, 0o777);
    expect(findUserPlugins(dir)[0]?.refused).toContain("others can write");
  });

  test("a symlink is refused", () => {
    const file = add("one");
    symlinkSync(file, join(dir, "one", "other.ts"));
    expect(findUserPlugins(dir)[0]?.refused).toContain("is a symlink");
  });
});
