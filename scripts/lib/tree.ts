import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

/** The checkout that these scripts belong to. */
export const rootDir = dirname(dirname(import.meta.dir));

/** Everything that is not ours: dependencies, results of builds, roots of fake hosts in tests. */
const FOREIGN = /(^|\/)(node_modules|dist|testcases|\.git|\.bun)\//;

/** Files of our own below `folders`, relative to the tree's root and sorted; missing folders are empty. */
export function sourceFiles(folders: string[], pattern: string, tree = rootDir): string[] {
  const present = folders.filter((folder) => existsSync(join(tree, folder)));
  const found = present.flatMap((folder) =>
    [...new Glob(`${folder}/${pattern}`).scanSync({ cwd: tree, dot: true })].filter(
      (path) => !FOREIGN.test(path),
    ),
  );
  return [...new Set(found)].sort();
}
