import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
import { readPlugin, sha256 } from "./plugin-files.ts";
import { lockPathOf, notAllowed, readLock, writeLock } from "./plugin-lock.ts";

let dir = "";
const put = (path: string, text: string, mode = 0o644) => {
  mkdirSync(join(dir, path, ".."), { recursive: true, mode: 0o755 });
  writeFileSync(join(dir, path), text, { mode });
};
const entry = (files: Record<string, string>) => ({
  version: "1.0.0",
  files,
  permissions: ["fs-read"],
  allowed_at: "2026-11-26T10:00:00Z",
  allowed_by: "root",
});
const hashesOf = (name: string) => {
  const bundle = readPlugin(dir, name);
  return "refused" in bundle ? bundle.refused : bundle.hashes;
};

beforeEach(() => {
  dir = join(testFolder(), "plugins");
  mkdirSync(dir, { mode: 0o755 });
  put("mine/index.ts", "export default 1;");
  put("mine/lib/text.ts", "export const text = 2;");
});

describe("the allow-list of users' plugins", () => {
  const allow = () => writeLock(dir, { mine: entry(hashesOf("mine") as Record<string, string>) });
  const verdict = () => {
    const hashes = hashesOf("mine");
    return typeof hashes === "string" ? hashes : notAllowed(readLock(dir), "mine", hashes);
  };

  test("T98 what is not on the list is not run, what was allowed as it is runs", () => {
    expect(verdict()).toContain("not on the allow-list");
    allow();
    expect(verdict()).toBeNull();
    expect(lockPathOf(dir)).toEndWith("/plugins.lock");
  });

  test.each<[string, () => void, string]>([
    ["a changed byte", () => put("mine/index.ts", "export default 2;"), "index.ts is not as it was allowed"],
    ["a new file", () => put("mine/extra.ts", ""), "extra.ts is not as it was allowed"],
    ["a missing file", () => rmSync(join(dir, "mine/lib/text.ts")), "lib/text.ts is not as it was allowed"],
    ["a file others can write", () => chmodSync(join(dir, "mine/index.ts"), 0o666), "others can write"],
    ["a folder others can write", () => chmodSync(join(dir, "mine"), 0o777), "others can write"],
    ["a list that others can write", () => chmodSync(lockPathOf(dir), 0o666), "can't be trusted"],
    ["a list that is nonsense", () => writeFileSync(lockPathOf(dir), "{"), "can't be trusted"],
    [
      "a symlink to the same bytes",
      () => {
        renameSync(join(dir, "mine/index.ts"), join(dir, "..", "outside.ts"));
        symlinkSync(join(dir, "..", "outside.ts"), join(dir, "mine/index.ts"));
      },
      "is a symlink",
    ],
  ])("T98 %s stops an allowed plugin, with what to do", (_what, change, reason) => {
    allow();
    change();
    expect(verdict()).toContain(reason);
  });

  test("T99 the bytes that were hashed are the bytes that run, however often the file is swapped", () => {
    const [good, bad] = ["export default 'good';", "export default 'evil';"];
    const [path, other] = [join(dir, "mine/index.ts"), join(dir, "other.ts")];
    rmSync(join(dir, "mine/lib"), { recursive: true });
    for (let round = 0; round < 500; round += 1) {
      writeFileSync(other, round % 2 === 0 ? good : bad, { mode: 0o644 });
      renameSync(other, path);
      const bundle = readPlugin(dir, "mine");
      if ("refused" in bundle) throw new Error(bundle.refused);
      // Swapped after the reading: what is handed on stays what was judged.
      writeFileSync(other, round % 2 === 0 ? bad : good, { mode: 0o644 });
      renameSync(other, path);
      expect(sha256(bundle.files["index.ts"]!)).toBe(bundle.hashes["index.ts"]!);
    }
  });
});
