/**
 * Temporary folders for tests. Each is removed when the test that asked for it has ended, also a failed one; asked for
 * outside of a test, when its file or `describe` has ended, and without a test runner at the process's exit. Not for
 * `beforeAll`, at whose end it would be gone.
 */
import { afterAll, onTestFinished } from "bun:test";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * In memory where there is such a place, so that thousands of fsync calls cost nothing; that they are made is what strace
 * and the fault suite see to. No program can be started from there on some machines: those need `diskFolder`.
 */
export const testFolder = (): string => passing(inMemory());

/** For programs that are started, and for what memory is too small for or behaves otherwise. */
export const diskFolder = (): string => passing(tmpdir());

/** The runner of the tests names its own places, and looks whether they are left empty. */
const inMemory = () => process.env["TMPDIR_IN_MEMORY"] ?? (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

const makeFolder = (parent: string) => realpathSync(mkdtempSync(join(parent, "cortex-test-")));

function passing(parent: string): string {
  const folder = makeFolder(parent);
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const ENDS = [onTestFinished, afterAll, (work: () => void) => process.once("exit", work)];

function atEnd(work: () => void): void {
  for (const register of ENDS)
    try {
      register(work);
      return;
    } catch {
      // It is not the place for this one: no test is running, or none ever will.
    }
}

/** A tmpfs for faults of the disk, to be called inside `describe`, at whose end it is gone; `dir` is null, with the reason, where it can't be mounted. */
export function mountTmpfs(size: string): {
  dir: string | null;
  reason: string;
  remount(mode: "ro" | "rw"): void;
} {
  const dir = makeFolder(inMemory());
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

export const modeOf = (stat: { mode: number }): string => (stat.mode & 0o777).toString(8);
