/** What is durable when a call returns. */
import { closeSync, fsyncSync, openSync } from "node:fs";

/** Make a file or the entries of a folder durable. Never for a database that is open: see `openDatabase`. */
export function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
