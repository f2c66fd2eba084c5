/** /proc/sys/fs/file-nr (proc_sys_fs(5)): `1024	0	9223372036854775807`. */
import { toCount, words } from "../common/proc/text.ts";

export interface FileHandles {
  used: number;
  /** null: so large that there is no limit; systemd sets it to the largest number that the kernel takes. */
  max: number | null;
}

const PATH = "/proc/sys/fs/file-nr";

export function parseFileHandles(text: string): FileHandles {
  const [allocated, unused, max] = words(text);
  const limit = toCount(max, PATH, "the limit");
  return {
    // Since Linux 2.6 the second column is always 0: free handles are given back.
    used: Math.max(
      0,
      toCount(allocated, PATH, "the allocated handles") - toCount(unused, PATH, "the free handles"),
    ),
    max: limit > Number.MAX_SAFE_INTEGER ? null : Math.max(1, limit),
  };
}
