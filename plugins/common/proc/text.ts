/** What all parsers of /proc share: numbers that are numbers, and one error. */
import { CortexError } from "cortex";

/** The file is not what the kernel documents; the check's result is then unknown. Code `proc.unreadable`. */
export function unreadable(path: string, why: string): CortexError {
  return new CortexError("proc.unreadable", "internal", `${path} is not readable as documented: ${why}`, {
    details: { path },
  });
}

/** A non-negative decimal number as the kernel prints it; `path` and `what` are for the error. */
export function toCount(token: string | undefined, path: string, what: string): number {
  // No sign, no exponent, no blank: Number("") is 0 and would hide a cut line.
  if (token === undefined || !/^\d+(\.\d+)?$/.test(token))
    throw unreadable(path, `${what} is ${token === undefined ? "missing" : `"${token.slice(0, 40)}"`}`);
  return Number(token);
}

/** Value of the line that starts with `key` and a separator; null when there is none. */
export function lineAfter(text: string, key: string): string | null {
  const start = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (start === 0 && !text.startsWith(key)) return null;
  const end = text.indexOf("\n", start);
  return text.slice(start + key.length, end === -1 ? text.length : end).trim();
}

export const words = (line: string): string[] => line.split(/\s+/).filter((word) => word !== "");

/** Files of /proc/sys that hold one number. */
export const parseNumberFile = (text: string, path: string): number =>
  toCount(text.trim(), path, "the value");
