import { expect, test } from "bun:test";
import { copyTo } from "./backup.ts";

test("a copy that fails says that the backup itself is there, and where", () => {
  expect(() => copyTo("/proc/nowhere", "/data/backups/b1", 1000)).toThrow(
    /^the backup was made and is in \/data\/backups\/b1, but could not be copied to \/proc\/nowhere: /,
  );
});
