import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import type { Decision } from "../domain/decide/decision.ts";
import { MANIFEST, manifestText, parseManifest, renderManifest } from "../domain/backup.ts";
import { createPluginStore } from "../host/plugin-store.ts";
import { ephemeralVault } from "../ports/secrets/vault.ts";
import { checkDatabases, checkFiles, readManifest } from "../store/backup/read-backup.ts";
import { hashFile } from "../store/backup/files.ts";
import { copyBackup } from "../store/backup/write-backup.ts";
import { copyInWorker } from "../store/backup/copy-in-worker.ts";
import { finishSwap } from "../store/backup/swap.ts";
import { openDatabase } from "../store/sqlite.ts";
import { loadIdentity } from "../store/identity.ts";
import { verifySignature } from "../store/key-file.ts";
import { testIntent } from "../store/agent/test-store.ts";
import { modeOf, testFolder } from "../testing/test-folder.ts";
import { createKeyRing } from "../ports/secrets/key-ring.ts";
import { createVault } from "../ports/secrets/vault.ts";
import { type BackupHouse, createBackupHouse, MAX_BYTES } from "../testing/backup-house.ts";
import { thrown } from "../testing/thrown.ts";

const SECRET = "canary-backup-5511";
const house = () => createBackupHouse(join(testFolder(), "data"));

async function backedUp() {
  const one = house();
  one.note("before");
  one.withStores(({ monitor }) => {
    monitor.access.settings.set("sealed.x", one.vault.seal("settings.value", "sealed.x", SECRET));
  });
  const path = await one.backup();
  return { ...one, path };
}

/** What `work` was rejected with; null when it was not. */
async function failed(work: Promise<unknown>): Promise<{ code: string; message: string } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return error as { code: string; message: string };
  }
}

async function verify(path: string): Promise<void> {
  const manifest = readManifest(path);
  checkFiles(path, manifest, MAX_BYTES);
  await checkDatabases(path, manifest);
}

/** The manifest anew over what lies there now, signed by the node itself: a forger with its key. */
function signAgain(one: BackupHouse, path: string): void {
  const manifest = parseManifest(readFileSync(join(path, MANIFEST), "utf8"), verifySignature);
  for (const file of manifest.files) Object.assign(file, hashFile(join(path, file.name)));
  const signature = loadIdentity(one.dir.keys).sign(manifestText(manifest));
  writeFileSync(join(path, MANIFEST), renderManifest(manifest, signature));
}

