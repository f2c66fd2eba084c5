/** A file for a text that a person is writing, in a folder of its own that nobody else can enter. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface DraftFile {
  path: string;
  read(): string;
  remove(): void;
}

export function createDraftFile(name: string, text: string): DraftFile {
  const path = join(mkdtempSync(join(tmpdir(), "cortex-")), name);
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  return {
    path,
    read: () => readFileSync(path, "utf8"),
    remove: () => rmSync(dirname(path), { recursive: true, force: true }),
  };
}
