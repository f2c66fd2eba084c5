/** What this node's administrator granted, as `cortex privileges install` wrote it down. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { messageOf } from "cortex";
import { type Granted, grantedSchema } from "../domain/privileges.ts";

export type GrantedRead = { granted: Granted; problem: null } | { granted: null; problem: string | null };

/** `problem` is null where nothing was ever granted. The list only says what polkit allows; a false one gains nothing. */
export function readGranted(path: string): GrantedRead {
  try {
    const fd = openSync(path, "r");
    try {
      const { mode } = fstatSync(fd);
      if ((mode & 0o022) !== 0)
        return { granted: null, problem: `others can write ${path}; run: chmod go-w ${path}` };
      const parsed = grantedSchema.safeParse(JSON.parse(readFileSync(fd, "utf8")));
      return parsed.success
        ? { granted: parsed.data, problem: null }
        : {
            granted: null,
            problem: `${path} is not what \`cortex privileges install\` writes; run it again`,
          };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return { granted: null, problem: null };
    return { granted: null, problem: `${path} can't be read: ${messageOf(error)}` };
  }
}
