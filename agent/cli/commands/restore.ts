/** `cortex restore`: offline, checked before anything is replaced, and what is replaced is kept. */
import { isCortexError } from "cortex";
import { locateBackup } from "../../../core/backup/verify.ts";
import { restoreBackup, type RestoreReport } from "../../../core/backup/restore.ts";
import { finishSwap } from "../../../core/store/backup/swap.ts";
import { backupErrors } from "../../../core/domain/backup.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { lockDataDir, prepareDataDir } from "../../../core/store/data-dir.ts";
import { toIso } from "../../../core/wire/envelope.ts";
import { backupSettingsOf } from "../../backup-settings.ts";
import { howToStart } from "../../last-start.ts";
import { loadSettings } from "../../settings.ts";
import { becomeOwnerOf } from "../client.ts";
import { command, localArgs } from "../command.ts";
import { assertMeant } from "../elsewhere.ts";
import { backupArg, vaultOf } from "../offline.ts";
import { clean, print, printJson, when } from "../output.ts";

export default command({
  name: "restore",
  description: "Put a backup in the place of what is there, which is kept aside. Cortex must be stopped.",
  args: {
    ...localArgs,
    backup: backupArg,
  },
  async run(args) {
    const settings = loadSettings({ config: args.config, "data-dir": args["data-dir"] });
    assertMeant(settings);
    becomeOwnerOf(settings.dataDir);
    process.umask(0o077);
    const dir = prepareDataDir(settings.dataDir);
    const lock = lockOf(dir.root);
    try {
      // One that was cut short comes first.
      finishSwap(dir.root);
      const report = await restoreBackup(
        locateBackup(args.backup, backupSettingsOf(settings.config, dir).folder),
        {
          dir,
          vault: vaultOf(settings, dir),
          clock: createSystemClock(),
          maxBytes: settings.config.backup.max_size,
        },
      );
      if (args.json) printJson({ ...report, createdAt: toIso(report.createdAt) });
      else tell(report, dir.root);
    } finally {
      lock.release();
    }
  },
});

function lockOf(root: string) {
  try {
    return lockDataDir(root, 1000);
  } catch (error) {
    if (!isCortexError(error) || error.code !== "store.locked") throw error;
    throw backupErrors.in_use(
      `Cortex runs on ${root}: stop it first (systemctl stop cortex), restore, and start it again`,
      { cause: error },
    );
  }
}

function tell(report: RestoreReport, dataDir: string): void {
  print(`Restored ${report.name} of ${when(toIso(report.createdAt))}.`);
  for (const { name, entries, carried, notCarried } of report.databases) {
    print(
      `${name}: the ledger has ${entries} entries and holds, ${carried} of them younger than the backup.`,
    );
    if (notCarried !== null)
      print(
        `  What happened since could not be taken over from the former ${name}: ${clean(notCarried, 300)}`,
      );
  }
  if (report.keys.length > 0) print(`Keys from the backup: ${report.keys.join(", ")}.`);
  if (report.replaced !== null)
    print(`What was there before is in ${report.replaced}; remove it when all is well.`);
  const list = (title: string, acts: RestoreReport["undone"]) => {
    if (acts.length > 0) print(title);
    for (const { at, kind, what } of acts) print(`  ${when(toIso(at))}  ${kind}  ${clean(what, 200)}`);
  };
  list(
    "Since the backup these were taken away or changed, and are again as they were. Look at each:",
    report.undone,
  );
  list("These were made since the backup and are not there any more. Make again what you need:", report.lost);
  print(`Everybody has to log in again. To go on, ${howToStart(dataDir)}.`);
}
