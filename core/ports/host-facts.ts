/** What kind of machine this is. Read once at start; nothing here changes while it runs, the uptime aside. */
import { readFileSync } from "node:fs";
import { arch, cpus, endianness, hostname, release, totalmem } from "node:os";
import { readUptimeMs } from "./clock.ts";
import { hostPath } from "./files/host-path.ts";

export interface HostFacts {
  hostname: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  os: string;
  kernel: string;
  /** As Node names it: x64, arm64, … */
  arch: string;
  cpuCount: number;
  memoryBytes: number;
  /** Changes with every boot; "unknown" where the kernel does not tell. */
  bootId: string;
  isRoot: boolean;
  /** Milliseconds per clock tick of /proc/PID/stat (USER_HZ). */
  tickMs: number;
  uptimeMs(): number;
}

/** auxv(3): pairs of native words; type 17 is the number of clock ticks per second. */
const AT_CLKTCK = 17;
const USUAL_TICKS_PER_SECOND = 100;

function readOrNull(root: string, path: string): string | null {
  try {
    return readFileSync(hostPath(root, path), "utf8");
  } catch {
    return null;
  }
}

/** `PRETTY_NAME` of os-release(5); the value may be quoted as in a shell. */
export function parseOsName(text: string): string | null {
  const value = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1]?.trim();
  return value ? value.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(.)/g, "$1") : null;
}

/** Clock ticks per second from an auxiliary vector of 64-bit little-endian words, or null. */
export function parseTicksPerSecond(auxv: Uint8Array): number | null {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    if (Number(view.getBigUint64(at, true)) === AT_CLKTCK)
      return Number(view.getBigUint64(at + 8, true)) || null;
  }
  return null;
}

function readTickMs(): number {
  if (endianness() !== "LE") return 1000 / USUAL_TICKS_PER_SECOND;
  try {
    return 1000 / (parseTicksPerSecond(readFileSync("/proc/self/auxv")) ?? USUAL_TICKS_PER_SECOND);
  } catch {
    return 1000 / USUAL_TICKS_PER_SECOND;
  }
}

/** `root` is the config's `host_root`: name and system are the inspected host's, the rest is the kernel's. */
export function readHostFacts(root = "/"): HostFacts {
  const osRelease = readOrNull(root, "/etc/os-release") ?? readOrNull(root, "/usr/lib/os-release");
  const named = root === "/" ? null : readOrNull(root, "/etc/hostname")?.trim();
  return {
    hostname: named || hostname(),
    os: (osRelease === null ? null : parseOsName(osRelease)) ?? "Linux",
    kernel: release(),
    arch: arch(),
    // Online processors and not our share of them: the load of the host is measured against these.
    cpuCount: Math.max(1, cpus().length),
    memoryBytes: totalmem(),
    bootId: readOrNull("/", "/proc/sys/kernel/random/boot_id")?.trim() || "unknown",
    isRoot: process.getuid?.() === 0,
    tickMs: readTickMs(),
    uptimeMs: readUptimeMs,
  };
}
