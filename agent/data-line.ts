/** Which data folder and configuration a start took: who starts Cortex anew is told when he finds an old one in its place. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { escapeControls } from "cortex";

/** When a Cortex first ran on this folder; null where none ever did. The lock is made then and never written. */
export function usedSince(dataDir: string): Date | null {
  try {
    return statSync(join(dataDir, "lock.db")).mtime;
  } catch {
    return null;
  }
}

/** Nothing lies there, or there is no such folder. A restored or copied one is not empty, although nobody used it yet. */
export function isEmpty(dataDir: string): boolean {
  try {
    return readdirSync(dataDir).length === 0;
  } catch {
    return true;
  }
}

export interface DataUse {
  root: string;
  since: Date | null;
  /** Of the node; null where a Monitor runs alone. */
  name: string | null;
}

/** `Data: /var/lib/cortex, in use since 2026-11-01 (node vm); to take another: --data-dir DIR` */
export function dataLine({ root, since, name }: DataUse): string {
  const folder = escapeControls(root);
  if (since === null) return `Data: ${folder} (new)`;
  const node = name === null ? "" : ` (node ${escapeControls(name)})`;
  return `Data: ${folder}, in use since ${since.toISOString().slice(0, 10)}${node}; to take another: --data-dir DIR`;
}

/** `Config: /etc/cortex/cortex.yaml`, or where it would be. */
export const configLine = ({ path, configPlace }: { path: string | null; configPlace: string }): string =>
  `Config: ${escapeControls(configPlace)}${path === null ? " (not there: all defaults)" : ""}`;
