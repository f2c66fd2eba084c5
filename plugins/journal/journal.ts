import { bytes, defineRepair, formatBytes, type HostFs, type PluginContext, type PluginHooks } from "cortex";
import * as z from "zod";
import { choreNeeds, mayDo, startChore } from "../common/chore.ts";
import { foldersOn } from "../common/cleaning.ts";
import { firstLine } from "../common/systemd-unit.ts";

export const config = z.strictObject({
  max_size: bytes("500MiB").describe("Size that the journal is cut down to; its newest entries are kept."),
});
export type Config = z.infer<typeof config>;

/** The chore that does it where Cortex is not root. */
export const VACUUM = "journal-vacuum";
const FOLDER = "/var/log/journal";
const params = z.strictObject({
  mount: z.string().describe("Mount point of the file system that needs room."),
  max_size_bytes: z.number().int().positive().describe("What is kept, at most."),
});
type Params = z.infer<typeof params>;

interface Usage {
  totalBytes: number;
  /** Closed files; only these are ever deleted. */
  archivedBytes: number;
}

/** Sizes of all journal files: `system.journal` is being written, `system@….journal` and `….journal~` are closed. */
export async function readJournalUsage(fs: HostFs): Promise<Usage> {
  const usage = { totalBytes: 0, archivedBytes: 0 };
  for (const machine of await fs.list(FOLDER)) {
    const folder = `${FOLDER}/${machine}`;
    if ((await fs.stat(folder)).kind !== "directory") continue;
    for (const name of await fs.list(folder)) {
      if (!/\.journal~?$/.test(name)) continue;
      // A file may be rotated away between the list and the look.
      const size = await fs.stat(`${folder}/${name}`).then(
        (stat) => stat.sizeBytes,
        () => 0,
      );
      usage.totalBytes += size;
      if (name.includes("@") || name.endsWith("~")) usage.archivedBytes += size;
    }
  }
  return usage;
}

export function setupJournal(ctx: PluginContext, config: Config): PluginHooks {
  const vacuum = defineRepair<Params>({
    name: "journal.vacuum",
    version: 1,
    summary: "Cut the systemd journal down to its configured size.",
    class: "R1",
    remedies: ["fs.space"],
    owners: ["mount"],
    order: 10,
    params,
    cooldownMs: 6 * 3_600_000,
    async resolve(problem) {
      if (ctx.exec.which("journalctl") === null) return null;
      const here = await foldersOn(ctx.fs, problem, [FOLDER]);
      return here.length === 0 ? null : { mount: problem.target, max_size_bytes: config.max_size };
    },
    async plan({ mount, max_size_bytes }) {
      const { totalBytes, archivedBytes } = await readJournalUsage(ctx.fs);
      const freedBytes = Math.max(0, Math.min(totalBytes - max_size_bytes, archivedBytes));
      const fs = await ctx.fs.usage(mount);
      return {
        summary: `cut the journal from ${formatBytes(totalBytes)} to ${formatBytes(totalBytes - freedBytes)}`,
        changes: [{ what: FOLDER, from: formatBytes(totalBytes), to: formatBytes(totalBytes - freedBytes) }],
        effects: [{ kind: "delete", what: "logs", root: FOLDER, count: 0 }],
        // The act is bound to a size; the journal grows while somebody thinks about it.
        basis: `${FOLDER} ${max_size_bytes}`,
        promise: { freedBytes, totalBytes: fs.totalBytes },
        ...(freedBytes === 0 ? { empty: true } : {}),
        data: { totalBytes },
      };
    },
    preconditions: async () => [mayDo(ctx, VACUUM)],
    needs: () => choreNeeds(ctx, VACUUM),
    async apply({ max_size_bytes }, _plan, run) {
      const way = ctx.privileges.chore(VACUUM);
      if (way.by === "unit") return startChore(ctx, way.unit, run);
      const argv = ["journalctl", "--quiet", `--vacuum-size=${max_size_bytes}`];
      const result = await ctx.exec.run(argv, { signal: run.signal, timeoutMs: 50_000 });
      if (result.exitCode === 0)
        return { ok: true, summary: `journal cut down to ${formatBytes(max_size_bytes)}`, data: { argv } };
      const why = result.timedOut ? "no end after 50 s" : firstLine(result);
      return {
        ok: false,
        summary: `journalctl could not cut the journal: ${why}`,
        data: { argv, exitCode: result.exitCode },
      };
    },
    async verify(_params, plan) {
      const before = (plan.data as { totalBytes: number }).totalBytes;
      const freed = before - (await readJournalUsage(ctx.fs)).totalBytes;
      const promised = plan.promise?.freedBytes ?? 0;
      return {
        name: "freed what was promised",
        ok: freed >= 0.8 * promised,
        detail: `freed ${formatBytes(Math.max(0, freed))} of ${formatBytes(promised)}`,
      };
    },
    // Cutting twice is cutting once.
    probe: async () => "not_done",
    // Deleted entries can't be brought back.
    undo: "none",
  });
  return { repairs: [vacuum] };
}
