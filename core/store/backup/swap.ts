/**
 * Putting restored files in the place of others, so that a crash at any moment leaves either the old ones or the new ones:
 * what is to come lies in `DATA/.restore`, and from the moment that `restore.json` is on the disk every start goes on with
 * the renames. What was there before is moved aside, never removed.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { backupErrors } from "../../domain/backup.ts";
import { syncPath } from "../durable.ts";
import { writeDurably } from "../key-file.ts";

const STAGE = ".restore";
const MARKER = "restore.json";

/** Files that a restore may replace or take away, by their path below the data folder. */
const REPLACEABLE = z
  .string()
  .regex(/^((agent|monitor)\.db|(monitor-)?checkpoints\.log|keys\/[a-z]+\.?[a-z]*)$/);

const marker = z.strictObject({
  v: z.literal(1),
  /** Folder below the data folder that takes what is replaced. */
  aside: z.string().regex(/^replaced-\d{8}T\d{6}\.\d{3}Z$/),
  /** `comes`: the stage has a new one; else the file only goes. */
  files: z.array(z.strictObject({ name: REPLACEABLE, comes: z.boolean() })).max(50),
});
type SwapFile = z.infer<typeof marker>["files"][number];

/** An empty folder for what is to come. */
export function openStage(root: string): string {
  const stage = join(root, STAGE);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { mode: 0o700 });
  return stage;
}

export const dropStage = (root: string): void => rmSync(join(root, STAGE), { recursive: true, force: true });

/**
 * Replace `names`: those in the stage come, those that are not there only go. Returns where the former ones are; null when
 * there were none. Call with the folder's lock.
 */
export function swapIn(root: string, names: string[], now: number): string | null {
  const aside = `replaced-${new Date(now).toISOString().replaceAll(/[-:]/g, "")}`;
  const files = names.map((name) => ({ name, comes: existsSync(join(root, STAGE, name)) }));
  for (const { name } of files.filter(({ comes }) => comes)) syncPath(join(root, STAGE, name));
  for (const folder of [join(root, STAGE, "keys"), join(root, STAGE)])
    if (existsSync(folder)) syncPath(folder);
  const text = JSON.stringify({ v: 1, aside, files } satisfies z.infer<typeof marker>);
  writeDurably(join(root, `${MARKER}.tmp`), text);
  renameSync(join(root, `${MARKER}.tmp`), join(root, MARKER));
  syncPath(root);
  return finishSwap(root);
}

/** Go on with a swap that was cut short; null when there was none, or nothing had to go aside. */
export function finishSwap(root: string): string | null {
  const path = join(root, MARKER);
  if (!existsSync(path)) {
    dropStage(root);
    return null;
  }
  const { aside, files } = readMarker(path);
  for (const file of files) replace(root, file, join(root, aside));
  syncPath(root);
  rmSync(path);
  dropStage(root);
  syncPath(root);
  return existsSync(join(root, aside)) ? join(root, aside) : null;
}

function readMarker(path: string): z.infer<typeof marker> {
  try {
    return marker.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw backupErrors.damaged(`${path} should say how a restore goes on and does not; move it away`, {
      cause,
    });
  }
}

/** A log or journal of the former database would be played into the new one. */
const companionsOf = (file: string): string[] =>
  file.endsWith(".db") ? [`${file}-wal`, `${file}-shm`, `${file}-journal`] : [];

/** Can be done again: without its staged file it was done, and what is in its place is the new one. */
function replace(root: string, { name, comes }: SwapFile, aside: string): void {
  const [staged, target] = [join(root, STAGE, name), join(root, name)];
  if (comes && !existsSync(staged)) return;
  for (const one of [...companionsOf(name), name]) moveAside(root, one, aside);
  if (!comes) return;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  renameSync(staged, target);
  syncPath(dirname(target));
}

function moveAside(root: string, file: string, aside: string): void {
  if (!existsSync(join(root, file))) return;
  const target = join(aside, file);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  renameSync(join(root, file), target);
  syncPath(dirname(target));
}
