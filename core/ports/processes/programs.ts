/** Where programs are looked for: never in the caller's PATH, which others may have arranged. */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

export const PROGRAM_DIRS = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
] as const;

/** The whole environment of what Cortex starts; LD_PRELOAD, BUN_OPTIONS and secrets of ours don't reach it. */
export const FIXED_ENV: Readonly<Record<string, string>> = { PATH: PROGRAM_DIRS.join(":"), LANG: "C.UTF-8" };

export type ProgramState = "runnable" | "denied" | "absent";

export function programState(path: string): ProgramState {
  try {
    if (!statSync(path).isFile()) return "denied";
  } catch (error) {
    return (error as { code?: string }).code === "EACCES" ? "denied" : "absent";
  }
  try {
    accessSync(path, constants.X_OK);
    return "runnable";
  } catch {
    return "denied";
  }
}

/** Absolute path of a program given by name or by absolute path; null when it can't be run. */
export function findProgram(name: string, dirs: readonly string[] = PROGRAM_DIRS): string | null {
  if (name.startsWith("/")) return programState(name) === "runnable" ? name : null;
  if (name === "" || name.includes("/")) return null;
  return dirs.map((dir) => join(dir, name)).find((path) => programState(path) === "runnable") ?? null;
}
