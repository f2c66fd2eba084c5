/** Run by connection.test.ts under strace, which lets some of its fsync calls fail. Prints what it saw as one JSON line. */
import { join } from "node:path";
import { openConnection } from "./connection.ts";

const migrations = [{ id: 1, sql: "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT" }];
const connection = openConnection(join(process.argv[2] ?? ".", "a.db"), migrations);
const acknowledged: number[] = [];
const errors: string[] = [];
for (let a = 1; a <= 40; a += 1) {
  try {
    connection.transaction(() => connection.run("INSERT INTO t VALUES (?)", a));
    acknowledged.push(a);
  } catch (error) {
    errors.push(String((error as { code?: unknown }).code));
  }
}
const stored = connection.all<{ a: number }>("SELECT a FROM t ORDER BY a").map((row) => row.a);
connection.close();
await Bun.write(Bun.stdout, `${JSON.stringify({ acknowledged, errors, stored })}\n`);
