/** /proc/PID/cgroup (cgroups(7)): which systemd service a process belongs to. */

/**
 * "/system.slice/nginx.service" → "nginx.service". null for what no system service owns: login sessions, users' own
 * units (their manager is not the system's), scopes (they have no start command, so nobody can restart them), containers
 * of a daemon other than systemd.
 */
export function unitOfCgroup(path: string): string | null {
  const parts = path.split("/");
  if (parts.includes("user.slice")) return null;
  return parts.find((part) => part.endsWith(".service")) ?? null;
}

/** `0::/system.slice/nginx.service` (v2) or `1:name=systemd:/system.slice/nginx.service` (v1) → "nginx.service". */
export function parseUnit(text: string): string | null {
  for (const line of text.split("\n")) {
    const path = /^\d+:(?:name=systemd)?:(\/.*)$/.exec(line)?.[1];
    const unit = path === undefined ? null : unitOfCgroup(path);
    if (unit !== null) return unit;
  }
  return null;
}
