import { beforeEach, describe, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { CleanManifest, Clock } from "cortex";
import { diskFolder } from "../../testing/test-folder.ts";
import { createCleaner, type CleanerOptions } from "./cleaner.ts";
import { parseMaps } from "./open-files.ts";
import { createSystemClock } from "../clock.ts";
import { makeDev, openSyscalls, type Syscalls } from "./syscalls.ts";

const DAY = 86_400_000;
const system = createSystemClock();
/** A file's change time can't be set back, so "forty days later" is asked instead. */
const later: Clock = { ...system, now: () => system.now() + 40 * DAY };
const isRoot = process.geteuid?.() === 0;

let base: string;
let root: string;
let outside: string;

beforeEach(() => {
  base = diskFolder();
  root = join(base, "root");
  outside = join(base, "outside");
  mkdirSync(root);
  mkdirSync(outside);
});

const make = (options: Partial<CleanerOptions> = {}) =>
  createCleaner({ clock: later, allowed: [root], ...options });
const plain = () => ({ root, minAgeMs: 10 * DAY });
const file = (path: string, text = "x".repeat(5000)) => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const paths = (manifest: CleanManifest) => manifest.entries.map((entry) => entry.path);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("what is listed and deleted", () => {
  test("old regular files at every depth; their folders stay", async () => {
    file(join(root, "a"));
    file(join(root, "d1/d2/b"));
    file(join(root, "d1/ü ☃"));
    const cleaner = make();
    const manifest = await cleaner.scan(plain());
    expect(paths(manifest)).toEqual(["a", "d1/d2/b", "d1/ü ☃"]);
    expect(manifest.totalBytes).toBe(3 * 8192);
    expect(await cleaner.scan(plain())).toEqual(manifest);
    expect(await cleaner.remove(manifest)).toEqual({ removed: 3, removedBytes: 3 * 8192, kept: {} });
    expect(readdirSync(join(root, "d1"))).toEqual(["d2"]);
    expect(await cleaner.remove(manifest)).toMatchObject({ removed: 0, kept: { gone: 3 } });
  });

  test("nothing young: the last writing, changing or reading counts", async () => {
    file(join(root, "young"));
    const cleaner = make({ clock: system });
    expect(await cleaner.scan({ root, minAgeMs: 60_000 })).toMatchObject({ entries: [], kept: { young: 1 } });
    expect(paths(await cleaner.scan({ root, minAgeMs: 0 }))).toEqual(["young"]);
  });

  test("T48 no links, sockets, fifos, and no second name of another file", async () => {
    const valuable = file(join(outside, "valuable"), "keep me");
    linkSync(valuable, join(root, "hard"));
    symlinkSync(valuable, join(root, "soft"));
    symlinkSync(outside, join(root, "folder"));
    Bun.spawnSync(["mkfifo", join(root, "fifo")]);
    const server = Bun.listen({ unix: join(root, "sock"), socket: { data: () => undefined } });
    const cleaner = make();
    const manifest = await cleaner.scan(plain());
    server.stop(true);
    expect(manifest.entries).toEqual([]);
    expect(manifest.kept).toEqual({ hard_link: 1, not_a_file: 4 });
    expect(readdirSync(outside)).toEqual(["valuable"]);
  });

  test("nothing that is open, not even by another process", async () => {
    const path = file(join(root, "open"));
    file(join(root, "closed"));
    const holder = Bun.spawn(
      ["/usr/bin/python3", "-c", `f=open(${JSON.stringify(path)}); print('x', flush=True); input()`],
      {
        stdin: "pipe",
        stdout: "pipe",
      },
    );
    await holder.stdout.getReader().read();
    const cleaner = make();
    expect(await cleaner.scan(plain())).toMatchObject({ entries: [{ path: "closed" }], kept: { open: 1 } });
    holder.kill();
    await holder.exited;
    const manifest = await cleaner.scan(plain());
    const fd = openSync(path, "r");
    expect(await cleaner.remove(manifest)).toMatchObject({ removed: 1, kept: { open: 1 } });
    closeSync(fd);
    expect(existsSync(path)).toBe(true);
  });

  test("T49 no private folders of services, and none that the policy names", async () => {
    const names = [
      "systemd-private-ab12-nginx.service-x",
      "snap-private-tmp",
      ".X11-unix",
      ".ICE-unix",
      "mine",
    ];
    for (const name of names) file(join(root, name, "f"));
    file(join(root, "other", "mine", "f"));
    const manifest = await make().scan({ ...plain(), exclude: ["mine"] });
    expect(paths(manifest)).toEqual(["other/mine/f"]);
    expect(manifest.kept).toEqual({ excluded: 5 });
  });

  test("not more than the limits allow", async () => {
    for (let index = 0; index < 10; index += 1) file(join(root, `f${index}`));
    const cleaner = make();
    expect((await cleaner.scan({ ...plain(), maxEntries: 3 })).entries).toHaveLength(3);
    expect((await cleaner.scan({ ...plain(), maxBytes: 20_000 })).entries).toHaveLength(2);
    expect((await make({ limits: { maxMs: -1 } }).scan(plain())).entries).toEqual([]);
    expect(
      (await make({ limits: { maxEntries: 4 } }).scan({ ...plain(), maxEntries: 9 })).entries,
    ).toHaveLength(4);
  });

  test("a tree deeper than 64 levels is left alone below that", async () => {
    const deep = join(root, ...Array<string>(70).fill("d"));
    file(join(deep, "bottom"));
    file(join(root, "top"));
    const manifest = await make().scan(plain());
    expect(paths(manifest)).toEqual(["top"]);
    expect(manifest.kept).toEqual({ too_deep: 1 });
  });

  test("a sparse file promises only what it occupies", async () => {
    truncateSync(file(join(root, "sparse"), ""), 2 ** 30);
    const manifest = await make().scan(plain());
    expect(manifest.entries[0]).toMatchObject({ sizeBytes: 2 ** 30, allocatedBytes: 0 });
    expect(manifest.totalBytes).toBe(0);
  });

  test("without root only files of the own user", async () => {
    file(join(root, "f"));
    expect(await make({ uid: 12_345 }).scan(plain())).toMatchObject({ entries: [], kept: { not_own: 1 } });
  });

  test.skipIf(!isRoot)("no other file system, and no bind mount (needs root)", async () => {
    const mounts = [join(root, "tmpfs"), join(root, "bind")];
    file(join(outside, "valuable"));
    for (const path of mounts) mkdirSync(path);
    const commands = [
      ["mount", "-t", "tmpfs", "-o", "size=1m", "cortex-test", mounts[0]!],
      ["mount", "--bind", outside, mounts[1]!],
    ];
    const mounted = commands.map((argv) => Bun.spawnSync(argv).exitCode === 0);
    try {
      if (mounted[0]) file(join(mounts[0]!, "f"));
      const manifest = await make().scan(plain());
      // A container may lack the right to mount; what was not mounted is an empty folder.
      const kept = mounted.filter(Boolean).length;
      expect(manifest).toMatchObject({ entries: [], kept: kept > 0 ? { other_fs: kept } : {} });
    } finally {
      for (const [index, path] of mounts.entries()) if (mounted[index]) Bun.spawnSync(["umount", path]);
    }
    expect(existsSync(join(outside, "valuable"))).toBe(true);
  });
});

describe("between the two phases", () => {
  test("T48 a file that changed, was replaced or got a second name is kept", async () => {
    for (const name of ["grown", "replaced", "linked", "same"]) file(join(root, name));
    const cleaner = make();
    const manifest = await cleaner.scan(plain());
    file(join(root, "grown"), "longer".repeat(2000));
    file(join(root, "new"));
    renameSync(join(root, "new"), join(root, "replaced"));
    linkSync(join(root, "linked"), join(outside, "linked"));
    expect(await cleaner.remove(manifest)).toMatchObject({ removed: 1, kept: { changed: 2, hard_link: 1 } });
    expect(readdirSync(root).sort()).toEqual(["grown", "linked", "replaced"]);
  });

  test("T46 a folder that became a link is not followed", async () => {
    file(join(root, "d/f"));
    file(join(outside, "f"));
    const cleaner = make();
    const manifest = await cleaner.scan(plain());
    renameSync(join(root, "d"), join(root, "moved"));
    symlinkSync(outside, join(root, "d"));
    expect(await cleaner.remove(manifest)).toMatchObject({ removed: 0, kept: { changed: 1 } });
    expect(readdirSync(outside)).toEqual(["f"]);
  });

  test("a manifest with a path that leaves the root is refused", async () => {
    file(join(outside, "f"));
    const cleaner = make();
    const manifest = await cleaner.scan(plain());
    for (const path of ["../outside/f", "/etc/passwd", "a//b", "a/./b", "", "a\0b"]) {
      const entry = { path, dev: 1, ino: 1, sizeBytes: 1, allocatedBytes: 1, modifiedAt: 1 };
      expect(await codeOf(cleaner.remove({ ...manifest, entries: [entry] }))).toBe("cleaner.invalid");
    }
    expect(await codeOf(cleaner.remove({ ...manifest, policy: { root: outside, minAgeMs: 0 } }))).toBe(
      "cleaner.not_allowed",
    );
  });
});

describe("where it may work", () => {
  test("only below the allow-list, by the real path", async () => {
    const refused = (path: string) => codeOf(make().scan({ root: path, minAgeMs: 0 }));
    symlinkSync(outside, join(root, "link"));
    mkdirSync(join(base, "root-neighbour"));
    expect(await refused(outside)).toBe("cleaner.not_allowed");
    expect(await refused(join(root, "link"))).toBe("cleaner.not_allowed");
    expect(await refused(join(base, "root-neighbour"))).toBe("cleaner.not_allowed");
    expect(await refused(join(root, ".."))).toBe("cleaner.not_allowed");
    expect(await refused(join(root, "absent"))).toBe("cleaner.not_found");
    expect(await codeOf(make({ allowed: ["/"] }).scan({ root, minAgeMs: 0 }))).toBe("cleaner.not_allowed");
    mkdirSync(join(root, "below"));
    expect(await codeOf(make().scan({ root: join(root, "below"), minAgeMs: 0 }))).toBe("done");
  });

  test("not on a kernel without openat2", async () => {
    const old: Syscalls = { ...(openSyscalls() as Syscalls), openDirectory: () => -38 };
    expect(await codeOf(make({ calls: old }).scan(plain()))).toBe("cleaner.unsupported");
    expect(await codeOf(make({ calls: "the processor is mips" }).scan(plain()))).toBe("cleaner.unsupported");
  });

  test("no descriptor is left open", async () => {
    file(join(root, "d1/d2/f"));
    const cleaner = make();
    await cleaner.remove(await cleaner.scan(plain()));
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 5; round += 1) {
      await cleaner.remove(await cleaner.scan(plain()));
      await codeOf(cleaner.scan({ root: outside, minAgeMs: 0 }));
    }
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

describe("against somebody who swaps a folder for a link", () => {
  const NAMES = Array.from({ length: 40 }, (_, index) => `f${index}`);
  /** Renames the folder away, puts a link to `outside` in its place, and back, for ever; refills it now and then. */
  const racer = (folder: string) => `
import os, itertools
d, away, out = ${JSON.stringify([folder, `${folder}-away`, outside])}
for round in itertools.count():
    os.rename(d, away); os.symlink(out, d); os.unlink(d)
    if round % 20 == 0:
        for i in range(${NAMES.length}):
            open(away + "/f%d" % i, "a").close()
    os.rename(away, d)
`;

  async function underAttack(ms: number, attempt: () => Promise<void>, enough: () => boolean): Promise<void> {
    for (const name of NAMES) file(join(outside, name), "");
    const folder = join(root, "d");
    mkdirSync(folder);
    const attacker = Bun.spawn(["/usr/bin/python3", "-c", racer(folder)], { stderr: "ignore" });
    try {
      const end = performance.now() + ms;
      while (performance.now() < end && !enough()) {
        await attempt();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(attacker.exitCode).toBeNull();
    } finally {
      attacker.kill("SIGKILL");
      await attacker.exited;
    }
  }

  test("T46 nothing outside is deleted, and what is left afterwards can be cleaned", async () => {
    const cleaner = make();
    const attempt = async () => void (await cleaner.remove(await cleaner.scan(plain())));
    await underAttack(2000, attempt, () => false);
    expect(readdirSync(outside)).toHaveLength(NAMES.length);
    const rest = join(
      root,
      readdirSync(root).find((name) => name.startsWith("d"))!,
    );
    if (!lstatSync(rest).isDirectory()) unlinkSync(rest);
    await attempt();
    expect(readdirSync(outside)).toHaveLength(NAMES.length);
    expect(await cleaner.scan(plain())).toMatchObject({ entries: [] });
  });

  test("T46 a walker by paths deletes outside under the same attack, so the attack is real", async () => {
    const naive = async () => {
      const folder = join(root, "d");
      try {
        if (!(await lstat(folder)).isDirectory()) return;
        for (const name of await readdir(folder))
          if ((await lstat(join(folder, name))).isFile()) await unlink(join(folder, name));
      } catch {
        // The folder is away at this moment.
      }
    };
    // It has to be lucky once, also where processors are scarce.
    await underAttack(15_000, naive, () => readdirSync(outside).length < NAMES.length);
    expect(readdirSync(outside).length).toBeLessThan(NAMES.length);
  }, 20_000);
});

test("device numbers are made as stat(2) makes them, and maps name files by them", () => {
  const { dev, ino } = lstatSync(process.execPath);
  expect(makeDev(0xfd, 1)).toBe(0xfd01);
  expect(makeDev(8, 0x12345)).toBe(0x12300845);
  const text = "7f00-7f10 r-xp 00000000 fd:01 1234  /usr/bin/x (deleted)\n7f20-7f30 rw-p 00000000 00:00 0 \n";
  expect(parseMaps(text)).toEqual([{ dev: 0xfd01, ino: 1234 }]);
  const stat = (openSyscalls() as Syscalls).stat(-100, process.execPath);
  expect(stat).toMatchObject({ dev, ino });
});
