import {
  bytes,
  type CleanManifest,
  defineRepair,
  duration,
  type PluginContext,
  type PluginHooks,
} from "cortex";
import * as z from "zod";
import { createSharedClean } from "./shared.ts";
import { type CleanParams, cleanParamsFor, createCleaning, foldersOn } from "../common/cleaning.ts";
import { createDeclaredPaths } from "../common/declared-path.ts";

const entry = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^/]+(\/[^/]+)*$/, { error: "must be an absolute path without a trailing slash" })
    .describe("Folder; it must lie below policy.clean_roots."),
  age: duration("10d").describe("Only files not written, changed or read for this long."),
  exclude: z
    .array(z.string().regex(/^[^/]+$/))
    .prefault([])
    .describe("Names directly below the folder that are left alone."),
});

export const config = z.strictObject({
  paths: z
    .array(entry)
    .prefault([
      { path: "/tmp", age: "10d" },
      { path: "/var/tmp", age: "30d" },
    ])
    .describe("Folders for temporary files."),
  max_files: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .prefault(50_000)
    .describe("Most files that one run deletes, per folder."),
  max_bytes: bytes("10GiB").describe("Most bytes that one run deletes, per folder."),
});
export type Config = z.infer<typeof config>;

export function setupTempFiles(ctx: PluginContext, config: Config): PluginHooks {
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
      maxEntries: config.max_files,
      maxBytes: config.max_bytes,
    };
    return [await ctx.cleaner.scan(policy, signal)];
  }

  const clean = defineRepair<CleanParams>({
    name: "temp.clean",
    version: 1,
    summary: "Delete old temporary files on a file system that is nearly full.",
    class: "R1",
    remedies: ["fs.space", "fs.inodes"],
    owners: ["mount"],
    order: 20,
    params: cleanParamsFor(configured),
    timeoutMs: 120_000,
    // Deleting is slow relief: not more often than every six hours.
    cooldownMs: 6 * 3_600_000,
    async resolve(problem) {
      const folders = await foldersOn(ctx.fs, problem, configured, paths);
      if (folders.length === 0) return null;
      return { mount: problem.target, folders, want: problem.type === "fs.inodes" ? "inodes" : "bytes" };
    },
    async plan(params, run) {
      const manifests: CleanManifest[] = [];
      for (const folder of params.folders) manifests.push(...(await scan(folder, run.signal)));
      return cleaning.plan(params, manifests, ctx.fs);
    },
    apply: (_params, plan, run) => cleaning.remove(plan, run),
    verify: async (params, plan) => cleaning.verify(params, plan),
    // What was deleted was on the list; a new plan lists only what is left.
    probe: async () => "not_done",
    // Deleted files can't be brought back.
    undo: "none",
  });

  return { repairs: [clean, ...createSharedClean(ctx, configured, paths)], start: paths.start };
}
