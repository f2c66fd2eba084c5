import { type CleanManifest, defineRepair, type PluginContext, type PluginHooks } from "cortex";
import { type CleanParams, cleanParamsFor, createCleaning, foldersOn } from "../common/cleaning.ts";
import { createDeclaredPaths } from "../common/declared-path.ts";
import type { Config } from "./config.ts";
import { createSharedClean } from "./shared.ts";

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
