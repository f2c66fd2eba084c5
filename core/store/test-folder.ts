/** Temporary folders for the store's tests, removed when the test file ends. */
import { afterAll } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cortex-store-"));
  chmodSync(folder, 0o700);
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

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
