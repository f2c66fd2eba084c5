/** /proc/PID/limits (proc_pid_limits(5)): `Max open files            1024                 524288               files`. */
import { lineAfter, toCount, unreadable, words } from "./text.ts";

export interface Limit {
  /** null: unlimited. */
  soft: number | null;
  hard: number | null;
}

export function parseOpenFilesLimit(text: string, path: string): Limit {
  const line = lineAfter(text, "Max open files ");
  if (line === null) throw unreadable(path, "there is no line Max open files");
  const [soft, hard] = words(line);
  const value = (token: string | undefined) =>
    token === "unlimited" ? null : toCount(token, path, "the limit of open files");
  return { soft: value(soft), hard: value(hard) };
}
