/** backup_health: a backup that was not made is missed on the worst of days. */
import { type Check, formatDuration, oneLine, type PluginContext, type Result, type Skipped } from "cortex";

export interface BackupHealthConfig {
  interval: number;
  confirm: number;
  missed: number;
}

export function createBackupCheck(ctx: PluginContext, config: BackupHealthConfig): Check {
  return {
    name: "backup_health",
    summary: "Backups of Cortex that fail, or are not made.",
    type: "backup.health",
    nature: "fact",
    intervalMs: config.interval,
    confirmMs: config.confirm,
    async run(): Promise<(Result | Skipped)[]> {
      const { backups } = ctx.self();
      if (backups === null) return [{ skipped: "no backups are made here" }];
      const { everyMs, lastGoodAt, startedAt, failure } = backups;
      const ageMs = Math.max(0, ctx.clock.now() - (lastGoodAt ?? startedAt));
      // One that is being made, or waits for a retry, is not late yet.
      const missed = Math.floor(ageMs / everyMs - 0.25);
      const age = formatDuration(ageMs);
      const every = formatDuration(everyMs);
      const status = missed >= config.missed ? "critical" : failure || missed >= 1 ? "warning" : "ok";
      const newest = lastGoodAt === null ? "there is no good one" : `the newest good one is ${age} old`;
      const summary =
        failure !== null
          ? `the last backup failed: ${failure.reason}; ${newest}`
          : lastGoodAt === null
            ? status === "ok"
              ? "no backup was made yet"
              : `there is no good backup; one should be made every ${every}`
            : status === "ok"
              ? `last good backup ${age} ago`
              : `the newest good backup is ${age} old, one is made every ${every}`;
      return [
        {
          target: "backups",
          status,
          summary: oneLine(summary),
          ...(lastGoodAt !== null && { metrics: { "backup.age_seconds": ageMs / 1000 } }),
        },
      ];
    },
  };
}
