/** For commands that work on a data folder themselves, because no daemon may run meanwhile, or none can. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createKeyRing } from "../../core/ports/secrets/key-ring.ts";
import { createVault, type Vault } from "../../core/ports/secrets/vault.ts";
import type { DataDir } from "../../core/store/data-dir.ts";
import type { Settings } from "../settings.ts";

export const backupArg = {
  type: "positional",
  required: true,
  description: "Name, or path of its folder.",
  valueHint: "NAME|FOLDER",
} as const;

export function vaultOf(settings: Settings, dir: Pick<DataDir, "root">): Vault {
  const credentialsDir = process.env.CREDENTIALS_DIRECTORY;
  return createVault(createKeyRing({ path: settings.keyFile, dataDir: dir.root, credentialsDir }));
}

/** Where things lie, without making anything. */
export function dataDirOf(path: string): Pick<DataDir, "root" | "keys" | "backups"> {
  const root = resolve(path);
  return { root, keys: join(root, "keys"), backups: join(root, "backups") };
}

/** The process that has this folder, as it wrote itself down when it took it; null where none did. */
export function daemonPid(dataDir: string): { pid: number; since: string } | null {
  const path = join(dataDir, "lock.pid");
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    return { pid, since: statSync(path).mtime.toISOString() };
  } catch {
    return null;
  }
}
