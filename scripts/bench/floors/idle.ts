/** An all-in-one that does nothing well: Elysia, one SQLite file, and every 15 s a look at /proc that is kept durably. */
import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Elysia } from "elysia";

const [port, folder] = process.argv.slice(2);
const db = new Database(join(folder!, "floor-idle.db"));
db.run("PRAGMA journal_mode = WAL");
db.run("PRAGMA synchronous = FULL");
db.run("CREATE TABLE readings (at INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
const insert = db.prepare("INSERT OR REPLACE INTO readings (at, body) VALUES (?, ?)");
const FILES = ["stat", "meminfo", "loadavg", "diskstats", "net/dev", "vmstat", "mounts", "uptime"];
new Elysia().get("/healthz", () => ({ ok: true })).listen({ hostname: "127.0.0.1", port: Number(port) });
setInterval(() => {
  const body = JSON.stringify(FILES.map((file) => readFileSync(`/proc/${file}`, "utf8").length));
  insert.run(Date.now(), body);
}, 15_000);
