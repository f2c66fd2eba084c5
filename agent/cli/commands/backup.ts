/** `cortex backup`: make, list and check backups. Lists and checks read the folder, so they work when Cortex does not. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CortexError, formatBytes, isCortexError, messageOf } from "cortex";
import { type BackupItem, type BackupList, type madeBackup, toItem } from "../../../core/backup/item.ts";
import { locateBackup, verifyBackup } from "../../../core/backup/verify.ts";
import { listBackups } from "../../../core/store/backup/read-backup.ts";
import { copyBackup } from "../../../core/store/backup/write-backup.ts";
import type * as z from "zod";
import { backupSettingsOf } from "../../backup-settings.ts";
import { loadSettings } from "../../settings.ts";
import { becomeOwnerOf, type ConnectionArgs, withClient } from "../client.ts";
import { command, connectionArgs, group, localArgs } from "../command.ts";
import { assertMeant } from "../elsewhere.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { backupArg, dataDirOf, vaultOf } from "../offline.ts";

const create = command({
  name: "backup",
  description: "Make a backup now: copied, checked, signed. With --to it is also copied there.",
  args: {
    ...connectionArgs,
    to: { type: "string", description: "Folder for a second copy, on another disk.", valueHint: "FOLDER" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const made = await client.post<z.infer<typeof madeBackup>>("backups", {});
      const { maxBytes } = placesOf(args);
      const copied = args.to === undefined ? null : copyTo(resolve(args.to), made.path, maxBytes);
      if (args.json) return printJson({ ...made, copied });
      print(`${made.name}: ${formatBytes(made.bytes)} in ${made.path}`);
      if (copied !== null) print(`Copied to ${copied}.`);
      if (made.withoutKeys !== null)
        print(`It is without the keys, so it can only be restored on this host: ${made.withoutKeys}`);
      if (made.sound) return 0;
      print(
        "The ledger did not hold: this copy is evidence, and can't be restored. See: cortex intents verify",
      );
      return 1;
    }),
});

/** The first copy is there whatever becomes of the second, and whoever asked for both hears so. */
export function copyTo(folder: string, path: string, maxBytes: number): string {
  try {
    return copyBackup(path, folder, maxBytes);
  } catch (error) {
    throw new CortexError(
      "backup.not_copied",
      isCortexError(error) ? error.kind : "unavailable",
      `the backup was made and is in ${path}, but could not be copied to ${folder}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function placesOf(args: ConnectionArgs) {
  const settings = loadSettings({ config: args.config, "data-dir": args["data-dir"] });
  assertMeant(settings);
  const dir = dataDirOf(settings.dataDir);
  becomeOwnerOf(dir.root);
  return {
    settings,
    dir,
    folder: backupSettingsOf(settings.config, dir).folder,
    maxBytes: settings.config.backup.max_size,
  };
}

const ROW = (one: BackupItem) => [
  one.name,
  when(one.createdAt),
  formatBytes(one.bytes),
  one.reason,
  one.files
    .filter((file) => file !== "keys.sealed")
    .map((file) => file.replace(".db", ""))
    .join("+"),
  one.hasKeys ? "sealed" : "none",
  state(one.sound ? "ok" : "critical"),
];

const list = command({
  name: "backup list",
  description: "List backups, newest first.",
  args: connectionArgs,
  async run(args) {
    const { items, damaged } = await listOf(args);
    if (args.json) return printJson({ items, damaged });
    if (items.length + damaged.length === 0)
      return print("There are no backups yet. Make one: cortex backup");
    print(table(["NAME", "MADE", "SIZE", "WHY", "OF", "KEYS", "STATE"], items.map(ROW)));
    for (const { name, reason } of damaged) print(`${state("critical")} ${name}: ${clean(reason, 200)}`);
  },
});

async function listOf(args: ConnectionArgs): Promise<Pick<BackupList, "items" | "damaged">> {
  if (args.url !== undefined) return withClient(args, (client) => client.get<BackupList>("backups"));
  const { folder } = placesOf(args);
  const { backups, damaged } = listBackups(folder);
  return { items: backups.map(toItem), damaged };
}

const verify = command({
  name: "backup verify",
  description:
    "Check every byte of a backup, its signature, its tables and its ledgers; exit 1 if one fails.",
  args: {
    ...localArgs,
    backup: backupArg,
  },
  async run(args) {
    const { settings, dir, folder, maxBytes } = placesOf(args);
    const path = locateBackup(args.backup, folder);
    try {
      const found = await verifyBackup(path, {
        keysDir: existsSync(dir.keys) ? dir.keys : null,
        vault: vaultOf(settings, dir),
        maxBytes,
      });
      if (args.json) return printJson({ ok: true, ...found });
      print(
        `${state("ok")} ${found.name}: ${found.entries} ledger entries, ${formatBytes(found.bytes)}, all as it was written`,
      );
      print(`Signed by ${found.node}: ${PROOF[found.proof]}`);
      print(
        found.keys === null ? "Its keys can be opened here." : `Its keys can't be opened here: ${found.keys}`,
      );
      return 0;
    } catch (error) {
      if (!isCortexError(error) || !error.code.startsWith("backup.") || error.kind === "not_found")
        throw error;
      if (args.json) printJson({ ok: false, code: error.code, reason: messageOf(error) });
      else print(`${state("critical")} ${clean(messageOf(error), 500)}`);
      return 1;
    }
  },
});

const PROOF = {
  own_key: "a key of this node",
  sealed_keys: "a key that is in it, sealed with the key-encryption key of this host",
  node_id: "the key that the node's id is made of",
  none: "this host can't tell whether that key is the node's; ask on a host that has the key-encryption key",
} as const;

export default group(
  "backup",
  "Copies of what Cortex knows, to be restored after a loss.",
  { create: async () => create, list: async () => list, verify: async () => verify },
  "create",
);
