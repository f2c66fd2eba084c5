import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { realPath } from "cortex";
import { testFolder } from "../../testing/test-folder.ts";
import { createHostFs } from "./host-fs.ts";

test("T46 a path is followed to where it really leads, whatever links lie on the way", async () => {
  const root = testFolder();
  mkdirSync(join(root, "var/lib/mysql"), { recursive: true });
  mkdirSync(join(root, "tmp"));
  symlinkSync("/var/lib/mysql", join(root, "tmp/cache"));
  symlinkSync("cache", join(root, "tmp/again"));
  symlinkSync("loop", join(root, "tmp/loop"));
  const fs = createHostFs(root);
  const real = (path: string) => realPath(fs, path);
  expect(await real("/tmp/cache/db")).toBe("/var/lib/mysql/db");
  expect(await real("/tmp/again")).toBe("/var/lib/mysql");
  expect(await real("/tmp/cache/../postgresql")).toBe("/var/lib/postgresql");
  expect(await real("/tmp/x/./y")).toBe("/tmp/x/y");
  expect(await real("/tmp/loop/x")).toBe("/");
});
