/** What should be mounted: fstab(5) and systemd.mount(5). Both are written by people, so that odd lines are skipped. */
import { unescapeOctal } from "../common/proc/mountinfo.parse.ts";

export interface DeclaredMount {
  device: string;
  mountPoint: string;
  fsType: string;
  options: string[];
  /** Where it is declared, for people. */
  origin: string;
}

/** No mount point, or none that one can look at. */
const NOT_MOUNTED = new Set(["swap", "ignore"]);

const withoutTrailingSlash = (path: string) => path.replace(/(.)\/+$/, "$1");

/** Entries with a mount point, `noauto` ones included: `expectedAtBoot` tells them apart. */
export function parseFstab(text: string): DeclaredMount[] {
  const mounts: DeclaredMount[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [device, mountPoint, fsType, options] = fields;
    if (fields.length < 3 || device!.startsWith("#")) continue;
    if (!mountPoint!.startsWith("/") || NOT_MOUNTED.has(fsType!)) continue;
    mounts.push({
      device: unescapeOctal(device!),
      mountPoint: withoutTrailingSlash(unescapeOctal(mountPoint!)),
      fsType: fsType!,
      options: (options ?? "defaults").split(","),
      origin: "/etc/fstab",
    });
  }
  return mounts;
}

/** The `[Mount]` section of a unit file; null when it has none, as a masked unit's empty file. */
export function parseMountUnit(text: string, name: string): DeclaredMount | null {
  let section = "";
  const values: Record<string, string> = {};
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line.startsWith("[")) section = line;
    const equals = line.indexOf("=");
    if (section !== "[Mount]" || equals < 1 || line.startsWith("#") || line.startsWith(";")) continue;
    values[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  const { Where: where, What: what, Type: type, Options: options } = values;
  if (!where?.startsWith("/") || !what) return null;
  return {
    device: what,
    mountPoint: withoutTrailingSlash(where),
    fsType: type || "auto",
    options: (options || "defaults").split(","),
    origin: name,
  };
}

export const expectedAtBoot = (mount: DeclaredMount): boolean => !mount.options.includes("noauto");

/** The host starts without it, and its owner said that this is fine: a removable or remote disk. */
export const mayBeAbsent = (mount: DeclaredMount): boolean => mount.options.includes("nofail");

/** "/srv/my data" → "srv-my\x20data.mount", as systemd-escape(1) does with --path. */
export function mountUnitName(mountPoint: string): string {
  const path = mountPoint.split("/").filter(Boolean).join("/");
  if (path === "") return "-.mount";
  const escaped = [...new TextEncoder().encode(path)].map((byte, index) => {
    const char = String.fromCharCode(byte);
    if (char === "/") return "-";
    if (/[a-zA-Z0-9:_]/.test(char) || (char === "." && index > 0)) return char;
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `${escaped.join("")}.mount`;
}
