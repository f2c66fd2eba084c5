/** What fs_space and fs_inodes share: statfs of each file system at the same time, each with its own time-out. */
import {
  type FsUsage,
  isCortexError,
  messageOf,
  oneLine,
  type PluginContext,
  type Result,
  type Skipped,
} from "cortex";
import type { FileSystem } from "./select.ts";

/** On top of a file system's own time-out, so that one dead mount never costs the results of the others. */
export const CHECK_SLACK_MS = 3000;

/** What every result about a file system carries. */
export function identify(fileSystem: FileSystem): Pick<Result, "target" | "owner" | "labels" | "dependsOn"> {
  const { mountPoint } = fileSystem;
  return {
    target: mountPoint,
    owner: `mount:${mountPoint}`,
    labels: { device: fileSystem.device, fs_type: fileSystem.fsType },
    // Nothing can be cleaned while it takes no writes, so that problem comes first.
    dependsOn: [`fs_readonly:${mountPoint}`, ...(fileSystem.network ? ["network:default"] : [])],
  };
}

/** Nobody can write to it, so its filling is no problem, and nothing could be removed from it. */
export const isReadOnly = ({ mount }: FileSystem): boolean =>
  mount.options.includes("ro") || mount.superOptions.includes("ro");

/** The result or reason for a file system without a reading; null when it went away in the meantime. */
function withoutReading(fileSystem: FileSystem, error: unknown): Result | Skipped | null {
  const { mountPoint, network, device } = fileSystem;
  const code = isCortexError(error) ? error.code : "";
  if (code === "fs.not_found") return null;
  if (code === "fs.denied") return { target: mountPoint, skipped: `needs root: statfs of ${mountPoint}` };
  const summary =
    code === "fs.timeout"
      ? `${mountPoint} does not answer: look at its ${network ? "server" : "device"}, ${device}`
      : messageOf(error);
  return { ...identify(fileSystem), status: "unknown", summary: oneLine(summary) };
}

/** `judge` gives null for a file system that has no space to speak of. */
export async function eachUsage(
  ctx: PluginContext,
  fileSystems: readonly FileSystem[],
  timeoutMs: number,
  judge: (fileSystem: FileSystem, usage: FsUsage) => Result | Skipped | null,
): Promise<(Result | Skipped)[]> {
  const results = await Promise.all(
    fileSystems.map(async (fileSystem) => {
      try {
        return judge(fileSystem, await ctx.fs.usage(fileSystem.mountPoint, timeoutMs));
      } catch (error) {
        return withoutReading(fileSystem, error);
      }
    }),
  );
  const told = results.filter((result) => result !== null);
  return told.length > 0 ? told : [{ skipped: NO_FILE_SYSTEMS }];
}

export const NO_FILE_SYSTEMS = "no file system of its own is mounted here";
