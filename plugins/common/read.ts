/** Reading with the words a person needs where there is nothing to read. */
import { isCortexError } from "cortex";
import type { HostFs, Skipped } from "cortex";

export const isSkipped = <T>(value: T | Skipped): value is Skipped =>
  typeof value === "object" && value !== null && "skipped" in value;

/**
 * The file's text; `{ skipped }` with `absent` when the kernel doesn't have it, and with "needs root" when it may not be
 * read. Anything else that goes wrong is thrown, and makes the check's result unknown.
 */
export async function readOrSkip(fs: HostFs, path: string, absent: string): Promise<string | Skipped> {
  try {
    return (await fs.readTextIfPresent(path)) ?? { skipped: absent };
  } catch (error) {
    if (isCortexError(error) && error.code === "fs.denied")
      return { skipped: `needs root: ${path} may not be read with these rights` };
    throw error;
  }
}
