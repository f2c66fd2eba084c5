/**
 * Random tampering by SQL, past the triggers, and a writer that is killed again and again. Every case prints its seed when
 * it fails; set LEDGER_SEED to repeat one.
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { canonicalJson, entryHash, payloadHash } from "../../domain/ledger.ts";
import { modeOf, testFolder } from "../../testing/test-folder.ts";
import { thrown } from "../../testing/thrown.ts";
import { ephemeralIdentity, loadIdentity } from "../identity.ts";
import type { LedgerCheckpoint, LedgerFault } from "./agent-store.ts";
import { createAgentStore } from "./create-agent-store.ts";
import { VERIFY_SLICE } from "./ledger-verify.ts";

const CASES = 25;
const ENTRIES = 40;
const BASE_SEED = Number(process.env.LEDGER_SEED ?? 20_261_105);

/** mulberry32: small, seeded, good enough to choose places. */
function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const identity = ephemeralIdentity();
const open = (path: string) =>
  createAgentStore(path, { ...identity, origin: identity.nodeId, now: () => 1_762_337_700_000 });

interface Template {
  database: Uint8Array;
  log: string;
  checkpoints: number[];
}

/** A ledger of ENTRIES entries with checkpoints at random places up to `ENTRIES - 5`, closed. */
async function makeTemplate(pick: (below: number) => number): Promise<Template> {
  const path = join(testFolder(), "agent.db");
  const store = open(path);
  const checkpoints: number[] = [];
  for (let seq = 1; seq <= ENTRIES; seq += 1) {
    store.ledger.append(pick(2) === 0 ? "note" : "intent.executing", `actor ${pick(3)}`, { n: pick(1000) });
    const wanted = seq === ENTRIES - 5 || (seq < ENTRIES - 5 && pick(8) === 0);
    if (wanted) checkpoints.push(store.ledger.checkpoint()?.size ?? 0);
  }
  expect(await store.ledger.verify()).toEqual({ entries: ENTRIES, fault: null });
  store.close();
  return {
    database: readFileSync(path),
    log: readFileSync(join(path, "..", "checkpoints.log"), "utf8"),
    checkpoints,
  };
}

/** Ledgers are made a few times and copied for each case, because making one costs more than the case itself. */
const templates = new Map<number, Template>();

async function ledgerFile(pick: (below: number) => number): Promise<{ path: string; checkpoints: number[] }> {
  const shape = pick(6);
  const template = templates.get(shape) ?? (await makeTemplate(random(BASE_SEED * 7 + shape)));
  templates.set(shape, template);
  const path = join(testFolder(), "agent.db");
  writeFileSync(path, template.database, { mode: 0o600 });
  writeFileSync(join(path, "..", "checkpoints.log"), template.log, { mode: 0o600 });
  return { path, checkpoints: template.checkpoints };
}

async function tamper(path: string, change: (db: Database) => void): Promise<LedgerFault | null> {
  const db = new Database(path);
  for (const name of [
    "ledger_no_update",
    "ledger_no_delete",
    "checkpoints_no_update",
    "checkpoints_no_delete",
  ])
    db.run(`DROP TRIGGER ${name}`);
  change(db);
  db.close();
  const store = open(path);
  const { fault } = await store.ledger.verify();
  store.close();
  return fault;
}

