/** remount: write access or none, for exactly the file system that was looked at. */
import { readFileSync, readlinkSync } from "node:fs";
import { type ActDeps, type Carry, refused } from "./carry.ts";

const TIMEOUT_MS = 30_000;
const WORDS = { rw: "read-write", ro: "read-only" };

/** `major:minor` of what is visible at a mount point, or null. Blanks are written as octal there: proc_pid_mountinfo(5). */
export function deviceAt(mountInfo: string, path: string): string | null {
  const written = path.replace(/[ \t\n\\#]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
  const line = mountInfo.split("\n").findLast((one) => one.split(" ")[4] === written);
  return line?.split(" ")[2] ?? null;
}

const namespaceOf = (process: string): string | null => {
  try {
    return readlinkSync(`/proc/${process}/ns/mnt`);
  } catch {
    return null;
  }
};

/** A service that systemd shields has mounts of its own: a remount there changes nothing for the host. */
const inHost = (argv: string[]): string[] => {
  const host = namespaceOf("1");
  return host === null || host === namespaceOf("self")
    ? argv
    : ["nsenter", "--mount=/proc/1/ns/mnt", "--", ...argv];
};

function hostMounts(): string {
  try {
    return readFileSync("/proc/1/mountinfo", "utf8");
  } catch {
    return readFileSync("/proc/self/mountinfo", "utf8");
  }
}

export function createRemount({ exec }: ActDeps): Carry<"remount"> {
  return async ({ path, access, device }, signal) => {
    const there = deviceAt(hostMounts(), path);
    if (there !== device)
      return refused(
        `${path} is ${there === null ? "not mounted" : `device ${there}`} and no longer ${device}`,
      );
    // All other options stay as they are now, whatever fstab says meanwhile: mount(8), "remount".
    const argv = inHost(["mount", "--options-source=mtab", "--options", `remount,${access}`, "--", path]);
    const result = await exec.run(argv, { signal, timeoutMs: TIMEOUT_MS });
    const data = { argv, exitCode: result.exitCode };
    if (result.exitCode === 0) return { ok: true, summary: `${path} is mounted ${WORDS[access]}`, data };
    const why = result.timedOut ? "no answer within 30 s" : (result.stderr.trim().split("\n")[0] ?? "");
    return refused(
      `${path} can't be mounted ${WORDS[access]}: ${why || `mount ended with ${result.exitCode}`}; look at the kernel's log`,
      data,
    );
  };
}
