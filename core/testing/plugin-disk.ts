/** A node's database on the disk, for tests of what plugins keep in it. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createPluginStore } from "../host/plugin-store.ts";
import type { Vault } from "../ports/secrets/vault.ts";
import { createAgentStore } from "../store/agent/create-agent-store.ts";
import { snapshot } from "../store/backup/snapshot.ts";
import { ephemeralIdentity } from "../store/identity.ts";
import { openDatabase } from "../store/sqlite.ts";

export { ephemeralVault } from "../ports/secrets/vault.ts";
export type { Vault } from "../ports/secrets/vault.ts";

/** `folder` is made. */
export function createPluginDisk(folder: string) {
  mkdirSync(folder);
  const { nodeId: origin, sign, verify } = ephemeralIdentity();
  const path = join(folder, "agent.db");
  const store = createAgentStore(path, { origin, sign, verify, now: () => 0 });
  return {
    /** `scope`: `PLUGIN~INSTANCE`. */
    storeOf: (scope: string, vault: Pick<Vault, "seal" | "open">) => createPluginStore(store, vault, scope),
    /** A copy of the database as backups have it, beside it. */
    backUp(): void {
      const db = openDatabase(path, { readonly: true });
      snapshot(db, join(folder, "backup.db"));
      db.close();
    },
    /** Names of the files in which this text is found. */
    holding: (text: string): string[] =>
      readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text)),
  };
}
