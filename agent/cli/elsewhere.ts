/**
 * Which Cortex was meant: a command that names no data folder must not answer for a folder on which nothing runs while a
 * Cortex runs on another one. What it would say looks like an all-clear of the one that runs.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CortexError } from "cortex";
import type { Settings } from "../settings.ts";

const SOCKET = "/cortex.sock";
/** __SO_ACCEPTCON in the flags of /proc/net/unix: somebody listens. */
const LISTENS = 0x1_0000;

/**
 * Data folders of the Cortexes that run on this machine, other users' too.
 * `table`: /proc/net/unix (unix(7)), with lines such as `0000: 00000002 00000000 00010000 0001 01 4711 /srv/data/cortex.sock`.
 */
export function runningFolders(table: string): string[] {
  const folders = table.split("\n").flatMap((line) => {
    const [, , , flags = "", , , , ...path] = line.trim().split(/ +/);
    const socket = path.join(" ");
    const listens = (Number.parseInt(flags, 16) & LISTENS) !== 0;
    return listens && socket.startsWith("/") && socket.endsWith(SOCKET) ? [dirname(socket)] : [];
  });
  return [...new Set(folders)].toSorted();
}

/** Where Cortexes run besides this folder; none where one runs on this folder itself. */
export function runningElsewhere(dataDir: string, table = socketTable()): string[] {
  const own = real(dataDir);
  const folders = runningFolders(table);
  return folders.some((folder) => real(folder) === own) ? [] : folders;
}

function socketTable(): string {
  try {
    return readFileSync("/proc/net/unix", "utf8");
  } catch {
    // Without /proc nothing is known of others.
    return "";
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** How to reach what runs elsewhere; null where nothing does. */
function toldElsewhere(folders: readonly string[]): string | null {
  const [first] = folders;
  if (first === undefined) return null;
  const more = folders.length > 1 ? ` (and on ${folders.slice(1).join(", ")})` : "";
  return `a Cortex runs on ${first}${more}: add --data-dir ${first}, or export CORTEX_DATA_DIR=${first}`;
}

/**
 * Before a command works on a folder. One that was named is meant, and one on which a Cortex runs, whatever runs elsewhere.
 * Errors: `cli.elsewhere`.
 */
export function assertMeant(
  { dataDir, isDataDirNamed }: Pick<Settings, "dataDir" | "isDataDirNamed">,
  table?: string,
): void {
  if (isDataDirNamed) return;
  const told = toldElsewhere(runningElsewhere(dataDir, table));
  if (told === null) return;
  throw new CortexError(
    "cli.elsewhere",
    "unavailable",
    `no Cortex runs on ${dataDir}, but ${told}; if ${dataDir} is meant: --data-dir ${dataDir}`,
  );
}
