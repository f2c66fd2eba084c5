/** What plugins share that make room on a file system: which mount a folder is on, and plans bound to exact lists of files. */
import {
  type ApplyOutcome,
  type Cleaner,
  type CleanManifest,
  type Clock,
  formatBytes,
  formatDuration,
  type HostFs,
  type Plan,
  type Precondition,
  type ProblemView,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import type { DeclaredPaths } from "./declared-path.ts";
import { type Mount, parseMountInfo } from "./proc/mountinfo.parse.ts";

const isBelow = (path: string, base: string) => base === "/" || path === base || path.startsWith(`${base}/`);

/** The mount that a path lies on: the longest mount point above it, and of several on one point the last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  let found: Mount | null = null;
  for (const mount of mounts)
    if (isBelow(path, mount.mountPoint) && mount.mountPoint.length >= (found?.mountPoint.length ?? 0))
      found = mount;
  return found;
}

/** Those of these folders that exist and lie on the file system that the problem is about, wherever their links lead. */
export async function foldersOn(
  fs: HostFs,
  problem: ProblemView,
  folders: readonly string[],
  paths?: DeclaredPaths,
): Promise<string[]> {
  const mounts = parseMountInfo((await fs.readTextIfPresent("/proc/self/mountinfo")) ?? "");
  const target = mounts.findLast((mount) => mount.mountPoint === problem.target);
  if (!target) return [];
  const found: string[] = [];
  for (const folder of folders) {
    const real = (await paths?.real(folder)) ?? folder;
    if (mountOf(mounts, real)?.dev === target.dev && (await fs.exists(real))) found.push(folder);
  }
  return found;
}

export const cleanParams = z.strictObject({
  mount: z.string().describe("Mount point of the file system that needs room."),
  folders: z.array(z.string()).min(1).describe("Folders to be cleaned; each of them is configured."),
  want: z.enum(["bytes", "inodes"]).describe("What the file system lacks."),
});
export type CleanParams = z.infer<typeof cleanParams>;

/** Only folders from the config pass, wherever the parameters come from. */
export const cleanParamsFor = (configured: readonly string[]) =>
  cleanParams.refine(({ folders }) => folders.every((folder) => configured.includes(folder)), {
    error: "names a folder that is not configured",
  });

/** Lists up to this length travel with the plan; longer ones are kept in memory and bound by their digest. */
const INLINE_ENTRIES = 200;
const SAMPLE_ENTRIES = 20;
const HELD_LISTS = 4;
/** A cleaner that frees less than this share of the inodes would not help. */
const MIN_INODE_SHARE = 0.01;
/** Share of the promise that must have come true. */
const KEPT_PROMISE = 0.8;

interface PlanData {
  /** sha256 of the lists: policy and entries. */
  digest: string;
  files: number;
  /** The lists themselves while they are short; else the largest files, for the eye. */
  manifests: CleanManifest[] | null;
  sample: { path: string; sizeBytes: number }[];
}

interface Removal {
  removed: number;
  removedBytes: number;
  kept: Record<string, number>;
}

export interface Cleaning {
  /** `empty` when nothing would help. */
  plan(params: CleanParams, manifests: CleanManifest[], fs: HostFs): Promise<Plan>;
  remove(plan: Plan, run: RepairRun): Promise<ApplyOutcome>;
  verify(params: CleanParams, plan: Plan): Precondition;
}

/** Plans over lists of files, and their execution: what the plan did not list is not touched. */
export function createCleaning(cleaner: Cleaner, clock: Clock): Cleaning {
  const held = new Map<string, CleanManifest[]>();
  const removals = new Map<string, Removal>();
  const remember = <T>(map: Map<string, T>, key: string, value: T) => {
    map.delete(key);
    map.set(key, value);
    for (const old of [...map.keys()].slice(0, -HELD_LISTS)) map.delete(old);
  };

  return {
    async plan({ mount, want }, manifests, fs) {
      const filled = manifests.filter(({ entries }) => entries.length > 0);
      const entries = filled.flatMap((manifest) =>
        manifest.entries.map((entry) => ({ ...entry, path: `${manifest.policy.root}/${entry.path}` })),
      );
      const freedBytes = filled.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
      const usage = await fs.usage(mount);
      const oldest = entries.reduce((least, { modifiedAt }) => Math.min(least, modifiedAt), clock.now());
      const digest = await digestOf(filled);
      remember(held, digest, filled);
      const largest = entries.toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1));
      const data: PlanData = {
        digest,
        files: entries.length,
        manifests: entries.length <= INLINE_ENTRIES ? filled : null,
        sample: largest.slice(0, SAMPLE_ENTRIES).map(({ path, sizeBytes }) => ({ path, sizeBytes })),
      };
      const tooFew = want === "inodes" && entries.length < MIN_INODE_SHARE * usage.totalInodes;
      return {
        summary:
          entries.length === 0
            ? "no file to remove"
            : `remove ${countOf(entries.length, "file")}, ${formatBytes(freedBytes)}, oldest ${formatDuration(clock.now() - oldest)}`,
        changes: filled.map((manifest) => ({
          what: `${countOf(manifest.entries.length, "file")} below ${manifest.policy.root}`,
          from: formatBytes(manifest.totalBytes),
          to: "removed",
        })),
        effects: filled.map((manifest) => ({
          kind: "delete" as const,
          what: "files" as const,
          root: manifest.policy.root,
          count: manifest.entries.length,
        })),
        // The act is bound to the list: what it does not name stays, and what has changed since stays, too.
        basis: filled.map((manifest) => manifest.policy.root).join("\n"),
        // The promise is in bytes; a cleaner of inodes is held to its number of files above.
        ...(want === "bytes" ? { promise: { freedBytes, totalBytes: usage.totalBytes } } : {}),
        ...(entries.length === 0 || tooFew ? { empty: true } : {}),
        data,
      };
    },

    async remove(plan, run) {
      const data = plan.data as PlanData;
      const manifests = data.manifests ?? held.get(data.digest);
      // oxlint-disable-next-line cortex/no-secret-compare -- everybody may know what was planned
      if (!manifests || (await digestOf(manifests)) !== data.digest)
        return {
          ok: false,
          summary:
            "the list of files that was planned is not held any more (Cortex was restarted); a new plan is needed",
        };
      const total: Removal = { removed: 0, removedBytes: 0, kept: {} };
      for (const manifest of manifests) {
        const outcome = await cleaner.remove(manifest, run.signal);
        total.removed += outcome.removed;
        total.removedBytes += outcome.removedBytes;
        for (const [reason, count] of Object.entries(outcome.kept))
          total.kept[reason] = (total.kept[reason] ?? 0) + count;
      }
      remember(removals, data.digest, total);
      const kept = Object.entries(total.kept).map(
        ([reason, count]) => `${count} ${reason.replaceAll("_", " ")}`,
      );
      const rest = kept.length === 0 ? "" : `; kept ${kept.join(", ")}`;
      return {
        ok: total.removed > 0 || data.files === 0,
        summary: `removed ${total.removed} of ${countOf(data.files, "file")}, ${formatBytes(total.removedBytes)}${rest}`,
        data: { ...total },
      };
    },

    verify({ want }, plan) {
      const name = "freed what was promised";
      const data = plan.data as PlanData;
      const done = removals.get(data.digest);
      if (!done) return { name, ok: true, detail: "not known after a restart; the check decides" };
      const [freed, promised] =
        want === "inodes" ? [done.removed, data.files] : [done.removedBytes, plan.promise?.freedBytes ?? 0];
      const text = (value: number) => (want === "inodes" ? `${value} files` : formatBytes(value));
      return {
        name,
        ok: freed >= KEPT_PROMISE * promised,
        detail: `freed ${text(freed)} of ${text(promised)}`,
      };
    },
  };
}

/** "1 file", "812 files" */
export const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

async function digestOf(manifests: readonly CleanManifest[]): Promise<string> {
  const bound = manifests.map(({ policy, entries }) => [
    policy.root,
    entries.map(({ path, dev, ino, sizeBytes, modifiedAt }) => [path, dev, ino, sizeBytes, modifiedAt]),
  ]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(bound)));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