async function forAll(run: (pick: (below: number) => number, seed: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < CASES; index += 1) {
    const seed = BASE_SEED + index;
    try {
      await run(random(seed), seed);
    } catch (error) {
      throw new Error(`LEDGER_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

interface Row {
  seq: number;
  ts: number;
  actor: string;
  kind: string;
  payload: Uint8Array;
  salt: Uint8Array;
  payload_hash: Uint8Array;
  prev: Uint8Array;
  hash: Uint8Array;
}

const row = (db: Database, seq: number) =>
  db.query<Row, [number]>("SELECT * FROM ledger WHERE seq = ?").get(seq)!;

/** What somebody does who knows the format: all hashes from `seq` on are made anew. */
function rehashFrom(db: Database, seq: number): void {
  let prev = seq === 1 ? new Uint8Array(32) : row(db, seq - 1).hash;
  for (const { seq: at } of db
    .query<{ seq: number }, [number]>("SELECT seq FROM ledger WHERE seq >= ? ORDER BY seq")
    .all(seq)) {
    const entry = row(db, at);
    const payload_hash = payloadHash(entry.salt, entry.payload);
    const hash = entryHash({ ...entry, payloadHash: payload_hash, prev });
    db.query("UPDATE ledger SET payload_hash = ?, prev = ?, hash = ? WHERE seq = ?").run(
      payload_hash,
      prev,
      hash,
      at,
    );
    prev = hash;
  }
}

describe("tampering is named", () => {
  test("T88 an edit of any column, at the entry", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const seq = 1 + pick(ENTRIES);
      const edits = [
        "ts = ts + 1",
        "actor = actor || ' '",
        "kind = 'intent.verified'",
        `payload = CAST('{"n":-1}' AS BLOB)`,
        "payload = NULL",
        "salt = randomblob(16)",
        "payload_hash = randomblob(32)",
        "prev = randomblob(32)",
        "hash = randomblob(32)",
        "hash = x''",
      ];
      const edit = edits[pick(edits.length)]!;
      expect(
        await tamper(path, (db) => db.run(`UPDATE ledger SET ${edit} WHERE seq = ${seq}`)),
      ).toMatchObject({
        origin: identity.nodeId,
        seq,
      });
    });
  });

  test("T88 one changed bit of a hash or a payload, at the entry", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const seq = 1 + pick(ENTRIES);
      const column = (["payload", "payload_hash", "prev", "hash"] as const)[pick(4)]!;
      const fault = await tamper(path, (db) => {
        const bytes = new Uint8Array(row(db, seq)[column]);
        const at = pick(bytes.length);
        bytes[at] = bytes[at]! ^ (1 << pick(8));
        db.query(`UPDATE ledger SET ${column} = ? WHERE seq = ?`).run(bytes, seq);
      });
      expect(fault?.seq).toBe(seq);
    });
  });

  test("T88 a deletion, at the first missing entry, whether or not the rest is renumbered", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const seq = 1 + pick(ENTRIES - 1);
      const renumber = pick(2) === 0;
      const fault = await tamper(path, (db) => {
        db.run(`DELETE FROM ledger WHERE seq = ${seq}`);
        for (let at = seq + 1; renumber && at <= ENTRIES; at += 1)
          db.run(`UPDATE ledger SET seq = ${at - 1} WHERE seq = ${at}`);
      });
      expect(fault?.seq).toBe(seq);
    });
  });

  test("T88 a swap, at the first of the two", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const first = 1 + pick(ENTRIES - 1);
      const second = first + 1 + pick(ENTRIES - first);
      const fault = await tamper(path, (db) => {
        for (const [from, to] of [
          [first, -1],
          [second, first],
          [-1, second],
        ])
          db.run(`UPDATE ledger SET seq = ${to} WHERE seq = ${from}`);
      });
      expect(fault?.seq).toBe(first);
    });
  });

  test("T90 an insertion, at the forged entry or, where that is well formed, at the next check", async () => {
    await forAll(async (pick) => {
      const { path, checkpoints } = await ledgerFile(pick);
      const seq = 1 + pick(ENTRIES);
      const wellFormed = pick(2) === 0;
      const firstSeen = wellFormed && !checkpoints.includes(seq) ? seq + 1 : seq;
      const fault = await tamper(path, (db) => {
        for (let at = ENTRIES; at >= seq; at -= 1)
          db.run(`UPDATE ledger SET seq = ${at + 1} WHERE seq = ${at}`);
        const neighbour = row(db, seq + 1);
        const payload = new TextEncoder().encode(canonicalJson({ forged: true }));
        const link = {
          ...neighbour,
          seq,
          payloadHash: payloadHash(neighbour.salt, payload),
          prev: wellFormed ? neighbour.prev : new Uint8Array(32).fill(1),
        };
        db.query("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").run(
          seq,
          link.ts,
          link.actor,
          link.kind,
          payload,
          link.salt,
          link.payloadHash,
          link.prev,
          entryHash(link),
        );
      });
      expect(fault?.seq).toBe(firstSeen);
    });
  });

  test("T90 an entry forged before the first, as a missing beginning", async () => {
    const { path } = await ledgerFile(random(1));
    const fault = await tamper(path, (db) =>
      db.run(
        "INSERT INTO ledger SELECT 0, ts, actor, kind, payload, salt, payload_hash, prev, hash FROM ledger WHERE seq = 1",
      ),
    );
    expect(fault?.seq).toBe(1);
  });

  test("T90 a history made anew with right hashes, at the first checkpoint that was signed over the old one", async () => {
    await forAll(async (pick) => {
      const { path, checkpoints } = await ledgerFile(pick);
      const seq = 1 + pick(ENTRIES - 5);
      const fault = await tamper(path, (db) => {
        db.query("UPDATE ledger SET payload = ? WHERE seq = ?").run(
          new TextEncoder().encode('{"n":-1}'),
          seq,
        );
        rehashFrom(db, seq);
        // The rows in the database go too; the log beside it still speaks.
        if (pick(2) === 0) db.run(`DELETE FROM ledger_checkpoints WHERE size >= ${seq}`);
      });
      expect(fault).toMatchObject({ seq: checkpoints.find((size) => size >= seq) });
      expect(fault?.reason).toContain("rewritten");
    });
  });

  test("T88 a cut at the end, at the first missing entry, also with all traces of it in the database cut along", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const left = pick(ENTRIES - 5);
      const fault = await tamper(path, (db) => {
        db.run(`DELETE FROM ledger WHERE seq > ${left}`);
        db.run(`DELETE FROM ledger_checkpoints WHERE size > ${left}`);
        db.run(`UPDATE sqlite_sequence SET seq = ${left} WHERE name = 'ledger'`);
      });
      expect(fault).toMatchObject({ seq: left + 1 });
    });
  });

  test("the same cut goes unseen without checkpoints.log: what only the Monitor's copy can then tell", async () => {
    const { path } = await ledgerFile(random(2));
    const fault = await tamper(path, (db) => {
      db.run("DELETE FROM ledger WHERE seq > 3");
      db.run("DELETE FROM ledger_checkpoints");
      db.run("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'ledger'");
      rmSync(join(path, "..", "checkpoints.log"));
    });
    expect(fault).toBeNull();
  });

  test("T88 a cut after the last checkpoint, by the number that was given out", async () => {
    await forAll(async (pick) => {
      const { path } = await ledgerFile(pick);
      const left = ENTRIES - 1 - pick(5);
      const fault = await tamper(path, (db) => db.run(`DELETE FROM ledger WHERE seq > ${left}`));
      expect(fault?.seq).toBe(left + 1);
    });
  });

  test("a checkpoint that somebody else signed or changed, at its entry", async () => {
    await forAll(async (pick) => {
      const { path, checkpoints } = await ledgerFile(pick);
      const size = checkpoints[pick(checkpoints.length)]!;
      const edits = ["signature = 'AAAA'", "at = at + 1", "head = '00'", "origin = 'n_other'"];
      const edit = edits[pick(edits.length)]!;
      const fault = await tamper(path, (db) =>
        db.run(`UPDATE ledger_checkpoints SET ${edit} WHERE size = ${size}`),
      );
      expect(fault?.seq).toBe(size);
    });
  });
});

describe("the guards", () => {
  test("T88 refuse accidents by SQL", async () => {
    const { path } = await ledgerFile(random(7));
    const db = new Database(path);
    for (const sql of [
      "UPDATE ledger SET actor = 'x'",
      "DELETE FROM ledger",
      "DELETE FROM ledger_checkpoints",
    ])
      expect(thrown(() => db.run(sql))?.code).toBe("SQLITE_CONSTRAINT_TRIGGER");
    db.close();
  });

  test("a checkpoint is signed only when there is something new, and never covers what was rolled back", async () => {
    const path = join(testFolder(), "agent.db");
    const store = open(path);
    expect(store.ledger.checkpoint()).toBeNull();
    store.ledger.append("note", "ann", {});
    expect(store.ledger.checkpoint()?.size).toBe(1);
    expect(store.ledger.checkpoint()).toBeNull();
    thrown(() =>
      store.transaction(() => {
        store.ledger.append("note", "ann", {});
        expect(store.ledger.checkpoint()?.size).toBe(2);
        throw new Error("crash");
      }),
    );
    expect(store.ledger.checkpoints().map((checkpoint) => checkpoint.size)).toEqual([1]);
    expect(await store.ledger.verify()).toEqual({ entries: 1, fault: null });
    store.close();
    expect(modeOf(statSync(join(path, "..", "checkpoints.log")))).toBe("600");
  });
});

describe("checkpoints.log", () => {
  const logOf = (path: string) => join(path, "..", "checkpoints.log");

  test("may end in a line torn by a crash; the next checkpoint starts on a line of its own", async () => {
    const { path, checkpoints } = await ledgerFile(random(3));
    truncateSync(logOf(path), statSync(logOf(path)).size - 20);
    const store = open(path);
    expect((await store.ledger.verify()).fault).toBeNull();
    appendFileSync(logOf(path), '{"origin":"n_');
    expect((await store.ledger.verify()).fault).toBeNull();
    expect(store.ledger.checkpoint()?.size).toBe(ENTRIES);
    expect((await store.ledger.verify()).fault).toBeNull();
    store.close();
    const lines = readFileSync(logOf(path), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as LedgerCheckpoint).size)).toEqual([
      ...checkpoints,
      ENTRIES,
    ]);
  });

  test("is completed from the database when a crash came between the commit and the line", async () => {
    const { path } = await ledgerFile(random(4));
    const whole = readFileSync(logOf(path), "utf8");
    const lines = whole.trimEnd().split("\n");
    writeFileSync(logOf(path), `${lines.slice(0, -1).join("\n")}\n`);
    open(path).close();
    expect(readFileSync(logOf(path), "utf8")).toBe(whole);
  });

  test("with an unreadable line in its middle is a fault", async () => {
    const { path } = await ledgerFile(random(5));
    const lines = readFileSync(logOf(path), "utf8").trimEnd().split("\n");
    writeFileSync(logOf(path), `${lines[0]}\n#!\n${lines.slice(1).join("\n")}\n`);
    const store = open(path);
    expect((await store.ledger.verify()).fault?.reason).toContain("line 2 of checkpoints.log");
    store.close();
  });
});

