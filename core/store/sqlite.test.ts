import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { modeOf, testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { needsReopen, storeError } from "./errors.ts";
import { openDatabase, quickCheck, reopenDatabase, usedBytes } from "./sqlite.ts";

const pragma = (db: ReturnType<typeof openDatabase>, name: string) =>
  Object.values(db.query<Record<string, unknown>, []>(`PRAGMA ${name}`).get() ?? {})[0];

describe("openDatabase", () => {
  test("sets every pragma", () => {
    const db = openDatabase(join(testFolder(), "a.db"));
    const names =
      "journal_mode synchronous foreign_keys busy_timeout trusted_schema cell_size_check mmap_size";
    expect(names.split(" ").map((name) => pragma(db, name))).toEqual(["wal", 2, 1, 5000, 0, 1, 0]);
    expect([pragma(db, "wal_autocheckpoint"), pragma(db, "journal_size_limit")]).toEqual([
      1000,
      64 * 2 ** 20,
    ]);
    db.close();
  });

  test("T93 creates the database, its log and its index with mode 0600", () => {
    const path = join(testFolder(), "a.db");
    const db = openDatabase(path);
    db.run("CREATE TABLE t (a INTEGER) STRICT");
    expect(["", "-wal", "-shm"].map((suffix) => modeOf(statSync(path + suffix)))).toEqual([
      "600",
      "600",
      "600",
    ]);
    db.close();
  });

  test("T96 takes the rights of others away from an existing file", () => {
    const path = join(testFolder(), "a.db");
    writeFileSync(path, "");
    chmodSync(path, 0o644);
    openDatabase(path).close();
    expect(modeOf(statSync(path))).toBe("600");
  });

  test("T96 refuses a symbolic link, also a dangling one, and creates nothing behind it", () => {
    const folder = testFolder();
    symlinkSync(join(folder, "elsewhere.db"), join(folder, "a.db"));
    expect(thrown(() => openDatabase(join(folder, "a.db")))?.code).toBe("store.symlink");
    expect(existsSync(join(folder, "elsewhere.db"))).toBe(false);
    mkdirSync(join(folder, "b.db"));
    expect(thrown(() => openDatabase(join(folder, "b.db")))?.code).toBe("store.symlink");
  });

  test("read-only neither creates nor writes", () => {
    const path = join(testFolder(), "a.db");
    expect(thrown(() => openDatabase(path, { readonly: true }))?.code).toBe("store.io");
    expect(existsSync(path)).toBe(false);
    const writer = openDatabase(path);
    writer.run("CREATE TABLE t (a INTEGER) STRICT");
    const reader = openDatabase(path, { readonly: true });
    const error = thrown(() => reader.run("INSERT INTO t VALUES (1)"));
    expect(error?.code).toBe("SQLITE_READONLY");
    reader.close();
    writer.close();
  });

  test("names a file that is no database as damaged, and leaves it as it is", () => {
    const path = join(testFolder(), "a.db");
    writeFileSync(path, "this is not a database, but long enough to be looked at as one".repeat(20));
    const before = readFileSync(path);
    expect(thrown(() => openDatabase(path))).toMatchObject({ code: "store.corrupt" });
    expect(readFileSync(path)).toEqual(before);
  });
});

describe("quickCheck", () => {
  test("finds a damaged page", () => {
    const path = join(testFolder(), "a.db");
    const db = openDatabase(path);
    db.run("CREATE TABLE t (a TEXT) STRICT");
    db.run("CREATE INDEX i ON t (a)");
    for (let i = 0; i < 500; i += 1) db.query("INSERT INTO t VALUES (?)").run(`row ${i} ${"x".repeat(50)}`);
    expect(quickCheck(db)).toEqual([]);
    expect(usedBytes(db)).toBeGreaterThan(20_000);
    db.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 3, 4096 * 3 + 64);
    writeFileSync(path, bytes);
    const damaged = openDatabase(path);
    expect(quickCheck(damaged).length).toBeGreaterThan(0);
    damaged.close();
    expect(thrown(() => reopenDatabase(null, path))?.code).toBe("store.corrupt");
  });
});

describe("errors", () => {
  const sqliteError = (code: string) => Object.assign(new Error("text from SQLite"), { code });

  test("every storage fault has a code and says what to do", () => {
    const codes = [
      "SQLITE_FULL",
      "ENOSPC",
      "SQLITE_READONLY_DBMOVED",
      "SQLITE_CORRUPT_INDEX",
      "SQLITE_BUSY_SNAPSHOT",
    ];
    codes.push("SQLITE_IOERR_FSYNC", "SQLITE_CANTOPEN", "EMFILE");
    const mapped = codes.map(
      (code) => storeError(sqliteError(code), "/data/a.db") as Error & { code: string },
    );
    expect(mapped.map((error) => error.code)).toEqual([
      "store.full",
      "store.full",
      "store.readonly",
      "store.corrupt",
      "store.busy",
      "store.io",
      "store.io",
      "store.io",
    ]);
    for (const error of mapped) expect(error.message).toContain("/data/a.db");
    expect(mapped.map(needsReopen)).toEqual([false, false, false, true, false, true, true, true]);
  });

  test("a constraint is the caller's error and stays what it is", () => {
    const error = sqliteError("SQLITE_CONSTRAINT_UNIQUE");
    expect(storeError(error, "a.db")).toBe(error);
  });

  test("a reopened connection sees what was committed", () => {
    const path = join(testFolder(), "a.db");
    const first = openDatabase(path);
    first.run("CREATE TABLE t (a INTEGER) STRICT");
    first.run("INSERT INTO t VALUES (7)");
    const second = reopenDatabase(first, path);
    expect(second.query("SELECT a FROM t").get()).toEqual({ a: 7 });
    second.close();
  });
});