describe("a backup", () => {
  test("T93 is open to nobody else, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const { path, dir } = await backedUp();
      for (const folder of [dir.backups, path]) expect(modeOf(statSync(folder))).toBe("700");
      for (const file of readdirSync(path))
        expect([file, modeOf(statSync(join(path, file)))]).toEqual([file, "600"]);
    } finally {
      process.umask(before);
    }
  });

  test("holds both databases, sealed keys and a manifest, and passes every check", async () => {
    const { path } = await backedUp();
    expect(readdirSync(path).toSorted()).toEqual(["agent.db", "keys.sealed", "manifest.json", "monitor.db"]);
    await verify(path);
    expect(readManifest(path)).toMatchObject({ v: 1, reason: "asked", version: "1.2.3" });
  });

  test("is made in a thread of its own, from databases that are open and written to", async () => {
    const one = house();
    one.note("a");
    const { agent, close } = one.openStores();
    agent.ledger.append("note", "user:anna", { summary: "not yet in the file, only in its log" });
    const path = (await one.backups({ copy: copyInWorker }).create("scheduled", "schedule")).path;
    agent.ledger.append("note", "user:anna", { summary: "and on it goes" });
    close();
    await verify(path);
    expect(readManifest(path).files[0]!.ledger!.entries).toBe(2);
  });

  test("T91 has neither a private key nor the key-encryption key in it", async () => {
    const { path, dir } = await backedUp();
    const bytes = Buffer.concat(readdirSync(path).map((file) => readFileSync(join(path, file))));
    for (const file of ["node.key", "monitor.key"]) {
      const [, base64] = readFileSync(join(dir.keys, file), "utf8").split("\n");
      const der = Buffer.from(base64!, "base64");
      for (const spelling of [base64!, der.subarray(-32), der.subarray(-32).toString("hex")])
        expect(bytes.includes(spelling)).toBe(false);
    }
    expect(bytes.includes(SECRET)).toBe(false);
    // The search works: what is in the ledger is found.
    expect(bytes.includes("user:anna")).toBe(true);
  });

  test("T94 one changed byte anywhere is seen", async () => {
    const { path } = await backedUp();
    const files = readdirSync(path).map((file) => ({ file, content: readFileSync(join(path, file)) }));
    const total = files.reduce((sum, { content }) => sum + content.length, 0);
    const at = (offset: number) => {
      let left = offset;
      for (const one of files) {
        if (left < one.content.length) return { ...one, index: left };
        left -= one.content.length;
      }
      throw new Error("beyond the end");
    };
    const isSeen = (offset: number, mask: number) => {
      const { file, content, index } = at(offset);
      const changed = Buffer.from(content);
      changed[index] = changed[index]! ^ mask;
      writeFileSync(join(path, file), changed);
      const error = thrown(() => {
        const manifest = readManifest(path);
        if (file !== MANIFEST) checkFiles(path, manifest, MAX_BYTES);
      });
      writeFileSync(join(path, file), content);
      return error !== null;
    };
    fc.assert(
      fc.property(fc.nat(total - 1), fc.integer({ min: 1, max: 255 }), (offset, mask) =>
        isSeen(offset, mask),
      ),
      { numRuns: 150 },
    );
    // Every byte of the manifest, down to the spare bits at the end of its signature.
    const start = files
      .slice(
        0,
        files.findIndex(({ file }) => file === MANIFEST),
      )
      .reduce((sum, one) => sum + one.content.length, 0);
    const { length } = readFileSync(join(path, MANIFEST));
    for (let index = 0; index < length; index += 1)
      expect([index, isSeen(start + index, 1)]).toEqual([index, true]);
    await verify(path);
  });

  test("T94 is not made of a database that is damaged, and the one before stays", async () => {
    const one = await backedUp();
    // In the middle of a page that holds entries: SQLite reads it, and only the chain tells.
    const db = openDatabase(one.dir.agentDb);
    db.run("DROP TRIGGER ledger_no_update");
    db.run("UPDATE ledger SET actor = 'user:mallory'");
    db.close();
    await one.clock.advance(1000);
    expect(one.backup()).rejects.toMatchObject({ code: "backup.schema" });
    expect(one.inBackups()).toEqual([readManifest(one.path).name]);
  });

  test("with a ledger that was changed is kept as evidence and never restored", async () => {
    const one = await backedUp();
    const db = openDatabase(one.dir.agentDb);
    db.run("DROP TRIGGER ledger_no_update");
    db.run("UPDATE ledger SET actor = 'user:mallory'");
    db.run(
      "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger\nBEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END",
    );
    db.close();
    await one.clock.advance(1000);
    const made = await one.backups().create("asked", "local");
    expect(made.sound).toBe(false);
    expect(await failed(one.restore(made.path))).toMatchObject({ code: "backup.ledger" });
    expect(one.inBackups()).toHaveLength(2);
  });

  test("goes to another folder whole, and what was damaged does not", async () => {
    const { path, dir } = await backedUp();
    const to = join(dir.root, "elsewhere");
    await verify(copyBackup(path, to, MAX_BYTES));
    expect(thrown(() => copyBackup(path, to, MAX_BYTES))?.code).toBe("backup.busy");
    appendFileSync(join(path, "agent.db"), "x");
    expect(thrown(() => copyBackup(path, join(to, "b"), MAX_BYTES))?.code).toBe("backup.damaged");
    expect(readdirSync(join(to, "b"))).toEqual([]);
  });
});