test("a proof of the chain lets others have their turn after each slice, and proves what they append meanwhile", async () => {
  const store = open(join(testFolder(), "agent.db"));
  const entries = 5 * VERIFY_SLICE;
  store.transaction(() => {
    for (let seq = 1; seq <= entries; seq += 1) store.ledger.append("note", "ann", {});
  });
  let turns = 0;
  let isOver = false;
  const somebodyElse = () => {
    if (isOver) return;
    turns += 1;
    if (turns === 2) store.ledger.append("note", "ben", {});
    setImmediate(somebodyElse);
  };
  setImmediate(somebodyElse);
  const proof = await store.ledger.verify();
  isOver = true;
  expect(proof).toEqual({ entries: entries + 1, fault: null });
  expect(turns).toBeGreaterThanOrEqual(5);
  store.close();
});

test("a writer killed ten times loses nothing that it acknowledged, and the chain holds", async () => {
  const folder = testFolder();
  const path = join(folder, "agent.db");
  const pick = random(BASE_SEED);
  const writer = join(import.meta.dir, "ledger.writer.ts");
  let acknowledged = 0;
  for (let round = 0; round < 10; round += 1) {
    const child = Bun.spawn([process.execPath, writer, folder], { stdout: "pipe", stderr: "inherit" });
    // The kill comes after a random number of acknowledgements, at whatever the writer is then doing.
    const target = acknowledged + 1 + pick(60);
    let text = "";
    for await (const chunk of child.stdout) {
      text += new TextDecoder().decode(chunk);
      acknowledged = Number(text.trimEnd().split("\n").at(-1)?.match(/^\d+$/)?.[0] ?? acknowledged);
      if (acknowledged >= target) child.kill("SIGKILL");
    }
    await child.exited;
    const whole = text.slice(0, text.lastIndexOf("\n") + 1).trimEnd();
    acknowledged = Number(whole.split("\n").at(-1));
    expect(acknowledged).toBeGreaterThanOrEqual(target);
  }
  expect(existsSync(join(folder, "checkpoints.log"))).toBe(true);
  const node = loadIdentity(join(folder, "keys"));
  const store = createAgentStore(path, { ...node, origin: node.nodeId, now: () => 1 });
  const { entries, fault } = await store.ledger.verify();
  expect(fault).toBeNull();
  expect(entries).toBeGreaterThanOrEqual(acknowledged);
  // Each entry was written with its effect: one message in the spool per entry, with the number of that entry.
  expect(store.spool.size().rows).toBe(entries);
  expect(store.spool.peek(entries).every((message) => message.id === `entry-${message.seq}`)).toBe(true);
  store.close();
}, 20_000);
