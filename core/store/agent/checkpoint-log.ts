/**
 * Signed checkpoints outside the database: `checkpoints.log`, one JSON object per line, only ever appended. Whoever cuts
 * the end of the ledger together with its checkpoint rows is betrayed by this file, and by the Monitor that has seen them.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { storeErrors, withStoreErrors } from "../errors.ts";
import type { LedgerCheckpoint } from "./agent-store.ts";

export interface CheckpointLog {
  append(checkpoints: readonly LedgerCheckpoint[]): void;
  read(): { checkpoints: LedgerCheckpoint[]; unreadable: { line: number; afterSize: number } | null };
}

/** Text over which the signature of a checkpoint is made. */
export const checkpointText = (checkpoint: Omit<LedgerCheckpoint, "signature">): string =>
  `cortex.checkpoint.v1\0${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.head}\n${checkpoint.at}`;

/** `path` null keeps the lines in memory, for a store without a file. */
export function createCheckpointLog(path: string | null): CheckpointLog {
  if (path === null) {
    const kept: LedgerCheckpoint[] = [];
    return {
      append: (checkpoints) => void kept.push(...checkpoints),
      read: () => ({ checkpoints: [...kept], unreadable: null }),
    };
  }
  return {
    append: (checkpoints) => withStoreErrors(path, () => appendLines(path, checkpoints)),
    read: () => withStoreErrors(path, () => parseLines(existsSync(path) ? readFileSync(path, "utf8") : "")),
  };
}

function appendLines(path: string, checkpoints: readonly LedgerCheckpoint[]): void {
  if (checkpoints.length === 0) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw storeErrors.symlink(`${path} is a symbolic link; put the file itself there`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
  const fd = openSync(path, flags, 0o600);
  try {
    dropTornLine(fd, readFileSync(path));
    const lines = checkpoints.map((checkpoint) => `${JSON.stringify(checkpoint)}\n`).join("");
    writeSync(fd, lines);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A crash in the middle of a write leaves a last line without its end; the next one must not be glued to it. */
function dropTornLine(fd: number, content: Uint8Array): void {
  const end = content.lastIndexOf(10) + 1;
  if (end < content.length) ftruncateSync(fd, end);
}

function parseLines(text: string): ReturnType<CheckpointLog["read"]> {
  const lines = text.split("\n");
  // What follows the last line end is empty, or torn by a crash.
  lines.pop();
  const checkpoints: LedgerCheckpoint[] = [];
  for (const [index, line] of lines.entries()) {
    const checkpoint = parseCheckpoint(line);
    if (checkpoint === null)
      return { checkpoints, unreadable: { line: index + 1, afterSize: checkpoints.at(-1)?.size ?? 0 } };
    checkpoints.push(checkpoint);
  }
  return { checkpoints, unreadable: null };
}

function parseCheckpoint(line: string): LedgerCheckpoint | null {
  try {
    const value = JSON.parse(line) as Partial<LedgerCheckpoint> | null;
    const { origin, size, head, at, signature } = value ?? {};
    if (typeof origin !== "string" || typeof head !== "string" || typeof signature !== "string") return null;
    if (!Number.isSafeInteger(size) || !Number.isSafeInteger(at)) return null;
    return { origin, size: size as number, head, at: at as number, signature };
  } catch {
    return null;
  }
}
