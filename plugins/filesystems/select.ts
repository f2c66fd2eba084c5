/** Which of a host's mounts are file systems that can fill up or fail, each once. */
import type { Mount } from "../common/proc/mountinfo.parse.ts";

export interface FileSystem {
  mountPoint: string;
  device: string;
  fsType: string;
  /** Its server can be gone while this host is well. */
  network: boolean;
  /** A subvolume, or a part of another file system; it may even be a single file, as /etc/resolv.conf in a container. */
  bind: boolean;
  mount: Mount;
}

export interface Selection {
  /** Mount points taken whatever their type, never as a duplicate. */
  include: readonly string[];
  /** Mount points left out; a trailing `*` matches the rest. */
  exclude: readonly string[];
}

const LOCAL = new Set(
  (
    "ext2 ext3 ext4 xfs btrfs bcachefs f2fs jfs reiserfs nilfs2 zfs vfat msdos exfat ntfs ntfs3 fuseblk hfsplus ufs ubifs " +
    "jffs2 ocfs2 gfs2 9p virtiofs fuse.mergerfs"
  ).split(" "),
);
export const NETWORK_TYPES = new Set(
  "nfs nfs4 cifs smb3 smbfs ceph fuse.ceph glusterfs fuse.glusterfs fuse.sshfs lustre beegfs afs".split(" "),
);
/** A full one of these stops programs; other tmpfs mounts belong to one program or user. */
const TMPFS = new Set(["/tmp", "/var/tmp", "/dev/shm", "/run"]);

export const matches = (mountPoint: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) =>
    pattern.endsWith("*") ? mountPoint.startsWith(pattern.slice(0, -1)) : pattern === mountPoint,
  );

function isReal(mount: Mount): boolean {
  if (LOCAL.has(mount.fsType) || NETWORK_TYPES.has(mount.fsType)) return true;
  if (mount.fsType === "tmpfs") return TMPFS.has(mount.mountPoint);
  // A container's own root; the overlays below /var/lib/docker repeat the disk that they lie on.
  return mount.fsType === "overlay" && mount.mountPoint === "/";
}

/** Mounts of one identity share their space. All data sets of a ZFS pool do, though each has its own device number. */
function identity(mount: Mount): string {
  if (mount.fsType === "zfs") return `zfs ${mount.source.split("/")[0]}`;
  return NETWORK_TYPES.has(mount.fsType) ? `${mount.dev} ${mount.source}` : mount.dev;
}

/** The one by which people know a file system: whole before a part of it, near the root before deep down. */
function better(a: Mount, b: Mount): boolean {
  if ((a.root === "/") !== (b.root === "/")) return a.root === "/";
  return a.mountPoint.length < b.mountPoint.length;
}

/** Of several mounts on one mount point only the last is visible. */
export function visibleMounts(mounts: readonly Mount[]): Map<string, Mount> {
  return new Map(mounts.map((mount) => [mount.mountPoint, mount]));
}

export function selectFileSystems(mounts: readonly Mount[], selection: Selection): FileSystem[] {
  const chosen = new Map<string, Mount>();
  for (const mount of visibleMounts(mounts).values()) {
    // "//deleted" marks a mount whose directory was removed below it: nobody can reach it any more.
    if (mount.mountPoint.endsWith("//deleted") || matches(mount.mountPoint, selection.exclude)) continue;
    const wanted = selection.include.includes(mount.mountPoint);
    if (!wanted && !isReal(mount)) continue;
    const key = wanted ? mount.mountPoint : identity(mount);
    const other = chosen.get(key);
    if (other === undefined || better(mount, other)) chosen.set(key, mount);
  }
  return [...chosen.values()].map((mount) => ({
    mountPoint: mount.mountPoint,
    device: mount.source,
    fsType: mount.fsType,
    network: NETWORK_TYPES.has(mount.fsType),
    bind: mount.root !== "/",
    mount,
  }));
}
