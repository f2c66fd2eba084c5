/**
 * Temporary files of all users, where Cortex is not root: by a unit that runs find with the configured ages. find deletes by
 * directory handles (openat, unlinkat), so a folder that is swapped for a symlink leads it nowhere.
 */
import { type Chore, defineRepair, type PluginContext, type PrivilegeWishes, type Repair } from "cortex";
import { choreNeeds, mayDo, startChore } from "../common/chore.ts";
import { type CleanParams, cleanParamsFor, foldersOn } from "../common/cleaning.ts";
import type { DeclaredPaths } from "../common/declared-path.ts";
import type { Config } from "./config.ts";

const CLEAN = "temp-clean";
/** Folders and files that programs stand on while they run, whatever their age. */
const NEVER = [
  "systemd-private-*",
  "snap-private-tmp",
  "snap.*",
  ".X11-unix",
  ".ICE-unix",
  ".XIM-unix",
  ".font-unix",
  ".Test-unix",
  ".X*-lock",
];
/** A pattern of find must not come out of a path. */
const PLAIN = /^[A-Za-z0-9._/-]+$/;
const MINUTE_MS = 60_000;

export function cleanPrivileges({ paths }: Config): PrivilegeWishes {
  const plain = paths.filter(({ path, exclude }) => [path, ...exclude].every((one) => PLAIN.test(one)));
  if (plain.length === 0) return {};
  const chore: Chore = {
    name: CLEAN,
    summary: `delete old temporary files below ${plain.map(({ path }) => path).join(", ")}`,
    commands: plain.map(findCommand),
    writes: plain.map(({ path }) => path),
    // Files of all users, in folders of theirs.
    capabilities: ["CAP_DAC_OVERRIDE", "CAP_FOWNER"],
  };
  return { chores: [chore] };
}

/** Old by every clock, one link, on this file system, a plain file. */
function findCommand({ path, age, exclude }: Config["paths"][number]): string[] {
  const minutes = `+${Math.max(1, Math.floor(age / MINUTE_MS))}`;
  const kept = [...NEVER, ...exclude].flatMap((name) => [
    "-not",
    "-path",
    `${path}/${name}`,
    "-not",
    "-path",
    `${path}/${name}/*`,
  ]);
  const old = ["-mmin", minutes, "-amin", minutes, "-cmin", minutes];
  return [
    "/usr/bin/find",
    "-P",
    path,
    "-xdev",
    "-mindepth",
    "1",
    "-type",
    "f",
    "-links",
    "1",
    ...old,
    ...kept,
    "-delete",
  ];
}

/** None where Cortex is root: then `temp.clean` lists and removes the files of all users itself. */
export function createSharedClean(
  ctx: PluginContext,
  configured: readonly string[],
  paths: DeclaredPaths,
): Repair[] {
  if (ctx.node.isRoot) return [];
  const shared = defineRepair<CleanParams>({
    name: "temp.clean_all",
    version: 1,
    summary:
      "Let a root-owned unit delete old temporary files of all users on a file system that is nearly full.",
    class: "R1",
    remedies: ["fs.space", "fs.inodes"],
    owners: ["mount"],
    order: 21,
    params: cleanParamsFor(configured),
    timeoutMs: 120_000,
    cooldownMs: 6 * 3_600_000,
    needs: () => choreNeeds(ctx, CLEAN),
    async resolve(problem) {
      if (ctx.privileges.chore(CLEAN).by !== "unit") return null;
      const folders = await foldersOn(ctx.fs, problem, configured, paths);
      if (folders.length === 0) return null;
      return { mount: problem.target, folders, want: problem.type === "fs.inodes" ? "inodes" : "bytes" };
    },
    preconditions: async () => [mayDo(ctx, CLEAN)],
    // The list can't be made without the rights of root; the words of the unit are what is decided on.
    plan: async ({ folders }) => ({
      summary: `delete temporary files of all users below ${folders.join(", ")} that are older than configured`,
      changes: folders.map((folder) => ({ what: `old files below ${folder}`, to: "removed" })),
      data: { chore: CLEAN },
    }),
    async apply(_params, _plan, run) {
      const way = ctx.privileges.chore(CLEAN);
      if (way.by === "unit") return startChore(ctx, way.unit, run);
      return { ok: false, summary: way.by === "nobody" ? way.missing : "temp.clean does this as root" };
    },
    // What it deletes is old by its own words each time.
    probe: async () => "not_done",
    // Deleted files can't be brought back.
    undo: "none",
  });
  return [shared];
}
