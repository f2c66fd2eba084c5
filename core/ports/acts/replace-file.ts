/**
 * replace_file: another text for one existing file. The new text is written beside it, tested there and moved over it in one
 * step, with the owner and mode that the file has. Everything goes through the folder's handle: a folder or a link that is
 * exchanged meanwhile leads nowhere.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { MAX_FILE_TEXT, messageOf } from "cortex";
import type { ApplyOutcome, Exec } from "cortex";
import { AT_FDCWD, openSyscalls, RESOLVE } from "../files/syscalls.ts";
import { type ActDeps, type Carry, refused } from "./carry.ts";

const TEST_MS = 20_000;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

interface Place {
  /** Of the folder; reached without following a link. */
  fd: number;
  folder: string;
  name: string;
}

/** The folder's handle, or why there is none. */
function openFolder(path: string): Place | string {
  const at = path.lastIndexOf("/");
  const [folder, name] = [path.slice(0, at) || "/", path.slice(at + 1)];
  if (name === "" || name === "." || name === "..") return `${path} is no file`;
  const calls = openSyscalls();
  if (typeof calls === "string") return `files can't be replaced here: ${calls}`;
  const fd = calls.openDirectory(AT_FDCWD, folder, RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS);
  return fd < 0 ? `${folder} can't be opened without following links (errno ${-fd})` : { fd, folder, name };
}

const within = ({ fd }: Place, name: string) => `/proc/self/fd/${fd}/${name}`;

interface Present {
  mode: number;
  uid: number;
  gid: number;
  ino: number;
  hash: string;
}

/** The file as it is now, or why it is not touched. */
function look(place: Place): Present | string {
  const fd = openSync(
    within(place, place.name),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return "it is no regular file";
    if (stat.nlink > 1) return "it has more than one name (hard links)";
    if (stat.size > MAX_FILE_TEXT * 4) return "it is too large";
    return {
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      ino: stat.ino,
      hash: sha256(readFileSync(fd)),
    };
  } finally {
    closeSync(fd);
  }
}

function writeBeside(place: Place, candidate: string, text: string, like: Present): void {
  const fd = openSync(within(place, candidate), NEW, 0o600);
  try {
    writeFileSync(fd, text);
    const { uid, gid } = fstatSync(fd);
    if (uid !== like.uid || gid !== like.gid) fchownSync(fd, like.uid, like.gid);
    fchmodSync(fd, like.mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function runTest(
  exec: Exec,
  test: readonly string[],
  file: string,
  signal: AbortSignal,
): Promise<string | null> {
  const argv = test.map((word) => word.replaceAll("{file}", file));
  const result = await exec.run(argv, { signal, timeoutMs: TEST_MS });
  if (result.exitCode === 0) return null;
  if (result.timedOut) return `${argv[0]} did not answer within 20 s`;
  const lines = `${result.stderr}\n${result.stdout}`.split("\n").filter((line) => line.trim() !== "");
  const worst = lines.find((line) => /emerg|fatal|error|alert/i.test(line)) ?? lines[0];
  return `${argv[0]}: ${worst?.trim().slice(0, 300) ?? `exit code ${result.exitCode}`}`;
}

export function createReplaceFile({ exec }: ActDeps): Carry<"replace_file"> {
  return async ({ path, expect, text, test, dry }, signal): Promise<ApplyOutcome> => {
    if (test !== null && !test.some((word) => word.includes("{file}")))
      return refused("the test names no {file}: it would test nothing");
    const place = openFolder(path);
    if (typeof place === "string") return refused(place);
    // A name that no pattern of an include (*.conf) takes.
    const candidate = `.${place.name}.cortex-${randomBytes(6).toString("hex")}`;
    try {
      const before = look(place);
      if (typeof before === "string") return refused(`${path} is left alone: ${before}`);
      if (before.hash !== expect) return refused(`${path} was changed meanwhile; nothing was replaced`);
      writeBeside(place, candidate, text, before);
      const there = `${place.folder === "/" ? "" : place.folder}/${candidate}`;
      const wrong = test === null ? null : await runTest(exec, test, there, signal);
      if (wrong !== null) return refused(`the new text does not pass its test: ${wrong}`);
      if (dry) return { ok: true, summary: `${test?.[0] ?? "no test"}: good` };
      const now = look(place);
      if (typeof now === "string" || now.hash !== expect || now.ino !== before.ino)
        return refused(`${path} was changed meanwhile; nothing was replaced`);
      renameSync(within(place, candidate), within(place, place.name));
      fsyncSync(place.fd);
      return { ok: true, summary: `${path} was replaced`, data: { path, from: expect, to: sha256(text) } };
    } catch (error) {
      signal.throwIfAborted();
      return refused(`${path} can't be replaced: ${messageOf(error)}`);
    } finally {
      rmSync(within(place, candidate), { force: true });
      closeSync(place.fd);
    }
  };
}
