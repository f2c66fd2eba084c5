import { type Check, oneLine, type PluginContext, type Result } from "cortex";
import type { Mount } from "../common/proc/mountinfo.parse.ts";
import { isSkipped } from "../common/read.ts";
import type { Config } from "./config.ts";
import { readFstab } from "./declared.ts";
import { type DeclaredMount, mountUnitName } from "./fstab.parse.ts";
import type { ReadMountTable } from "./mount-table.ts";
import type { FileSystem } from "./select.ts";
import { NO_FILE_SYSTEMS } from "./usage.ts";

/**
 * Read-only is a fault when it was declared writable, or when only the file system is read-only and not the mount: that is
 * what the kernel leaves after an error, while people and boot scripts remount both. ext4 of Linux 6.15 and later stays "rw"
 * then, and says emergency_ro.
 */
export function judgeWritable(
  mount: Mount,
  declared: Pick<DeclaredMount, "options" | "origin"> | undefined,
): { bad: boolean; why: string } {
  const fileSystem = mount.superOptions.includes("ro") || mount.superOptions.includes("emergency_ro");
  const onlyMount = mount.options.includes("ro");
  if (!fileSystem && !onlyMount) return { bad: false, why: "is writable" };
  if (declared?.options.includes("ro")) return { bad: false, why: "is read-only, as declared" };
  if (fileSystem && !onlyMount)
    return { bad: true, why: "became read-only: the kernel stops writing after an error, see its log" };
  if (declared) return { bad: true, why: `is read-only, though ${declared.origin} wants it writable` };
  return { bad: false, why: "was mounted read-only" };
}

export function createReadonlyCheck(ctx: PluginContext, config: Config, table: ReadMountTable): Check {
  function judgeOne(
    { mountPoint, device, fsType, network, mount }: FileSystem,
    fstab: DeclaredMount[],
  ): Result {
    const wanted = config.fs_readonly.writable.includes(mountPoint)
      ? { options: [], origin: "plugins.filesystems.fs_readonly.writable" }
      : undefined;
    const declared = wanted ?? fstab.find((candidate) => candidate.mountPoint === mountPoint);
    const { bad, why } = judgeWritable(mount, declared);
    return {
      target: mountPoint,
      status: bad ? "critical" : "ok",
      summary: oneLine(`${mountPoint} ${why}`),
      owner: `mount:${mountPoint}`,
      labels: { device, fs_type: fsType },
      ...(network && { dependsOn: ["network:default"] }),
      data: { mountPoint, device, fsType, unit: mountUnitName(mountPoint) },
    };
  }

  return {
    name: "fs_readonly",
    summary: "File systems that are read-only although they should be writable.",
    type: "fs.readonly",
    nature: "fact",
    intervalMs: config.fs_readonly.interval,
    confirmMs: config.fs_readonly.confirm,
    async run() {
      const mounted = await table();
      if (isSkipped(mounted)) return [mounted];
      if (mounted.fileSystems.length === 0) return [{ skipped: NO_FILE_SYSTEMS }];
      const fstab = await readFstab(ctx.fs);
      return mounted.fileSystems.map((fileSystem) => judgeOne(fileSystem, fstab));
    },
  };
}
