/** A container shares clock and kernel with its host, so that checks of those belong there. */
import type { HostFs } from "cortex";

/** Left by systemd-nspawn, LXC and other managers that follow the Container Interface; by Docker; by Podman. */
const MARKS = ["/run/systemd/container", "/.dockerenv", "/run/.containerenv"];

/** PROC_PID_INIT_INO of the kernel: the number of the first process namespace on every host. */
const HOST_NAMESPACE = "pid:[4026531836]";

/** Virtual machines made from container images carry the marks as well; the process namespace tells them apart. */
export async function isContainer(fs: HostFs): Promise<boolean> {
  const namespace = await fs.readLink("/proc/self/ns/pid").catch(() => null);
  if (namespace === HOST_NAMESPACE) return false;
  for (const path of MARKS) if (await fs.exists(path)) return true;
  return false;
}
