import { expect, test } from "bun:test";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { createGroupCommit } from "./group-commit.ts";
import { openDatabase } from "./sqlite.ts";

function setUp(maxGroup?: number) {
  const path = join(testFolder(), "m.db");
  const db = openDatabase(path);
  db.run("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT");
  const reader = openDatabase(path, { readonly: true });
  const failures: unknown[] = [];
  const group = createGroupCommit({
    database: () => db,
    path,
    maxGroup,
    onFailure: (error) => failures.push(error),
  });
  const add = (a: number) => group.submit(() => db.query("INSERT INTO t VALUES (?)").run(a).changes);
  const visible = () =>
    reader
      .query<{ a: number }, []>("SELECT a FROM t ORDER BY a")
      .all()
      .map((row) => row.a);
  return { db, group, add, visible, failures };
}

test("a promise resolves with the value of its work, after the commit", async () => {
  const { add, visible, group } = setUp();
  const first = add(1);
  const second = add(2);
  expect([group.waiting(), visible()]).toEqual([2, []]);
  expect(await first).toBe(1);
  expect(visible()).toEqual([1, 2]);
  await second;
  expect(group.waiting()).toBe(0);
});

test("one bad submission is undone alone", async () => {
  const { add, visible, group, db } = setUp();
  const results = await Promise.allSettled([
    add(1),
    group.submit(() => {
      db.run("INSERT INTO t VALUES (50)");
      throw new Error("poison");
    }),
    add(1),
    add(3),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(visible()).toEqual([1, 3]);
});

test("when the commit fails, all of the group are rejected and nothing is stored", async () => {
  const { db, add, visible, failures } = setUp();
  db.run("PRAGMA foreign_keys = ON");
  db.run("CREATE TABLE c (a INTEGER REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED) STRICT");
  db.run("CREATE TRIGGER orphan AFTER INSERT ON t WHEN NEW.a = 13 BEGIN INSERT INTO c VALUES (99); END");
  const results = await Promise.allSettled([add(1), add(13), add(2)]);
  expect(results.map((result) => result.status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(visible()).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(await add(4)).toBe(1);
});

test("a fault of the storage inside one submission is everybody's", async () => {
  const { add, visible, group } = setUp();
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  const results = await Promise.allSettled([
    add(1),
    group.submit(() => {
      throw full;
    }),
  ]);
  expect(results.map((result) => (result.status === "rejected" ? result.reason.code : ""))).toEqual([
    "store.full",
    "store.full",
  ]);
  expect(visible()).toEqual([]);
});

test("large groups are cut, in order, and flush commits what waits at once", async () => {
  const { add, visible, group } = setUp(3);
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map(add));
  group.flush();
  expect(visible()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await all;
  const later = [8, 9, 10, 11].map(add);
  await later[0];
  expect(visible()).toHaveLength(10);
  await Promise.all(later);
  expect(visible()).toHaveLength(11);
});
