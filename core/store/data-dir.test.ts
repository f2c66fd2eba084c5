import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { modeOf, mountTmpfs, testFolder } from "../testing/test-folder.ts";
import { thrown } from "../testing/thrown.ts";
import { createAgentStore } from "./agent/create-agent-store.ts";
import { ensureBallast, lockDataDir, prepareDataDir, releaseBallast } from "./data-dir.ts";
import { openDatabase } from "./sqlite.ts";
import { ephemeralIdentity } from "./identity.ts";

const openStore = (path: string) =>
  createAgentStore(path, { ...ephemeralIdentity(), origin: "n_x", now: () => 1 });

describe("prepareDataDir", () => {
  test("T93 makes the folder and those in it for the owner alone", () => {
    const root = join(testFolder(), "var", "cortex");
    const dir = prepareDataDir(root);
    expect([root, dir.keys, dir.services, dir.backups].map((path) => modeOf(statSync(path)))).toEqual(
      Array(4).fill("700"),
    );
    expect(prepareDataDir(root)).toEqual(dir);
  });

  test("takes the rights of others away", () => {
    const root = join(testFolder(), "open");
    mkdirSync(root, { mode: 0o755 });
    prepareDataDir(root);
    expect(modeOf(statSync(root))).toBe("700");
  });

  test("says what to do when a file is in the way", () => {
    const root = join(testFolder(), "file");
    writeFileSync(root, "");
    const error = thrown(() => prepareDataDir(root));
    expect(error?.code).toBe("store.data_dir");
    expect(error?.message).toContain("move it away");
  });

  test.skipIf(process.getuid?.() !== 0)("T96 refuses a folder of another user (needs root)", () => {
    const root = join(testFolder(), "theirs");
    mkdirSync(root);
    Bun.spawnSync(["chown", "65534", root]);
    const error = thrown(() => prepareDataDir(root));
    expect(error?.code).toBe("store.data_dir");
    expect(error?.message).toContain("belongs to user 65534");
  });
});

describe("the lock", () => {
  test("has one holder, who is named to the next", () => {
    const root = testFolder();
    const lock = lockDataDir(root);
    const error = thrown(() => lockDataDir(root));
    expect(error?.code).toBe("store.locked");
    expect(error?.message).toContain(`process ${process.pid}`);
    expect(readdirSync(root).map((name) => modeOf(statSync(join(root, name))))).toEqual(["600", "600"]);
    lock.release();
    lock.release();
    lockDataDir(root).release();
    expect(readFileSync(join(root, "lock.db"))).toHaveLength(0);
  });

  test("is waited for, when its holder is about to end", async () => {
    const root = testFolder();
    const module = JSON.stringify(join(import.meta.dir, "data-dir.ts"));
    const script = `import { lockDataDir } from ${module}; lockDataDir(process.argv[1]); console.log("held"); await Bun.stdin.text();`;
    const holder = Bun.spawn([process.execPath, "-e", script, root], { stdin: "pipe", stdout: "pipe" });
    await holder.stdout.getReader().read();
    expect(thrown(() => lockDataDir(root))?.code).toBe("store.locked");
    await holder.stdin.end();
    lockDataDir(root, 10_000).release();
    await holder.exited;
  });

  test("T96 refuses a symbolic link", () => {
    const root = testFolder();
    symlinkSync("/dev/null", join(root, "lock.db"));
    expect(thrown(() => lockDataDir(root))?.code).toBe("store.symlink");
  });

  test("is seen by other processes, not inherited by children, and free after SIGKILL", async () => {
    const root = testFolder();
    // The holder starts a child that outlives it, as supervised services do.
    const source = `
      import { lockDataDir } from ${JSON.stringify(join(import.meta.dir, "data-dir.ts"))};
      const lock = lockDataDir(${JSON.stringify(root)});
      const child = Bun.spawn(["sleep", "30"], { stdio: ["ignore", "ignore", "ignore"], detached: true });
      process.stdout.write(child.pid + "\\n");
      await new Promise(() => { globalThis.keep = [lock, setInterval(() => {}, 1000)]; });
    `;
    const holder = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "inherit" });
    const reader = holder.stdout.getReader();
    const childPid = Number(new TextDecoder().decode((await reader.read()).value));
    try {
      expect(thrown(() => lockDataDir(root))?.message).toContain(`process ${holder.pid}`);
      holder.kill("SIGKILL");
      await holder.exited;
      expect(existsSync(`/proc/${childPid}`)).toBe(true);
      lockDataDir(root).release();
    } finally {
      holder.kill("SIGKILL");
      process.kill(childPid, "SIGKILL");
    }
  });
});