describe("T92 a hostile backup is refused:", () => {
  const hostile: [string, RegExp, (path: string) => void][] = [
    [
      "an evil trigger",
      /holds what Cortex did not make: trigger "evil"/,
      sql("CREATE TRIGGER evil AFTER INSERT ON sessions BEGIN DELETE FROM users; END"),
    ],
    ["an evil view", /view "evil"/, sql("CREATE VIEW evil AS SELECT * FROM users")],
    ["a virtual table", /table "evil/, sql("CREATE VIRTUAL TABLE evil USING fts5(x)")],
    ["a further table", /table "evil"/, sql("CREATE TABLE evil (x)")],
    [
      "a table of another form",
      /did not make: table "settings"/,
      sql("ALTER TABLE settings ADD COLUMN evil TEXT"),
    ],
    ["a guard that is gone", /lacks trigger "ledger_no_delete"/, sql("DROP TRIGGER ledger_no_delete")],
    ["a schema from the future", /install the Cortex that made it/, sql("PRAGMA user_version = 999")],
    [
      "another ledger",
      /not the one that the manifest names/,
      sql("INSERT INTO ledger_checkpoints VALUES (9, 'x', 'x', 1, 'x')"),
    ],
    [
      "no database at all",
      /damaged/,
      (path) => writeFileSync(join(path, "monitor.db"), "nothing of the kind"),
    ],
  ];

  function sql(text: string) {
    return (path: string) => {
      const db = openDatabase(join(path, "monitor.db"));
      db.run(text);
      db.run("PRAGMA journal_mode = DELETE");
      db.close();
    };
  }

  for (const [name, message, change] of hostile)
    test(`${name}, though its manifest is signed`, async () => {
      const one = await backedUp();
      change(one.path);
      signAgain(one, one.path);
      const before = await one.told();
      const error = await failed(one.restore(one.path));
      if (name === "another ledger") expect(error?.message).toMatch(/ledger/);
      else expect(error?.message).toMatch(message);
      expect(await one.told()).toEqual(before);
      expect(readdirSync(one.dir.root).filter((file) => /restore|replaced/.test(file))).toEqual([]);
    });

  test("T92 a link in place of a file, a link in place of the folder, a journal beside a database", async () => {
    const one = await backedUp();
    const link = join(one.dir.root, "link");
    symlinkSync(one.path, link);
    expect((await failed(one.restore(link)))?.code).toBe("backup.damaged");
    writeFileSync(join(one.path, "monitor.db-journal"), "");
    expect((await failed(one.restore(one.path)))?.message).toContain("no part of the backup");
    const other = await backedUp();
    renameSync(join(other.path, "agent.db"), join(other.dir.root, "moved"));
    symlinkSync(join(other.dir.root, "moved"), join(other.path, "agent.db"));
    expect((await failed(other.restore(other.path)))?.code).toBe("backup.damaged");
  });

  test("T92 one that is larger than it says, or than is allowed", async () => {
    const one = await backedUp();
    const manifest = readManifest(one.path);
    expect(thrown(() => checkFiles(one.path, manifest, 100))?.code).toBe("backup.too_large");
    appendFileSync(join(one.path, "agent.db"), Buffer.alloc(4096));
    expect((await failed(one.restore(one.path)))?.message).toContain("the manifest says");
  });

  test("T92 one that another node signed", async () => {
    const [one, other] = [await backedUp(), await backedUp()];
    expect((await failed(one.restore(other.path)))?.code).toBe("backup.other_node");
    // The forger takes the name of the node, and has no key of it.
    const manifest = { ...readManifest(other.path), node: readManifest(one.path).node };
    const signature = loadIdentity(other.dir.keys).sign(manifestText(manifest));
    writeFileSync(join(other.path, MANIFEST), renderManifest(manifest, signature));
    expect((await failed(one.restore(other.path)))?.code).toBe("backup.unknown_signer");
  });
});

describe("a restore that was cut short", () => {
  const NAMES = ["agent.db", "checkpoints.log"];
  const put = (root: string, files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  const read = (root: string, name: string) =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : null;
  const ASIDE = "replaced-20260101T000000.000Z";
  const marker = JSON.stringify({
    v: 1,
    aside: ASIDE,
    files: [
      { name: "agent.db", comes: true },
      { name: "checkpoints.log", comes: false },
    ],
  });
  const before = { "agent.db": "old", "agent.db-wal": "old log", "checkpoints.log": "old lines" };

  test("before it was decided leaves what there was", () => {
    const root = testFolder();
    put(root, { ...before, ".restore/agent.db": "new" });
    expect(finishSwap(root)).toBeNull();
    for (const [name, text] of Object.entries(before)) expect(read(root, name)).toBe(text);
    expect(existsSync(join(root, ".restore"))).toBe(false);
  });

  const moments: [string, Record<string, string>][] = [
    ["when nothing was moved yet", { ...before, ".restore/agent.db": "new" }],
    [
      "between the two databases",
      {
        [`${ASIDE}/agent.db-wal`]: "old log",
        "agent.db": "old",
        "checkpoints.log": "old lines",
        ".restore/agent.db": "new",
      },
    ],
    [
      "when there is no database at all",
      {
        [`${ASIDE}/agent.db-wal`]: "old log",
        [`${ASIDE}/agent.db`]: "old",
        "checkpoints.log": "old lines",
        ".restore/agent.db": "new",
      },
    ],
    [
      "when the new one is in its place",
      {
        [`${ASIDE}/agent.db-wal`]: "old log",
        [`${ASIDE}/agent.db`]: "old",
        "agent.db": "new",
        "checkpoints.log": "old lines",
      },
    ],
    [
      "when only the marker is left",
      {
        [`${ASIDE}/agent.db-wal`]: "old log",
        [`${ASIDE}/agent.db`]: "old",
        [`${ASIDE}/checkpoints.log`]: "old lines",
        "agent.db": "new",
      },
    ],
  ];
  for (const [moment, files] of moments)
    test(`${moment} goes on to its end, and loses nothing`, () => {
      const root = testFolder();
      put(root, { ...files, "restore.json": marker });
      expect(finishSwap(root)).toBe(join(root, ASIDE));
      expect([read(root, "agent.db"), read(root, "agent.db-wal")]).toEqual(["new", null]);
      for (const [name, text] of Object.entries(before)) expect(read(root, `${ASIDE}/${name}`)).toBe(text);
      for (const name of [...NAMES.slice(1), "restore.json", ".restore"])
        expect(existsSync(join(root, name))).toBe(false);
      expect(finishSwap(root)).toBeNull();
    });
});

describe("a restore", () => {
  test("T91 without the key-encryption key gives a node back with all but what its plugins kept sealed", async () => {
    const one = house();
    one.note("before");
    one.withStores(({ agent }) => {
      const values = createPluginStore(agent, one.vault, "config-restore~web");
      values.set("plain", 1);
      values.sealed.set("copy", SECRET);
    });
    const path = await one.backup();
    for (const file of readdirSync(path)) expect(readFileSync(join(path, file)).includes(SECRET)).toBe(false);
    const keyless = createBackupHouse(one.dir.root, { vault: ephemeralVault(), clock: one.clock });
    await keyless.restore(path);
    keyless.withStores(({ agent }) => {
      const values = createPluginStore(agent, keyless.vault, "config-restore~web");
      expect([values.get<number>("plain"), values.sealed.keys()]).toEqual([1, ["copy"]]);
      expect(thrown(() => values.sealed.get("copy"))?.code).toBe("vault.unreadable");
      values.sealed.set("copy", "anew");
      expect(values.sealed.get<string>("copy")).toBe("anew");
    });
  });

  test("on a new folder brings everything back: keys, ledgers that hold, secrets that open", async () => {
    const one = await backedUp();
    const fresh = createBackupHouse(join(testFolder(), "new"), one);
    const report = await fresh.restore(one.path);
    expect(report).toMatchObject({ replaced: null, undone: [], node: readManifest(one.path).node });
    expect(await fresh.told()).toEqual([
      ["before", "backup.restored"],
      ["before", "backup.restored"],
    ]);
    for (const file of ["node.key", "monitor.key"])
      expect(readFileSync(join(fresh.dir.keys, file))).toEqual(readFileSync(join(one.dir.keys, file)));
    fresh.withStores(({ monitor }) => {
      const record = monitor.access.settings.get<string>("sealed.x")!;
      expect(one.vault.open("settings.value", "sealed.x", record)).toBe(SECRET);
    });
    for (const file of ["agent.db", "monitor.db", "keys/node.key"])
      expect(modeOf(statSync(join(fresh.dir.root, file)))).toBe("600");
  });

  test("without the key-encryption key says what is missing, and changes nothing", async () => {
    const one = await backedUp();
    const fresh = createBackupHouse(join(testFolder(), "new"));
    expect((await failed(fresh.restore(one.path)))?.message).toContain(
      "put the key-encryption key of the lost host there",
    );
    expect(existsSync(fresh.dir.monitorDb)).toBe(false);
    expect(readdirSync(fresh.dir.keys)).toEqual([]);
  });

  test("says that there is no key where none is, instead of that it does not fit", async () => {
    const one = await backedUp();
    const vault = createVault(createKeyRing({ path: "/nowhere/kek", dataDir: one.dir.root }));
    const fresh = createBackupHouse(join(testFolder(), "new"), { vault, clock: one.clock });
    expect((await failed(fresh.restore(one.path)))?.message).toContain("there is no key in /nowhere/kek");
  });

  test("never takes the ledger back: what happened since stays in it, with what was undone", async () => {
    const one = await backedUp();
    await one.clock.advance(1000);
    one.withStores(({ monitor }) => {
      monitor.ledger.append("key.deleted", "user:anna", { key: "k1", name: "ci" });
      monitor.ledger.checkpoint();
    });
    one.note("after");
    const report = await one.restore(one.path);
    expect(await one.told()).toEqual([
      ["before", "after", "backup.restored"],
      ["before", "key.deleted", "after", "backup.restored"],
    ]);
    expect(report.undone).toEqual([{ at: one.clock.now(), kind: "key.deleted", what: "ci k1" }]);
    expect(report.databases.map(({ carried }) => carried)).toEqual([1, 2]);
  });

  test("keeps what repairs have done since, and what plugins know of the host now", async () => {
    const one = await backedUp();
    const made = testIntent(1, { summary: "start web", state: "proposed" });
    one.withStores(({ agent }) => {
      agent.intents.create(made);
      agent.intents.move(made.id, "approved", {}, "engine");
      agent.intents.move(made.id, "executing", {}, "engine");
      agent.pluginValues.set("service:web", "process", { pid: 6325 });
      agent.evidence.put({ id: "e1", problemId: "p1", intentId: made.id, takenAt: 1, parts: { ps: "web" } });
    });
    await one.restore(one.path);
    one.withStores(({ agent }) => {
      expect(agent.intents.get(made.id)).toMatchObject({ summary: "start web", state: "executing" });
      expect(agent.pluginValues.get<object>("service:web", "process")).toEqual({ pid: 6325 });
      expect(agent.evidence.get("e1")?.parts).toEqual({ ps: "web" });
    });
  });

  test("says what was made since the backup and is not there any more", async () => {
    const one = await backedUp();
    one.withStores(({ monitor }) => {
      monitor.ledger.append("user.created", "user:anna", { user: "u2", name: "bob" });
      monitor.ledger.append("policy.saved", "user:anna", { version: 3, rules: 4, note: "stricter" });
      monitor.ledger.append("user.deleted", "user:anna", { user: "u3", name: "eve" });
    });
    const { lost, undone } = await one.restore(one.path);
    const told = (list: typeof lost) => list.map(({ kind, what }) => `${kind} ${what}`);
    expect(told(lost)).toEqual(["user.created bob u2", "policy.saved stricter version 3"]);
    expect(told(undone)).toEqual(["user.deleted eve u3"]);
  });

  test("keeps what it replaced", async () => {
    const one = await backedUp();
    one.note("after");
    const { replaced } = await one.restore(one.path);
    expect(readdirSync(replaced!).toSorted()).toEqual(
      expect.arrayContaining(["agent.db", "checkpoints.log", "monitor-checkpoints.log", "monitor.db"]),
    );
    const db = openDatabase(join(replaced!, "agent.db"));
    expect(db.query("SELECT count(*) AS count FROM ledger").get()).toEqual({ count: 2 });
    db.close();
  });

  test("goes on without what can't be read any more", async () => {
    const one = await backedUp();
    one.note("after");
    writeFileSync(one.dir.agentDb, "the disk ate this".repeat(1000));
    const report = await one.restore(one.path);
    expect(report.databases[0]!.notCarried).toContain("damaged");
    expect(await one.told()).toEqual([
      ["before", "backup.restored"],
      ["before", "after", "backup.restored"],
    ]);
  });

  test("T89 leaves used approvals used, also those from after the backup", async () => {
    const one = await backedUp();
    one.withStores(({ agent }) => agent.approvals.burn("nonce-1", "intent-1", 1e15));
    await one.restore(one.path);
    one.withStores(({ agent }) => expect(agent.approvals.usedFor("nonce-1")).toBe("intent-1"));
  });

  test("T89 sends out no approval of then, and asks for the words of people again", async () => {
    const one = house();
    one.note("x");
    const decision = {
      repair: "service.start",
      voices: [],
      approval: null,
      createdAt: 0,
      expiresAt: 1e15,
      node: "n_a",
    };
    const answered = {
      ...decision,
      id: "d1",
      intentId: "i1",
      state: "approved",
      approvers: [{ name: "anna" }],
      delivery: { state: "due", text: "" },
      decidedAt: 1,
    };
    const begun = {
      ...decision,
      id: "d2",
      intentId: "i2",
      state: "pending",
      approvers: [{ name: "anna" }],
      delivery: null,
      decidedAt: null,
      coolingUntil: 5,
    };
    one.withStores(({ monitor }) => {
      for (const each of [answered, begun]) monitor.decisions.add(each as unknown as Decision);
    });
    await one.restore(await one.backup());
    one.withStores(({ monitor }) => {
      expect(monitor.decisions.undelivered()).toEqual([]);
      expect(monitor.decisions.get("d1")?.delivery).toMatchObject({ state: "refused" });
      expect(monitor.decisions.get("d2")).toMatchObject({
        state: "pending",
        approvers: [],
        coolingUntil: null,
      });
    });
  });

  test("T28 leaves the last word of people to the node as it is: its switch, and what it took back", async () => {
    const one = house();
    one.note("before");
    const early = { switch: { on: true }, "standing.withdrawn": {} };
    const late = { switch: { on: false }, "standing.withdrawn": { g1: "it failed" } };
    const put = (values: object) =>
      one.withStores(({ agent }) => {
        for (const [name, value] of Object.entries(values)) agent.meta.set(name, value);
      });
    put(early);
    const path = await one.backup();
    put(late);
    await one.restore(path);
    one.withStores(({ agent }) => {
      for (const [name, value] of Object.entries(late)) expect(agent.meta.get<object>(name)).toEqual(value);
    });
  });

  test("takes nothing of the kind from a folder that is older than the backup", async () => {
    const [one, old] = [house(), house()];
    one.note("before");
    one.withStores(({ agent }) => agent.meta.set("switch", { on: true }));
    copyFileSync(one.dir.agentDb, join(old.dir.root, "agent.db"));
    one.note("after");
    one.withStores(({ agent }) => agent.meta.set("switch", { on: false }));
    const path = await one.backup();
    copyFileSync(join(old.dir.root, "agent.db"), one.dir.agentDb);
    await one.restore(path);
    one.withStores(({ agent }) => expect(agent.meta.get<object>("switch")).toEqual({ on: false }));
  });

  describe("T28 of what repairs had earned then", () => {
    const grant = {
      id: "g1",
      repair: "unit.restart",
      scope: "*",
      state: "act",
      maxClass: "R2",
      by: "user:anna",
      reason: "",
      at: 1,
      expiresAt: 1e15,
      endedAt: null,
      endedBy: null,
      endReason: null,
    } as const;
    const document = { entries: [{ id: "g1" }], signer: "s", serial: 1, expiresAt: 1e15 } as never;

    async function earned() {
      const one = house();
      one.note("before");
      one.withStores(({ agent, monitor }) => {
        monitor.autonomy.add(grant);
        monitor.autonomy.standings.put({ nodeId: "n1", document, toldAt: 5, refusal: null });
        agent.meta.set("standing", { document, received: { wall: 1, mono: 1, bootId: "b" } });
      });
      return Object.assign(one, { path: await one.backup() });
    }

    test("what was taken back since stays taken back", async () => {
      const one = await earned();
      one.withStores(({ monitor }) => {
        monitor.autonomy.end("g1", 7, "cortex", "it failed");
        monitor.autonomy.add({ ...grant, id: "g2", state: "ask" });
      });
      await one.restore(one.path);
      one.withStores(({ monitor }) => {
        expect(monitor.autonomy.current().map(({ id }) => id)).toEqual(["g2"]);
        expect(monitor.autonomy.get("g1")).toMatchObject({ endedAt: 7, endedBy: "cortex" });
      });
    });

    test("nothing acts by it where nobody knows what came of it since, and every node is told so", async () => {
      const one = await earned();
      for (const file of [one.dir.agentDb, one.dir.monitorDb])
        writeFileSync(file, "the disk ate this".repeat(1000));
      await one.restore(one.path);
      one.withStores(({ agent, monitor }) => {
        expect(monitor.autonomy.current()).toEqual([]);
        expect(monitor.ledger.read(0, 100).map(({ kind }) => kind)).toContain("autonomy.ended");
        expect(monitor.autonomy.standings.get("n1")).toMatchObject({
          toldAt: null,
          document: { signer: "" },
        });
        expect(agent.meta.get<object>("standing")).toMatchObject({ isRestored: true });
      });
    });
  });

  test("ends all sessions", async () => {
    const one = house();
    one.note("x");
    const session = { id: "s1", tokenHash: "h", userId: "u", createdAt: 0, lastUsedAt: 0, expiresAt: 1e15 };
    one.withStores(({ monitor }) => {
      monitor.access.sessions.add({
        ...session,
        ip: "",
        userAgent: "",
        authAt: 0,
        method: "password",
        strong: false,
      } as never);
    });
    const path = await one.backup();
    await one.restore(path);
    one.withStores(({ monitor }) => expect(monitor.access.sessions.all()).toEqual([]));
  });

  test("counts the starts of a node on from far above, so that no number of the lost host comes again", async () => {
    const one = house();
    one.note("x");
    writeFileSync(join(one.dir.keys, "epoch"), "41\n", { mode: 0o600 });
    const path = await one.backup();
    const fresh = createBackupHouse(join(testFolder(), "new"), one);
    await fresh.restore(path);
    expect(readFileSync(join(fresh.dir.keys, "epoch"), "utf8")).toBe("1000041\n");
    await one.restore(path);
    expect(readFileSync(join(one.dir.keys, "epoch"), "utf8")).toBe("41\n");
  });
});

test("the folder of backups is not searched for what others put there", async () => {
  const one = await backedUp();
  cpSync(one.path, join(one.dir.backups, "my own copy"), { recursive: true });
  const { backups, damaged } = one.backups().list();
  expect([backups.length, damaged]).toEqual([1, []]);
  chmodSync(one.path, 0o700);
});
