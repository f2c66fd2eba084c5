import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { migrate, type Migration, openMigrated, schemaVersion } from "./migrate.ts";
import { openDatabase } from "./sqlite.ts";
import { modeOf, testFolder, thrown } from "./test-folder.ts";

const steps: Migration[] = [
  { id: 1, sql: "CREATE TABLE t (a INTEGER) STRICT; CREATE INDEX i ON t (a)" },
  { id: 2, sql: "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new'" },
  { id: 3, sql: "CREATE TABLE u (x TEXT) STRICT" },
];
const now = () => Date.UTC(2026, 10, 5, 10, 15, 0);

describe("migrations", () => {
  test("lead from every older version to the same schema and keep the rows", () => {
    const schemas = steps.map((_, done) => {
      const db = openDatabase(":memory:");
      migrate(db, steps.slice(0, done), { path: "t.db", now });
      if (done > 0) db.run("INSERT INTO t (a) VALUES (1)");
      expect(migrate(db, steps, { path: "t.db", now })).toEqual({ from: done, to: 3, backup: null });
      if (done > 0) expect(db.query("SELECT a, b FROM t").all()).toEqual([{ a: 1, b: "new" }]);
      const schema = db.query("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
      db.close();
      return JSON.stringify(schema);
    });
    expect(new Set(schemas).size).toBe(1);
  });

  test("T93 a database with data is copied first, 0600 and readable; an empty one is not", () => {
    const folder = testFolder();
    const path = join(folder, "agent.db");
    const backupsDir = join(folder, "backups");
    openMigrated(path, steps.slice(0, 1), { now, backupsDir }).close();
    expect(readdirSync(folder).includes("backups")).toBe(false);
    const db = openMigrated(path, steps, { now, backupsDir });
    expect(schemaVersion(db)).toBe(3);
    db.close();
    expect(readdirSync(backupsDir)).toEqual(["agent-v1-20261105T101500.000Z.db"]);
    const copy = join(backupsDir, "agent-v1-20261105T101500.000Z.db");
    expect(modeOf(statSync(copy))).toBe("600");
    const old = openDatabase(copy, { readonly: true });
    expect(schemaVersion(old)).toBe(1);
    old.close();
  });

  test("only the newest copies are kept, and only those of this database are counted", () => {
    const folder = testFolder();
    const options = (at: number) => ({ now: () => at, backupsDir: join(folder, "b"), keepBackups: 2 });
    for (const name of ["agent", "monitor"]) {
      for (let done = 1; done <= 3; done += 1)
        openMigrated(join(folder, `${name}.db`), steps.slice(0, done), options(done * 1000)).close();
      const db = openDatabase(join(folder, `${name}.db`));
      migrate(db, [...steps, { id: 4, sql: "CREATE TABLE v (x TEXT) STRICT" }], {
        path: `${name}.db`,
        ...options(9000),
      });
      db.close();
    }
    expect(readdirSync(join(folder, "b")).sort()).toEqual([
      "agent-v2-19700101T000003.000Z.db",
      "agent-v3-19700101T000009.000Z.db",
      "monitor-v2-19700101T000003.000Z.db",
      "monitor-v3-19700101T000009.000Z.db",
    ]);
  });

  test("a failing step changes nothing, names the copy, and the next start can go on", () => {
    const folder = testFolder();
    const path = join(folder, "agent.db");
    openMigrated(path, steps.slice(0, 1), { now }).close();
    const broken = [steps[0]!, { id: 2, sql: "CREATE TABLE w (a); INSERT INTO nowhere VALUES (1)" }];
    const error = thrown(() => openMigrated(path, broken, { now, backupsDir: join(folder, "b") }));
    expect(error?.code).toBe("store.migration_failed");
    expect(error?.message).toContain("stays at schema 1");
    expect(error?.message).toContain("agent-v1-");
    const db = openMigrated(path, steps, { now });
    expect(db.query("SELECT name FROM sqlite_schema WHERE name = 'w'").get()).toBeNull();
    db.close();
  });

  test("a step that leaves rows pointing nowhere fails", () => {
    const db = openDatabase(":memory:");
    const sql = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p (id));";
    const error = thrown(() =>
      migrate(db, [{ id: 1, sql: `${sql} INSERT INTO c VALUES (5)` }], { path: "t", now }),
    );
    expect(error?.code).toBe("store.migration_failed");
    expect(schemaVersion(db)).toBe(0);
    db.close();
  });

  test("a newer schema is refused by name of both versions, and the file keeps every byte", () => {
    const path = join(testFolder(), "agent.db");
    openMigrated(path, steps, { now }).close();
    const before = readFileSync(path);
    const error = thrown(() => openMigrated(path, steps.slice(0, 2), { now }));
    expect(error?.code).toBe("store.newer_schema");
    expect(error?.message).toContain("schema 3");
    expect(error?.message).toContain("up to 2");
    expect(readFileSync(path)).toEqual(before);
  });
});
