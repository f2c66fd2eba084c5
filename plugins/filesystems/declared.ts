/** Reads what should be mounted. */
import type { Clock, HostFs } from "cortex";
import { isCortexError } from "cortex";
import { type DeclaredMount, parseFstab, parseMountUnit } from "./fstab.parse.ts";

const UNITS = "/etc/systemd/system";

export async function readFstab(fs: HostFs): Promise<DeclaredMount[]> {
  return parseFstab((await fs.readTextIfPresent("/etc/fstab")) ?? "");
}

async function listOrEmpty(fs: HostFs, path: string): Promise<string[]> {
  try {
    return await fs.list(path);
  } catch (error) {
    if (isCortexError(error) && error.code === "fs.not_found") return [];
    throw error;
  }
}

/** Mount units that somebody enabled: links in `*.wants` and `*.requires`. Those made from fstab live elsewhere. */
async function readMountUnits(fs: HostFs): Promise<DeclaredMount[]> {
  const units = new Map<string, DeclaredMount>();
  for (const folder of await listOrEmpty(fs, UNITS)) {
    if (!/\.(wants|requires)$/.test(folder)) continue;
    for (const name of await listOrEmpty(fs, `${UNITS}/${folder}`)) {
      if (!name.endsWith(".mount")) continue;
      const text = await fs.readTextIfPresent(`${UNITS}/${folder}/${name}`);
      const unit = text === null ? null : parseMountUnit(text, name);
      if (unit !== null) units.set(name, unit);
    }
  }
  return [...units.values()];
}

/** Reading a dozen folders of links costs more than all other checks of mounts, and they hardly ever change. */
export function createMountUnits(
  fs: HostFs,
  clock: Clock,
  refreshMs: number,
): () => Promise<DeclaredMount[]> {
  let known: { at: number; mounts: DeclaredMount[] } | null = null;
  return async () => {
    const now = clock.monotonic();
    if (known === null || now - known.at >= refreshMs) known = { at: now, mounts: await readMountUnits(fs) };
    return known.mounts;
  };
}
