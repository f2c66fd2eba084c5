/**
 * /proc/PID/mountinfo: proc_pid_mountinfo(5). It is read instead of /proc/mounts because it tells a bind mount (`root`), the
 * device number, and the two kinds of read-only apart: of this mount, and of the file system below it.
 */
import { unreadable } from "./text.ts";

export interface Mount {
  /** `major:minor` of the file system; 0:N for those without a block device. Equal for bind mounts of one file system. */
  dev: string;
  /** Path inside the file system that is mounted here: `/`, a subvolume, or the source of a bind mount. */
  root: string;
  mountPoint: string;
  /** Of this mount: `rw`, `noexec`, … */
  options: string[];
  fsType: string;
  /** Device, `server:/export`, or a name without meaning (`tmpfs`). */
  source: string;
  /** Of the file system: a kernel that gave up after an I/O error sets `ro` only here. */
  superOptions: string[];
}

/** `\040` → blank: mountinfo and fstab write blanks, tabs, newlines, `\` and `#` as three octal digits. */
export function unescapeOctal(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** All mounts in the order in which they were made: of several on one mount point the last one is visible. */
export function parseMountInfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    // Any number of optional fields ("shared:7") lies between the mount's options and the lone hyphen.
    const hyphen = line.indexOf(" - ");
    const mount = line.slice(0, Math.max(0, hyphen)).split(" ");
    const fs = line.slice(hyphen + 3).split(" ");
    if (hyphen < 0 || mount.length < 6 || fs.length < 3 || !/^\d+:\d+$/.test(mount[2]!))
      throw unreadable(
        "mountinfo",
        `line ${index + 1} is not "id parent dev root point options - type source options"`,
      );
    mounts.push({
      dev: mount[2]!,
      root: unescapeOctal(mount[3]!),
      mountPoint: unescapeOctal(mount[4]!),
      options: mount[5]!.split(","),
      fsType: fs[0]!,
      source: unescapeOctal(fs[1]!),
      superOptions: fs[2]!.split(","),
    });
  }
  return mounts;
}
