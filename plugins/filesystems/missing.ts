import { type Check, oneLine, type PluginContext, type Result } from "cortex";
import type { Mount } from "../common/proc/mountinfo.parse.ts";
import { isSkipped } from "../common/read.ts";
import type { Config } from "./config.ts";
import { createMountUnits, readFstab } from "./declared.ts";
import { type DeclaredMount, expectedAtBoot, mayBeAbsent, mountUnitName } from "./fstab.parse.ts";
import type { ReadMountTable } from "./mount-table.ts";
import { matches, NETWORK_TYPES } from "./select.ts";

const parentFolder = (path: string) => path.replace(/[^/]+$/, "");

function describe(declared: DeclaredMount, mounted: boolean): Result {
  const { mountPoint, device, fsType, options, origin } = declared;
  const network = NETWORK_TYPES.has(fsType) || options.includes("_netdev");
  return {
    target: mountPoint,
    status: mounted ? "ok" : mayBeAbsent(declared) ? "warning" : "critical",
    summary: oneLine(
      mounted
        ? `${mountPoint} is mounted`
        : `${mountPoint} is not mounted; ${origin} wants ${device} (${fsType}) there`,
    ),
    owner: `mount:${mountPoint}`,
    labels: { device, fs_type: fsType },
    ...(network && { dependsOn: ["network:default"] }),
    data: { mountPoint, device, fsType, network, unit: mountUnitName(mountPoint) },
  };
}

export function createMissingCheck(ctx: PluginContext, config: Config, table: ReadMountTable): Check {
  const mountUnits = createMountUnits(ctx.fs, ctx.clock, config.mount_missing.unit_refresh);

  /** An automount point counts: what it stands for is mounted when somebody looks. */
  async function isMounted(mountPoint: string, mounts: Map<string, Mount>): Promise<boolean> {
    if (mounts.has(mountPoint)) return true;
    // A declared mount point may be a link (/run/shm → /dev/shm); the kernel knows only the real place.
    const link = await ctx.fs.readLink(mountPoint).catch(() => null);
    return link !== null && mounts.has(link.startsWith("/") ? link : parentFolder(mountPoint) + link);
  }

  return {
    name: "mount_missing",
    summary: "Mounts declared in /etc/fstab or by an enabled systemd unit that are not there.",
    type: "mount.missing",
    nature: "fact",
    intervalMs: config.mount_missing.interval,
    confirmMs: config.mount_missing.confirm,
    async run() {
      const mounted = await table();
      if (isSkipped(mounted)) return [mounted];
      const all = [...(await mountUnits()), ...(await readFstab(ctx.fs))];
      const declared = new Map(all.map((mount) => [mount.mountPoint, mount]));
      const expected = [...declared.values()].filter(
        (mount) => expectedAtBoot(mount) && !matches(mount.mountPoint, config.exclude),
      );
      if (expected.length === 0)
        return [{ skipped: "no mounts are declared in /etc/fstab or by enabled units" }];
      return Promise.all(
        expected.map(async (mount) => describe(mount, await isMounted(mount.mountPoint, mounted.mounts))),
      );
    },
  };
}
