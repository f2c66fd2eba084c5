/** The state of one interface from /sys/class/net: Documentation/ABI/testing/sysfs-class-net. */
import { type HostFs, isCortexError } from "cortex";
import type { Interface } from "./inventory.ts";

const SYS = "/sys/class/net";
/** IFF_UP of linux/if.h: somebody switched it on, whatever the cable says. */
const IFF_UP = 0x1;

export interface LinkState extends Interface {
  up: boolean;
  /** Switched on by the administrator. */
  enabled: boolean;
  /** Megabits per second; null when unknown, as on virtual hardware and without a link. */
  speedMbit: number | null;
  /** The bond it belongs to. */
  master: string | null;
}

/** Attributes that make no sense in the interface's state answer EINVAL: the speed of a dead link, for one. */
async function attribute(fs: HostFs, name: string, path: string): Promise<string | null> {
  try {
    return (await fs.readText(`${SYS}/${name}/${path}`)).trim();
  } catch (error) {
    if (isCortexError(error) && (error.code === "fs.not_found" || error.code === "fs.unreadable"))
      return null;
    throw error;
  }
}

/** A bond's member and what the bond thinks of it. Bridges are masters as well, but have no such folder. */
async function bondOf(fs: HostFs, name: string): Promise<{ master: string; carries: boolean } | null> {
  const mii = await attribute(fs, name, "bonding_slave/mii_status");
  const link = mii === null ? null : await fs.readLink(`${SYS}/${name}/master`).catch(() => null);
  return link === null ? null : { master: link.slice(link.lastIndexOf("/") + 1), carries: mii === "up" };
}

/** `hasBonds` saves looking for membership where nothing could be a member; null when it vanished since it was listed. */
export async function readLinkState(
  fs: HostFs,
  nic: Interface,
  hasBonds: boolean,
): Promise<LinkState | null> {
  const operstate = await attribute(fs, nic.name, "operstate");
  if (operstate === null) return null;
  const enabled = (Number((await attribute(fs, nic.name, "flags")) ?? IFF_UP) & IFF_UP) !== 0;
  const speed = Number((await attribute(fs, nic.name, "speed")) ?? -1);
  const bond = hasBonds && nic.kind === "physical" ? await bondOf(fs, nic.name) : null;
  // Drivers that don't tell their state say "unknown" and work.
  const carries = operstate === "up" || (operstate === "unknown" && enabled);
  return {
    ...nic,
    up: carries && (bond?.carries ?? true),
    enabled,
    speedMbit: speed > 0 ? speed : null,
    master: bond?.master ?? null,
  };
}
