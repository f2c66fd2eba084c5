import { resolve } from "node:path";
import type { BackupSettings } from "../core/backup/backups.ts";
import type { Config } from "../core/config/schema.ts";
import type { DataDir } from "../core/store/data-dir.ts";

/** `backup.*` of the config as the feature takes it. */
export const backupSettingsOf = ({ backup }: Config, dir: Pick<DataDir, "backups">): BackupSettings => ({
  enabled: backup.enabled,
  everyMs: backup.every,
  folder: backup.folder === undefined ? dir.backups : resolve(backup.folder),
  keep: {
    hours: backup.keep_hours,
    days: backup.keep_days,
    weeks: backup.keep_weeks,
    migrations: backup.keep_migrations,
  },
});
