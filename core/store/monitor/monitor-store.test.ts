import { expect, test } from "bun:test";
import { getTableColumns, is } from "drizzle-orm";
import { SQLiteTable, getTableConfig } from "drizzle-orm/sqlite-core";
import { migrate, openMigrated } from "../migrate.ts";
import { MONITOR_MIGRATIONS } from "./migrations.ts";
import { newRow } from "../../monitor/known-nodes.ts";
import { addSeq, type SeqRanges } from "./inbox.repository.ts";
import { createTestMonitorStore } from "../../testing/test-monitor-store.ts";

test("the tables drizzle describes are the tables the migrations make", async () => {
  const db = openMigrated(":memory:", MONITOR_MIGRATIONS);
  const files = [...new Bun.Glob("*.schema.ts").scanSync(import.meta.dir)];
  const schemas: object[] = await Promise.all(files.map((file) => import(`./${file}`)));
  for (const table of schemas.flatMap((one) => Object.values(one))) {
    if (!is(table, SQLiteTable)) continue;
    const { name } = getTableConfig(table);
    const real = db
      .query<{ name: string; notnull: number; pk: number }, [string]>("SELECT * FROM pragma_table_info(?)")
      .all(name);
    const described = Object.values(getTableColumns(table)).map((column) => column.name);
    expect(real.map((column) => column.name)).toEqual(described);
  }
  db.close();
});

test("handled numbers collapse into ranges whatever their order", () => {
  let ranges: SeqRanges = [];
  for (const seq of [1, 2, 5, 3, 9, 4, 8, 10]) ranges = addSeq(ranges, seq) ?? ranges;
  expect(ranges).toEqual([
    [1, 5],
    [8, 10],
  ]);
  expect(addSeq(ranges, 4)).toBeNull();
  expect(addSeq(ranges, 10)).toBeNull();
});

test("an idempotency key is good once per node", () => {
  const store = createTestMonitorStore();
  expect(store.inbox.claimKey("n_a", "k", 1)).toBe(true);
  expect(store.inbox.claimKey("n_a", "k", 2)).toBe(false);
  expect(store.inbox.claimKey("n_b", "k", 3)).toBe(true);
  store.close();
});

test("user names are one account whatever their case", () => {
  const { users } = createTestMonitorStore().access;
  const user = {
    role: "admin" as const,
    grants: [],
    passwordHash: null,
    disabled: false,
    createdAt: 1,
    lastLoginAt: null,
    language: null,
  };
  expect(users.add({ ...user, id: "1", name: "Anna" })).toBe(true);
  expect(users.add({ ...user, id: "2", name: "aNNA" })).toBe(false);
  expect(users.byName("ANNA")?.id).toBe("1");
  expect(users.byName("anna' OR 1=1 --")).toBeNull();
});

test("who had a role before there were scopes has it on the whole tree, and a node's key on nothing", () => {
  const before = MONITOR_MIGRATIONS.filter(({ id }) => id < 2);
  const db = openMigrated(":memory:", before);
  db.run(
    `INSERT INTO users (id, name, name_key, role, disabled, created_at) VALUES ('1', 'a', 'a', 'operator', 0, 1)`,
  );
  db.run(`INSERT INTO keys (id, name, role, secret_hash, created_by, created_at)
    VALUES ('k', 'k', 'viewer', 'x', 'local', 1), ('n', 'n', 'node', 'x', 'local', 1)`);
  db.run(`INSERT INTO sessions VALUES ('h', 's', '1', 5, 9, 99, '', '')`);
  migrate(db, MONITOR_MIGRATIONS, { path: ":memory:" });
  const grants = (table: string) =>
    db.query<{ grants: string }, []>(`SELECT grants FROM ${table} ORDER BY id`).values();
  expect(grants("users")).toEqual([['[{"role":"operator","scope":"*"}]']]);
  expect(grants("keys")).toEqual([['[{"role":"viewer","scope":"*"}]'], ["[]"]]);
  expect(db.query("SELECT auth_at, method FROM sessions").values()).toEqual([[5, "password"]]);
  db.close();
});

test("whether repairs are on stays unknown until the node has said so", () => {
  const { nodes } = createTestMonitorStore();
  const row = newRow("n_a", 1);
  for (const repairs of [null, true, false, null]) {
    nodes.put({ ...row, repairs });
    expect(nodes.all().map((node) => node.repairs)).toEqual([repairs]);
  }
});
