/** Keys of root's trust store as files: a new one never replaces another, and what is removed is gone at once. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { syncPath } from "../durable.ts";

/** False when there is a file of this name already. Readable by all: nothing in it is secret. */
export function addFile(path: string, text: string): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, text, { mode: 0o644, flag: "wx" });
  syncPath(dirname(path));
  return true;
}

/** False when there was none. */
export function removeFile(path: string): boolean {
  if (!existsSync(path)) return false;
  rmSync(path);
  syncPath(dirname(path));
  return true;
}
