/** The programs under test: built when their sources changed, or the one that is named. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { runOrThrow } from "../../lib/run.ts";
import { rootDir } from "../../lib/tree.ts";

/** With `named`, nothing is built: its build with failpoints is expected beside it, as NAME-faults. */
export function createBinaries(named: string | undefined): (faults: boolean) => Promise<string> {
  const found = new Map<boolean, Promise<string>>();
  return (faults) => {
    const known = found.get(faults) ?? (named === undefined ? build(faults) : use(resolve(named), faults));
    found.set(faults, known);
    return known;
  };
}

async function build(faults: boolean): Promise<string> {
  const argv = [process.execPath, "scripts/build.ts", "--if-changed", ...(faults ? ["--faults"] : [])];
  await runOrThrow(argv, "building");
  return resolve(rootDir, faults ? "dist/cortex-faults" : "dist/cortex");
}

async function use(named: string, faults: boolean): Promise<string> {
  const path = faults ? `${named}-faults` : named;
  if (!existsSync(path)) throw new Error(`there is no ${path}: build it, or leave out --binary`);
  return path;
}
