import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where the tests of one run put temporary files: a place on the disk, and one in memory where there is such. What a test
 * leaves there is named, and goes with the run.
 */
export function makePlaces(memory = "/dev/shm") {
  const make = (parent) => {
    const place = mkdtempSync(join(parent, "cortex-tests-"));
    // Some tests start programs as nobody; they pass through here to a folder that is theirs.
    chmodSync(place, 0o711);
    return place;
  };
  const env = { TMPDIR: make(tmpdir()) };
  if (existsSync(memory)) env.TMPDIR_IN_MEMORY = make(memory);
  const all = Object.values(env);
  const known = new Set();
  return {
    env,
    /** Paths that are there since the last call. */
    leftBehind: () =>
      all
        .flatMap((place) => readdirSync(place).map((name) => join(place, name)))
        .filter((path) => !known.has(path) && known.add(path)),
    remove: () => all.forEach((place) => rmSync(place, { recursive: true, force: true })),
  };
}
