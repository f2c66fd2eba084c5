/** Data folders with something wrong: refused by name, and whole again once that is gone. */
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { NOBODY, type Stage } from "./bad-start.ts";

/** What is wrong with a folder that was fine before; `mend` takes it away again. */
interface Fault {
  what: string;
  code: number;
  /** Answers with the folder, and how to run on it. */
  make(stage: Stage): Promise<{ dataDir: string; as?: number; port?: number; mend?(): Promise<void> | void }>;
}

export async function mountTmpfs(rig: Rig, name: string, size: string): Promise<string> {
  const path = join(rig.folder, name);
  mkdirSync(path);
  const ran = await rig.run(["/usr/bin/mount", "-t", "tmpfs", "-o", `size=${size}`, name, path]);
  if (ran.code !== 0) throw new Error(`no tmpfs could be mounted (root is needed): ${ran.stderr.trim()}`);
  rig.atEnd(async () => void (await rig.run(["/usr/bin/umount", "-l", path])));
  return path;
}

/** Every byte that is left, so that nothing more can be written; `makeRoom` mends it. */
export function fillUp(path: string): void {
  for (let size = 2 ** 20; size >= 1024;) {
    try {
      appendFileSync(join(path, "filler"), new Uint8Array(size));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ENOSPC") throw error;
      size /= 2;
    }
  }
  ensureEqual(statfsSync(path).bavail, 0, "blocks left");
}
export const makeRoom = (path: string) => rmSync(join(path, "filler"));

const owners = (path: string, id: number) => {
  for (const name of ["", ...(readdirSync(path, { recursive: true }) as string[])])
    chownSync(join(path, name), id, id);
};

const newer = (db: string): Fault => ({
  what: `${db} of a newer Cortex`,
  code: 73,
  async make({ rig, folder }) {
    const dataDir = folder(`newer-${db}`);
    const file = join(dataDir, db);
    const sql = async (text: string) => {
      const ran = await rig.run(["/usr/bin/sqlite3", "-batch", file, text]);
      ensureEqual([ran.code, ran.stderr], [0, ""], "sqlite3");
      return ran.stdout.trim();
    };
    const version = await sql("PRAGMA user_version;");
    await sql("PRAGMA user_version = 99;");
    const bytes = readFileSync(file);
    return {
      dataDir,
      async mend() {
        ensure(readFileSync(file).equals(bytes), `${db} of a newer Cortex was changed`);
        await sql(`PRAGMA user_version = ${version};`);
      },
    };
  },
});

const damaged = (file: string, code: number): Fault => ({
  what: `${file} is damaged`,
  code,
  async make({ folder }) {
    const dataDir = folder(`damaged-${file.replace("/", "-")}`);
    const path = join(dataDir, file);
    const bytes = readFileSync(path);
    writeFileSync(path, "this is no such file".repeat(300));
    return { dataDir, mend: () => writeFileSync(path, bytes) };
  },
});

const FAULTS: Fault[] = [
  {
    what: "of another user",
    code: 69,
    async make({ folder }) {
      const dataDir = folder("foreign");
      owners(dataDir, NOBODY);
      return { dataDir, mend: () => owners(dataDir, 0) };
    },
  },
  {
    what: "that this user can't enter",
    code: 69,
    make: async ({ folder }) => ({ dataDir: folder("of-root"), as: NOBODY }),
  },
  {
    what: "on a file system that is mounted read-only",
    code: 69,
    async make({ rig, folder }) {
      const mount = await mountTmpfs(rig, "read-only", "64m");
      const dataDir = folder("data", mount);
      const remount = async (how: string) => {
        const ran = await rig.run(["/usr/bin/mount", "-o", `remount,${how}`, mount]);
        ensureEqual(ran.stderr, "", "mount");
      };
      await remount("ro");
      return { dataDir, mend: () => remount("rw") };
    },
  },
  {
    what: "on a full disk",
    code: 69,
    async make({ rig, folder }) {
      const mount = await mountTmpfs(rig, "full", "24m");
      const dataDir = folder("data", mount);
      fillUp(mount);
      return { dataDir, mend: () => makeRoom(mount) };
    },
  },
  {
    what: "made anew on a full disk",
    code: 69,
    async make({ rig, folder }) {
      const mount = await mountTmpfs(rig, "full-new", "24m");
      fillUp(mount);
      return {
        dataDir: join(mount, "data"),
        mend() {
          makeRoom(mount);
          rmSync(join(mount, "data"), { recursive: true, force: true });
          folder("data", mount);
        },
      };
    },
  },
  newer("agent.db"),
  newer("monitor.db"),
  newer("metrics.db"),
  damaged("agent.db", 70),
  damaged("monitor.db", 70),
  damaged("keys/node.key", 69),
];

export async function badFolders(stage: Stage): Promise<void> {
  const { rig, transcript, cortex } = stage;
  for (const { what, code, make } of FAULTS) {
    const { dataDir, as, mend } = await make(stage);
    const listen = `127.0.0.1:${await rig.port()}`;
    const ran = await cortex(
      ["up", "--data-dir", dataDir, "--listen", listen],
      as === undefined ? {} : { as },
    );
    transcript.refused(`data folder: ${what}`, ran);
    ensureEqual(ran.code, code, `exit code for a data folder ${what} (${ran.stderr.trim()})`);
    await mend?.();
    await stage.ensureWhole(dataDir, `data folder ${what}`);
  }

  const [mine, other] = [stage.folder("mine"), stage.folder("other")];
  const running = await rig.cortex({ dataDir: mine });
  const twice = await cortex(["up", "--data-dir", mine, "--listen", `127.0.0.1:${await rig.port()}`]);
  ensureEqual(twice.code, 73, "exit code for a second daemon on one folder");
  transcript.refused("data folder: in use by another daemon", twice);
  const port = await cortex(["up", "--data-dir", other, "--listen", `127.0.0.1:${running.port}`]);
  ensureEqual(port.code, 73, "exit code for a port in use");
  transcript.refused("port in use", port);
  const fresh = join(rig.folder, "fresh");
  const early = await cortex(["up", "--data-dir", fresh, "--listen", `127.0.0.1:${running.port}`]);
  ensureEqual([early.code, early.stderr], [73, port.stderr], "a new folder's start whose port is in use");
  ensure(!existsSync(fresh), "a start whose port is in use left a half-made data folder");
  ensure(running.isRunning && (await fetch(`${running.url}/readyz`)).ok, "the first daemon suffered");
  await running.stop();
  await stage.ensureWhole(mine, "a folder that a second daemon wanted");
  await stage.ensureWhole(other, "a folder whose daemon found its port in use");
}
