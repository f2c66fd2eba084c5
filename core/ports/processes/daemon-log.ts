/** Output files of supervised processes: kept short, and read for the last word of a process that ended. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import type { DaemonLog } from "cortex";

const TAIL_BYTES = 4096;
const LINE_CHARACTERS = 500;

/**
 * Move the output to `FILE.1` once it is larger than the limit; true when it did.
 *
 * The process holds the file open, so a rename would only move its output along: the content is copied and the file
 * truncated instead. The descriptor is in append mode, so the next write starts at the new end. What is written between
 * copy and truncate is lost; a longer file leaves its newest `maxBytes`.
 */
export function rotateLog({ file, maxBytes }: DaemonLog): boolean {
  let fd: number;
  try {
    if (statSync(file).size <= maxBytes) return false;
    fd = openSync(file, "r+");
  } catch {
    return false;
  }
  try {
    writeFileSync(`${file}.1`, readTail(fd, maxBytes), { mode: 0o600 });
    ftruncateSync(fd);
    return true;
  } catch {
    // A full disk has no room for the copy: nothing was truncated, and the next round tries again.
    return false;
  } finally {
    closeSync(fd);
  }
}

/**
 * The last line with anything printable on it, control characters removed; "" when there is none. `from`: only what was
 * written since the file was so long, in bytes; a file that is shorter now was cut since, and all of it is newer.
 */
export function lastLineOf(file: string, from = 0): string {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(fd);
    const newer = size < from ? size : size - from;
    const lines = readTail(fd, Math.min(TAIL_BYTES, newer))
      .toString("utf8")
      .split("\n")
      .map((line) => line.replaceAll(/\p{Cc}+/gu, " ").trim())
      .filter((line) => line !== "");
    return (lines.at(-1) ?? "").slice(0, LINE_CHARACTERS);
  } catch {
    return "";
  } finally {
    closeSync(fd);
  }
}

/** In bytes; 0 where there is no such file. */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function readTail(fd: number, maxBytes: number): Buffer {
  const { size } = fstatSync(fd);
  const buffer = Buffer.alloc(Math.min(size, maxBytes));
  let filled = 0;
  while (filled < buffer.length) {
    const read = readSync(fd, buffer, filled, buffer.length - filled, size - buffer.length + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
