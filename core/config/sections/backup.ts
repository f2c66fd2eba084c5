/** Copies of what Cortex knows. */
import { bytes, duration } from "cortex";
import * as z from "zod";
import { text } from "./shared.ts";

const count = (value: number) => z.number().int().min(0).max(10_000).prefault(value);

export const backupConfig = z
  .strictObject({
    enabled: z.boolean().prefault(true).describe("Make backups while Cortex runs."),
    every: duration("1h").describe("How often; what happened since the last one is lost with the disk."),
    folder: text
      .optional()
      .describe("Where backups lie; better on another disk. Default: backups in the data folder."),
    keep_hours: count(24).describe("Of as many hours the newest backup is kept,"),
    keep_days: count(7).describe("of as many days,"),
    keep_weeks: count(4).describe("and of as many weeks. The newest good one always stays."),
    keep_migrations: count(5).describe("Backups made before an upgrade of the tables, besides."),
    max_size: bytes("16GiB").describe("A backup that is larger is not restored."),
  })
  .prefault({});
