import {
  bytes,
  type CleanManifest,
  defineRepair,
  duration,
  type PluginContext,
  type PluginHooks,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import { countOf, type CleanParams, cleanParamsFor, createCleaning, foldersOn } from "../common/cleaning.ts";
import { choreNeeds, startChore } from "../common/chore.ts";
import { createDeclaredPaths } from "../common/declared-path.ts";
import { firstLine } from "../common/systemd-unit.ts";
import { isRotated, parseDue } from "./log-files.parse.ts";

const entry = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^/]+(\/[^/]+)*$/, { error: "must be an absolute path without a trailing slash" })
    .describe("Folder; it must lie below policy.clean_roots."),
  age: duration("30d").describe("Only rotated logs not written, changed or read for this long."),
  exclude: z
    .array(z.string().regex(/^[^/]+$/))
    .prefault(["journal", "audit", "private"])
    .describe("Names directly below the folder that are left alone."),
});

export const config = z.strictObject({
  paths: z
    .array(entry)
    .prefault([{ path: "/var/log" }])
    .describe("Folders with logs."),
  keep: z
    .array(z.string().min(1))
    .prefault(["auth.log", "secure", "audit", "wtmp", "btmp", "lastlog", "faillog", "sudo"])
    .describe(
      "Logs whose rotated files are never deleted, by the beginning of their name: who came in, and did what.",
    ),
  logrotate: z
    .string()
    .startsWith("/")
    .nullable()
    .prefault("/etc/logrotate.conf")
    .describe("Configuration that logrotate is run with when logs are due; null: it is not run."),
  max_files: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .prefault(20_000)
    .describe("Most files that one run deletes, per folder."),
  max_bytes: bytes("10GiB").describe("Most bytes that one run deletes, per folder."),
});
export type Config = z.infer<typeof config>;

/** The chore that rotates where Cortex is not root. */
export const ROTATE = "logrotate";
const DRY_RUN_MS = 10_000;
const ROTATE_MS = 60_000;

export function setupLogFiles(ctx: PluginContext, config: Config): PluginHooks {
  const cleaning = createCleaning(ctx.cleaner, ctx.clock);
  const configured = config.paths.map(({ path }) => path);
  const paths = createDeclaredPaths(ctx, configured);

  async function scan(folder: string, signal: AbortSignal): Promise<CleanManifest[]> {
    const wanted = config.paths.find(({ path }) => path === folder);
    if (!wanted) return [];
    const policy = {
      root: await paths.real(wanted.path),
      minAgeMs: wanted.age,
      exclude: wanted.exclude,
      maxEntries: 100_000,
      maxBytes: config.max_bytes,
    };
    const manifest = await ctx.cleaner.scan(policy, signal);
    const entries = manifest.entries
      .filter(({ path }) => isRotated(path.slice(path.lastIndexOf("/") + 1), config.keep))
      .slice(0, config.max_files);
    return [
      {
        ...manifest,
        entries,
        totalBytes: entries.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0),
      },
    ];
  }

  /** Logs that logrotate would rotate now; none when it is absent or may not read its configuration. */
  async function findDue(run: RepairRun): Promise<string[]> {
    if (config.logrotate === null || ctx.exec.which("logrotate") === null) return [];
    const argv = ["logrotate", "--debug", config.logrotate];
    const result = await ctx.exec.run(argv, { signal: run.signal, timeoutMs: DRY_RUN_MS });
    return result.exitCode === 0 ? parseDue(`${result.stdout}\n${result.stderr}`) : [];
  }

  async function rotate(file: string, run: RepairRun): Promise<string> {
    const way = ctx.privileges.chore(ROTATE);
    if (way.by === "nobody") return `; logrotate did not run: ${way.missing}`;
    if (way.by === "unit") return `; ${(await startChore(ctx, way.unit, run)).summary}`;
    const result = await ctx.exec.run(["logrotate", file], { signal: run.signal, timeoutMs: ROTATE_MS });
    if (result.exitCode === 0) return "; logrotate has run";
    return `; logrotate failed: ${result.timedOut ? "no end after 60 s" : firstLine(result)}`;
  }

  const clean = defineRepair<CleanParams>({
    name: "logs.rotate",
    version: 1,
    summary: "Delete old rotated logs on a file system that is nearly full, and rotate those that are due.",
    class: "R1",
    remedies: ["fs.space", "fs.inodes"],
    owners: ["mount"],
    order: 30,
    params: cleanParamsFor(configured),
    timeoutMs: 180_000,
    cooldownMs: 6 * 3_600_000,
    async resolve(problem) {
      const folders = await foldersOn(ctx.fs, problem, configured, paths);
      if (folders.length === 0) return null;
      return { mount: problem.target, folders, want: problem.type === "fs.inodes" ? "inodes" : "bytes" };
    },
    async plan(params, run) {
      const manifests: CleanManifest[] = [];
      for (const folder of params.folders) manifests.push(...(await scan(folder, run.signal)));
      const plan = await cleaning.plan(params, manifests, ctx.fs);
      const due = params.want === "bytes" ? await findDue(run) : [];
      if (due.length === 0) return plan;
      // What compression saves is not known beforehand, so it is not promised.
      return {
        ...plan,
        summary: `${plan.summary}; rotate ${countOf(due.length, "log")}`,
        changes: [...plan.changes, ...due.slice(0, 50).map((log) => ({ what: log, to: "rotated" }))],
        effects: [
          ...(plan.effects ?? []),
          ...due.slice(0, 50).map((root) => ({ kind: "delete", what: "logs", root, count: 0 }) as const),
        ],
        empty: undefined,
        data: { ...(plan.data as object), due: due.length },
      };
    },
    async apply(_params, plan, run) {
      const outcome = await cleaning.remove(plan, run);
      const due = (plan.data as { due?: number }).due ?? 0;
      if (due === 0 || config.logrotate === null || run.signal.aborted) return outcome;
      const rotated = await rotate(config.logrotate, run);
      return {
        ...outcome,
        ok: outcome.ok && !rotated.includes("failed"),
        summary: outcome.summary + rotated,
      };
    },
    verify: async (params, plan) => cleaning.verify(params, plan),
    // What was deleted was on the list, and logrotate rotates only what is due.
    probe: async () => "not_done",
    needs: () => (config.logrotate === null ? [] : choreNeeds(ctx, ROTATE)),
    // Deleted files can't be brought back.
    undo: "none",
  });

  return { repairs: [clean], start: paths.start };
}
