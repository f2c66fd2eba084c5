import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { openConnection } from "./connection.ts";
import { quickCheck } from "./sqlite.ts";

const migrations = [{ id: 1, sql: "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT" }];
const memory = () => openConnection(":memory:", migrations);
const count = (connection: ReturnType<typeof memory>) =>
  connection.get<{ n: number }>("SELECT count(*) AS n FROM t")?.n;

describe("a connection", () => {
  test("runs hooks after the outermost commit, never after a roll-back", () => {
    const connection = memory();
    const seen: string[] = [];
    connection.afterCommit(() => seen.push("at once"));
    connection.transaction(() => {
      connection.afterCommit(() => seen.push(`outer, ${count(connection)} rows`));
      connection.transaction(() => connection.afterCommit(() => seen.push("inner")));
      thrown(() =>
        connection.transaction(() => {
          connection.afterCommit(() => seen.push("undone"));
          throw new Error("no");
        }),
      );
      connection.run("INSERT INTO t VALUES (1)");
    });
    thrown(() =>
      connection.transaction(() => {
        connection.afterCommit(() => seen.push("rolled back"));
        throw new Error("no");
      }),
    );
    connection.transaction(() => connection.run("INSERT INTO t VALUES (2)"));
    expect(seen).toEqual(["at once", "outer, 1 rows", "inner"]);
  });

  test("a transaction begins with its first statement: until then others may write", () => {
    const folder = testFolder();
    const open = () => openConnection(join(folder, "a.db"), migrations);
    const [one, other] = [open(), open()];
    one.transaction(() => {
      one.transaction(() => other.run("INSERT INTO t VALUES (1)"));
      expect(count(one)).toBe(1);
      one.run("INSERT INTO t VALUES (2)");
    });
    expect(count(other)).toBe(2);
    one.close();
    other.close();
  });

  test("an inner transaction that fails is undone alone, whoever began to write", () => {
    const connection = memory();
    const failing = (value: number) =>
      thrown(() =>
        connection.transaction(() => {
          connection.run("INSERT INTO t VALUES (?)", value);
          throw new Error("no");
        }),
      );
    connection.transaction(() => {
      failing(1);
      connection.transaction(() => {
        connection.transaction(() => connection.run("INSERT INTO t VALUES (2)"));
        failing(3);
      });
      failing(4);
      connection.run("INSERT INTO t VALUES (5)");
    });
    expect(connection.all<{ a: number }>("SELECT a FROM t ORDER BY a").map((row) => row.a)).toEqual([2, 5]);
    failing(6);
    expect(connection.handle().inTransaction).toBe(false);
    expect(count(connection)).toBe(2);
  });

  test("lets the errors of the caller through unchanged", () => {
    const connection = memory();
    connection.run("INSERT INTO t VALUES (1)");
    expect(thrown(() => connection.run("INSERT INTO t VALUES (1)"))?.code).toBe(
      "SQLITE_CONSTRAINT_PRIMARYKEY",
    );
    expect(count(connection)).toBe(1);
  });
});

const strace = Bun.which("strace");
const why = strace === null ? " (skipped: strace is not installed)" : "";
test.skipIf(strace === null)(
  `after failed fsyncs it reopens the file and has lost nothing it acknowledged${why}`,
  () => {
    const folder = testFolder();
    const argv = [strace ?? "", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];
    // From the 30th call on, every 7th fails: in commits, in checkpoints, and while it opens the file again.
    argv.push(
      "-e",
      "inject=fsync,fdatasync:error=EIO:when=30+7",
      process.execPath,
      join(import.meta.dir, "connection.writer.ts"),
    );
    const child = Bun.spawnSync([...argv, folder], { stdout: "pipe", stderr: "inherit" });
    const { acknowledged, errors, stored } = JSON.parse(child.stdout.toString()) as Record<
      string,
      (number | string)[]
    >;
    expect(errors?.length).toBeGreaterThan(0);
    expect(new Set(errors)).toEqual(new Set(["store.io"]));
    expect(acknowledged?.length).toBeGreaterThan(20);
    // What was reported as failed may be there as well: an error does not mean "not stored".
    expect(stored).toEqual(expect.arrayContaining(acknowledged ?? []));
    const again = openConnection(join(folder, "a.db"), migrations);
    expect(quickCheck(again.handle())).toEqual([]);
    expect(again.all<{ a: number }>("SELECT a FROM t ORDER BY a").map((row) => row.a)).toEqual(
      stored as number[],
    );
    again.close();
  },
  20_000,
);
