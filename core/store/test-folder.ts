/** Temporary folders for the store's tests. */
import { afterAll, onTestFinished } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * In memory where there is such a place, so that thousands of fsync calls cost nothing; that they are made is what strace
 * and the fault suite see to.
 */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** To be called inside a test, at whose end the folder is removed. */
export function testFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(parent, "cortex-store-"));
  chmodSync(folder, 0o700);
  return folder;
}

export const modeOf = (stat: { mode: number }): string => (stat.mode & 0o777).toString(8);

/** The code of what `work` throws, and its message; null when it does not throw. */
export function thrown(work: () => unknown): { code: string; message: string } | null {
  try {
    work();
    return null;
  } catch (error) {
    return { code: String((error as { code?: unknown }).code), message: (error as Error).message };
  }
}

/** A tmpfs for faults of the disk, to be called inside `describe`, at whose end it is gone; `dir` is null, with the reason, where it can't be mounted. */
export function mountTmpfs(size: string): {
  dir: string | null;
  reason: string;
  remount(mode: "ro" | "rw"): void;
} {
  const dir = makeFolder();
  const run = (argv: string[]) => Bun.spawnSync(argv, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const isRoot = process.getuid?.() === 0;
  const mounted =
    isRoot && run(["mount", "-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", dir]).exitCode === 0;
  afterAll(() => {
    if (mounted) run(["umount", "--lazy", dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    dir: mounted ? dir : null,
    reason: isRoot ? "tmpfs can't be mounted here" : "mounting needs root",
    remount: (mode) => {
      run(["mount", "-o", `remount,${mode}`, dir]);
    },
  };
}
