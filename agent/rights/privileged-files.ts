/** The files of granted rights on disk: written, compared, removed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CHORE_PREFIX, PRIVILEGE_FILES } from "../../core/domain/privileges.ts";

export interface Difference {
  path: string;
  what: "missing" | "differs" | "left over" | "unreadable";
}

/** Units of chores that nobody wants any more. */
function leftOver(root: string, files: Readonly<Record<string, string>>): string[] {
  const folder = join(root, PRIVILEGE_FILES.units);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith(CHORE_PREFIX) && name.endsWith(".service"))
    .map((name) => `${PRIVILEGE_FILES.units}/${name}`)
    .filter((path) => !Object.hasOwn(files, path));
}

/** `root` is "" or another root without a slash at its end. */
export function compare(root: string, files: Readonly<Record<string, string>>): Difference[] {
  const differences: Difference[] = [];
  for (const [path, text] of Object.entries(files)) {
    const what = look(root + path, text);
    if (what !== null) differences.push({ path, what });
  }
  for (const path of leftOver(root, files)) differences.push({ path, what: "left over" });
  return differences;
}

function look(path: string, text: string): Difference["what"] | null {
  try {
    return readFileSync(path, "utf8") === text ? null : "differs";
  } catch (error) {
    // Rules of polkit may be read by root and polkit alone.
    return (error as { code?: string }).code === "ENOENT" ? "missing" : "unreadable";
  }
}

/** Answers the paths that were written or removed. The list comes last: Cortex must not know of rights that are not there yet. */
export function install(root: string, files: Readonly<Record<string, string>>): string[] {
  const changed = compare(root, files);
  const last = (path: string) => (path === PRIVILEGE_FILES.list ? 1 : 0);
  for (const { path, what } of changed.toSorted((a, b) => last(a.path) - last(b.path))) {
    if (what === "left over") rmSync(root + path);
    else put(root + path, files[path]!);
  }
  return changed.map(({ path }) => path);
}

export function remove(root: string): string[] {
  const paths = [PRIVILEGE_FILES.list, PRIVILEGE_FILES.rules, ...leftOver(root, {})].filter((path) =>
    existsSync(root + path),
  );
  for (const path of paths) rmSync(root + path);
  return paths;
}

/** Written aside and renamed; readable by all, since nothing in it is secret. */
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, text);
  chmodSync(`${path}.new`, 0o644);
  renameSync(`${path}.new`, path);
}
