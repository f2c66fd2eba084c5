import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { migrate, type Migration, openMigrated, schemaVersion } from "./migrate.ts";
import { openDatabase } from "./sqlite.ts";

const steps: Migration[] = [
  { id: 1, sql: "CREATE TABLE t (a INTEGER) STRICT; CREATE INDEX i ON t (a)" },
  { id: 2, sql: "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new'" },
  { id: 3, sql: "CREATE TABLE u (x TEXT) STRICT" },
];

describe("migrations", () => {
  test("lead from every older version to the same schema and keep the rows", () => {
    const schemas = steps.map((_, done) => {
      const db = openDatabase(":memory:");
      migrate(db, steps.slice(0, done), { path: "t.db" });
      if (done > 0) db.run("INSERT INTO t (a) VALUES (1)");
      expect(migrate(db, steps, { path: "t.db" })).toEqual({ from: done, to: 3 });
      if (done > 0) expect(db.query("SELECT a, b FROM t").all()).toEqual([{ a: 1, b: "new" }]);
      const schema = db.query("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
      db.close();
      return JSON.stringify(schema);
    });
    expect(new Set(schemas).size).toBe(1);
  });

  test("a failing step changes nothing, names where the copy is, and the next start can go on", () => {
    const folder = testFolder();
    const path = join(folder, "agent.db");
    openMigrated(path, steps.slice(0, 1)).close();
    const broken = [steps[0]!, { id: 2, sql: "CREATE TABLE w (a); INSERT INTO nowhere VALUES (1)" }];
    const error = thrown(() => openMigrated(path, broken));
    expect(error?.code).toBe("store.migration_failed");
    expect(error?.message).toContain("stays at schema 1");
    expect(error?.message).toContain("cortex backup list");
    const db = openMigrated(path, steps);
    expect(db.query("SELECT name FROM sqlite_schema WHERE name = 'w'").get()).toBeNull();
    db.close();
  });

  test("a step that leaves rows pointing nowhere fails", () => {
    const db = openDatabase(":memory:");
    const sql = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p (id));";
    const error = thrown(() =>
      migrate(db, [{ id: 1, sql: `${sql} INSERT INTO c VALUES (5)` }], { path: "t" }),
    );
    expect(error?.code).toBe("store.migration_failed");
    expect(schemaVersion(db)).toBe(0);
    db.close();
  });

  test("a newer schema is refused by name of both versions, and the file keeps every byte", () => {
    const path = join(testFolder(), "agent.db");
    openMigrated(path, steps).close();
    const before = readFileSync(path);
    const error = thrown(() => openMigrated(path, steps.slice(0, 2)));
    expect(error?.code).toBe("store.newer_schema");
    expect(error?.message).toContain("schema 3");
    expect(error?.message).toContain("up to 2");
    expect(readFileSync(path)).toEqual(before);
  });
});
