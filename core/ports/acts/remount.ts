/** remount: write access or none, for exactly the file system that was looked at. */
import { readFileSync } from "node:fs";
import { type ActDeps, type Carry, refused } from "./carry.ts";

const TIMEOUT_MS = 30_000;
const WORDS = { rw: "read-write", ro: "read-only" };

/** `major:minor` of what is visible at a mount point, or null. Blanks are written as octal there: proc_pid_mountinfo(5). */
export function deviceAt(mountInfo: string, path: string): string | null {
  const written = path.replace(/[ \t\n\\#]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
  const line = mountInfo.split("\n").findLast((one) => one.split(" ")[4] === written);
  return line?.split(" ")[2] ?? null;
}

export function createRemount({ exec }: ActDeps): Carry<"remount"> {
  return async ({ path, access, device }, signal) => {
    const there = deviceAt(readFileSync("/proc/self/mountinfo", "utf8"), path);
    if (there !== device)
      return refused(
        `${path} is ${there === null ? "not mounted" : `device ${there}`} and no longer ${device}`,
      );
    // All other options stay as they are now, whatever fstab says meanwhile: mount(8), "remount".
    const argv = ["mount", "--options-source=mtab", "--options", `remount,${access}`, "--", path];
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
