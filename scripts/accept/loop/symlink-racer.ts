/**
 * While Cortex cleans a shared folder, another process swaps its directories for links to somewhere else, as fast as it
 * can. Nothing elsewhere may go. The control cleans by paths, as many programs do, and loses what is elsewhere.
 *
 * Started by itself (`bun symlink-racer.ts ROOT ELSEWHERE`), this file is the racer.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Clock } from "cortex";
import { createCleaner } from "../../../core/ports/files/cleaner.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const FOLDERS = 12;
const FILES = 40;
const folderName = (index: number) => `d${index}`;
const fileName = (index: number) => `f${index}`;
const ENOUGH = 50;
const DAY_MS = 86_400_000;

/** What cleans; answers how many files it removed. */
type Clean = (root: string) => Promise<number>;

/** The cleaner of the program, told that it is forty days later: a file's change time can't be set back. */
function byHandles(root: string): Clean {
  const system = createSystemClock();
  const clock: Clock = { ...system, now: () => system.now() + 40 * DAY_MS };
  const cleaner = createCleaner({ clock, allowed: [root] });
  return async () => (await cleaner.remove(await cleaner.scan({ root, minAgeMs: 10 * DAY_MS }))).removed;
}

/** Lists first and looks again before each removal, as it should; but it acts on names. */
const byPaths: Clean = async (root) => {
  const listed = readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    .flatMap((path) => namesIn(path).map((name) => join(path, name)));
  let removed = 0;
  for (const file of listed) {
    if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    rmSync(file, { force: true });
    removed += 1;
  }
  return removed;
};

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function fill(root: string): void {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const path = join(root, folderName(folder));
    // The racer holds it just now: it is filled the next time.
    if (!(lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) continue;
    for (let file = 0; file < FILES; file += 1) {
      try {
        writeFileSync(join(path, fileName(file)), "old", { flag: "wx" });
      } catch {
        // It is still there, or the folder went away between the two.
      }
    }
  }
}

/** The same names elsewhere, so that one step through a link is enough to lose one. */
function makeElsewhere(path: string): void {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    mkdirSync(join(path, folderName(folder)), { recursive: true });
    for (let file = 0; file < FILES; file += 1)
      writeFileSync(join(path, folderName(folder), fileName(file)), "precious");
  }
}

function missingElsewhere(path: string): number {
  let missing = 0;
  for (let folder = 0; folder < FOLDERS; folder += 1)
    for (let file = 0; file < FILES; file += 1)
      if (!existsSync(join(path, folderName(folder), fileName(file)))) missing += 1;
  return missing;
}

async function race(rig: Rig, make: (root: string) => Clean): Promise<string> {
  const [root, elsewhere] = [join(rig.folder, "shared"), join(rig.folder, "elsewhere")];
  for (let folder = 0; folder < FOLDERS; folder += 1)
    mkdirSync(join(root, folderName(folder)), { recursive: true });
  makeElsewhere(elsewhere);
  const counter = join(rig.folder, "swaps");
  rig.spawn([process.execPath, import.meta.path, root, elsewhere, counter]);
  const swaps = () => Number(existsSync(counter) ? readFileSync(counter, "utf8") : "0");
  await until(() => swaps() > 0, { what: "the racer runs", timeoutMs: 5000 });

  const clean = make(root);
  const seconds = rig.quick ? 5 : 30;
  const began = performance.now();
  // On a busy machine a cleaning takes long: it goes on until enough was tried.
  const lasts = () => {
    const elapsed = (performance.now() - began) / 1000;
    return elapsed < seconds || (elapsed < 4 * seconds && removed <= ENOUGH);
  };
  let removed = 0;
  let rounds = 0;
  let missing = 0;
  while (missing === 0 && lasts()) {
    fill(root);
    removed += await clean(root);
    rounds += 1;
    missing = missingElsewhere(elsewhere);
  }
  const swapped = swaps();
  ensureEqual(missing, 0, `files lost elsewhere, in round ${rounds}`);
  ensure(
    removed > ENOUGH,
    `only ${removed} files were removed where they may be, in ${rounds} cleanings: nothing was tried`,
  );
  ensure(swapped > 500, `only ${swapped} swaps: nothing was raced`);
  return `${seconds} s, ${swapped} swaps, ${rounds} cleanings, ${removed} files removed, none elsewhere`;
}

/** Each folder in turn becomes a link, and a folder again in the next turn, until it is killed. */
function runRacer(root: string, elsewhere: string, counter: string): never {
  for (let swaps = 1; ; swaps += 1) {
    const name = folderName(swaps % FOLDERS);
    const [path, aside, link] = [join(root, name), join(root, `.${name}`), join(root, `.link-${name}`)];
    if (lstatSync(path).isSymbolicLink()) {
      unlinkSync(path);
      renameSync(aside, path);
    } else {
      // A link that stands ready is put in place by one rename, so that the name is free for the shortest time.
      symlinkSync(join(elsewhere, name), link);
      renameSync(path, aside);
      renameSync(link, path);
    }
    if (swaps % 100 === 0) writeFileSync(counter, String(swaps));
  }
}

const scenario: Scenario = {
  name: "symlink-racer",
  quick: true,
  timeoutMs: 180_000,
  run: (rig) => race(rig, byHandles),
  control: (rig) => race(rig, () => byPaths),
};
export default scenario;

if (import.meta.main) {
  const [root, elsewhere, counter] = process.argv.slice(2);
  runRacer(root!, elsewhere!, counter!);
}
