/** Where a path of the host leads once every symbolic link in it was followed, by the host's own files. */
import { isCortexError } from "./errors.ts";
import type { HostFs } from "./files.ts";

/** Without `.`, `..`, doubled and trailing slashes; what leaves the root stays at the root. */
export function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** As the kernel: more links than this are a loop. */
const MAX_LINKS = 40;

/** What does not exist yet is taken as written. A loop, or a part that may not be looked at, ends at `/`: nowhere allowed. */
export async function realPath(fs: HostFs, path: string): Promise<string> {
  const left = path.split("/").filter((part) => part !== "");
  let real = "";
  for (let links = 0; left.length > 0;) {
    const part = left.shift()!;
    if (part === ".") continue;
    if (part === "..") {
      real = real.slice(0, Math.max(0, real.lastIndexOf("/")));
      continue;
    }
    const here = `${real}/${part}`;
    const { link: target, isMissing } = await look(fs, here);
    if (isMissing) return normal([here, ...left].join("/"));
    if (target === null) real = here;
    else {
      links += 1;
      if (links > MAX_LINKS) return "/";
      if (target.startsWith("/")) real = "";
      left.unshift(...target.split("/").filter((one) => one !== ""));
    }
  }
  return normal(real);
}

/** What may not be looked at counts as a link to `/`. */
async function look(fs: HostFs, path: string): Promise<{ link: string | null; isMissing: boolean }> {
  try {
    const { kind } = await fs.stat(path);
    return { link: kind === "symlink" ? await fs.readLink(path) : null, isMissing: false };
  } catch (error) {
    const isMissing = isCortexError(error) && error.code === "fs.not_found";
    return { link: isMissing ? null : "/", isMissing };
  }
}
