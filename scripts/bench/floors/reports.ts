/** The least that is still durable and checked: Elysia, one zod schema, SQLite with synchronous=FULL, one commit a turn. */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { Elysia } from "elysia";
import { reportBody } from "../../../core/wire/report.ts";

const [port, folder] = process.argv.slice(2);
const db = new Database(join(folder!, "floor-reports.db"));
db.run("PRAGMA journal_mode = WAL");
db.run("PRAGMA synchronous = FULL");
db.run("CREATE TABLE reports (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
const insert = db.prepare("INSERT INTO reports (body) VALUES (?)");
let queue: { body: string; done: () => void }[] = [];

function flush(): void {
  const batch = queue;
  queue = [];
  db.transaction(() => {
    for (const { body } of batch) insert.run(body);
  })();
  for (const { done } of batch) done();
}

new Elysia()
  .get("/healthz", () => ({ ok: true }))
  .post(
    "/api/v1/reports",
    async ({ request, status }) => {
      const text = await request.text();
      if (!reportBody.safeParse(JSON.parse(text)).success) return status(422);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (queue.push({ body: text, done: resolve }) === 1) setImmediate(flush);
      await promise;
      return { outcome: "stored" };
    },
    { parse: "none" },
  )
  .listen({ hostname: "127.0.0.1", port: Number(port) });
