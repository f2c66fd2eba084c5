/** A Monitor's deciding key on a disk of its own, which ends with the tests. */
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DecidingKey, loadDecidingKey } from "../store/deciding-key.ts";

const folders: string[] = [];

export function createTestDecidingKey(): DecidingKey {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "cortex-deciding-"));
  chmodSync(folder, 0o700);
  if (folders.length === 0)
    process.on("exit", () => folders.forEach((one) => rmSync(one, { recursive: true, force: true })));
  folders.push(folder);
  return loadDecidingKey(folder);
}
