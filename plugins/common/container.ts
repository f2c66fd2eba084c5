/** A container shares clock and kernel with its host, so that checks of those belong there. */
import type { HostFs } from "cortex";

/** Left by systemd-nspawn, LXC and other managers that follow the Container Interface; by Docker; by Podman. */
const MARKS = ["/run/systemd/container", "/.dockerenv", "/run/.containerenv"];

export async function isContainer(fs: HostFs): Promise<boolean> {
  for (const path of MARKS) if (await fs.exists(path)) return true;
  return false;
}