describe("ballast", () => {
  test("is made once, 0600, with real blocks, and given back", () => {
    const root = testFolder();
    expect(ensureBallast(root, 2 ** 20)).toBe(true);
    const stat = statSync(join(root, "ballast"));
    expect([modeOf(stat), stat.size, stat.blocks * 512 >= 2 ** 20]).toEqual(["600", 2 ** 20, true]);
    expect(ensureBallast(root, 2 ** 20)).toBe(true);
    expect(statSync(join(root, "ballast")).ino).toBe(stat.ino);
    expect([releaseBallast(root), releaseBallast(root)]).toEqual([true, false]);
  });

  test("is not made where it would take much of what is free", () => {
    const root = testFolder();
    expect(ensureBallast(root, Number.MAX_SAFE_INTEGER / 8)).toBe(false);
    expect(existsSync(join(root, "ballast"))).toBe(false);
  });
});

describe("on a small file system of its own", () => {
  const small = mountTmpfs("4m");
  const mount = mountTmpfs("8m");
  const reason = small.dir === null ? ` (skipped: ${small.reason})` : "";

  test.skipIf(small.dir === null)(
    `a full disk refuses writes, loses nothing, and recovers by the ballast${reason}`,
    async () => {
      const root = prepareDataDir(join(small.dir ?? "", "full")).root;
      const lock = lockDataDir(root);
      expect(ensureBallast(root, 512 * 1024)).toBe(true);
      const store = openStore(join(root, "agent.db"));
      const body = "x".repeat(10_000);
      let stored = 0;
      const error = thrown(() => {
        for (;;) {
          store.spool.push("report", "id", stored, body);
          stored += 1;
        }
      });
      expect(error?.code).toBe("store.full");
      expect(error?.message).toContain("free space");
      expect(store.spool.size().rows).toBe(stored);
      const entriesBefore = (await store.ledger.verify()).entries;
      expect(thrown(() => store.ledger.append("note", "ann", { text: body.repeat(10) }))?.code).toBe(
        "store.full",
      );
      expect(await store.ledger.verify()).toEqual({ entries: entriesBefore, fault: null });
      lock.release();
      lockDataDir(root).release();

      expect(releaseBallast(root)).toBe(true);
      store.spool.acknowledge(stored);
      store.ledger.append("note", "ann", { text: "back" });
      expect(store.spool.size().rows).toBe(0);
      store.close();
    },
  );

  test.skipIf(mount.dir === null)(
    `a read-only file system is named, for the folder and for a database${reason}`,
    () => {
      const root = join(mount.dir ?? "", "ro");
      prepareDataDir(root);
      openStore(join(root, "agent.db")).close();
      const db = openDatabase(join(root, "other.db"));
      db.run("CREATE TABLE t (a INTEGER) STRICT");
      db.close();
      mount.remount("ro");
      try {
        const error = thrown(() => prepareDataDir(root));
        expect(error?.code).toBe("store.data_dir");
        expect(error?.message).toContain("mounted read-only");
        expect(thrown(() => openStore(join(root, "agent.db")))?.code).toBe("store.readonly");
        expect(thrown(() => openDatabase(join(root, "new.db")))?.code).toBe("store.readonly");
        expect(thrown(() => lockDataDir(root))?.code).toBe("store.readonly");
      } finally {
        mount.remount("rw");
      }
    },
  );
});
