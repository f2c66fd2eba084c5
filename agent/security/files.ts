/** Rights of Cortex's own files, and the age of its keys. */
import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatDuration } from "cortex";
import type { Settings } from "../settings.ts";
import { critical, type Finding, ok, warning } from "./finding.ts";

/** A signing key that is older should be replaced once. */
const OLD_KEY_MS = 2 * 365 * 86_400_000;

export function examineFiles(settings: Settings, now: number): Finding[] {
  const { dataDir, keyFile, path } = settings;
  const config =
    path === null
      ? []
      : [trusted("files.config", path, 0o022), trusted("files.config_folder", dirname(path), 0o022)];
  const own = [
    secret("files.data", dataDir, 0o700),
    ...below(dataDir, "keys", "files.keys"),
    ...below(dataDir, "backups", "files.backups"),
    secret("files.socket", join(dataDir, "cortex.sock"), 0o600),
    ...["agent.db", "monitor.db", "metrics.db"].map((name) =>
      secret("files.store", join(dataDir, name), 0o600),
    ),
    secret("files.kek", keyFile, 0o600),
    ...(path === null ? [] : [secret("files.environment", join(dirname(path), "environment"), 0o640)]),
  ];
  return [...config, ...own, apart(settings), oldKeys(dataDir, now), program()].filter((one) => one !== null);
}

function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

/** What others could change would be theirs to decide: root's or the own user's, and nobody else may write it. */
function trusted(what: string, path: string, forbidden: number): Finding | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if ((stat.mode & forbidden) !== 0 && !(stat.isDirectory() && (stat.mode & 0o1000) !== 0))
    return critical(what, `others can write ${path}`, `chmod go-w ${path}`);
  return stat.uid === 0 || stat.uid === process.getuid?.()
    ? ok(what, `${path} is changed only by its owner`)
    : critical(what, `${path} belongs to user ${stat.uid}, who could change it`, `chown root ${path}`);
}

/** What others must not even read. Absent is fine. */
function secret(what: string, path: string, most: number): Finding | null {
  const stat = lookAt(path);
  if (stat === null) return null;
  if (stat.isSymbolicLink())
    return critical(what, `${path} is a symlink; Cortex makes it itself`, `rm ${path}`);
  const extra = stat.mode & 0o777 & ~most;
  if (extra === 0) return ok(what, `${path} is only for its owner`);
  const text = `${path} is open to others (${(stat.mode & 0o777).toString(8)})`;
  return critical(what, text, `chmod ${most.toString(8)} ${path}`);
}

/** One finding for all files of a folder: the worst one, or that all are well. */
function below(dataDir: string, folder: string, what: string): (Finding | null)[] {
  const path = join(dataDir, folder);
  if (lookAt(path) === null) return [];
  let names: string[];
  try {
    names = readdirSync(path);
  } catch {
    return [warning(what, `${path} can't be looked at by this user`, "sudo cortex doctor --security")];
  }
  const bad = names
    .map((name) => secret(what, join(path, name), 0o700))
    .filter((one) => one !== null && one.status !== "ok");
  return [secret(what, path, 0o700), ...bad];
}

/** A copy of the data folder must not hold the key of the secrets in it. */
function apart({ dataDir, keyFile }: Settings): Finding | null {
  if (lookAt(keyFile) === null) return null;
  return keyFile.startsWith(`${dataDir}/`)
    ? warning(
        "files.kek_apart",
        `the key of stored secrets lies in the data folder: ${keyFile}; a backup would hold both; set secrets.key_file`,
      )
    : ok("files.kek_apart", "the key of stored secrets lies apart from them");
}

function oldKeys(dataDir: string, now: number): Finding | null {
  const folder = join(dataDir, "keys");
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return null;
  }
  const ages = names.map((name) => ({ name, age: now - (lookAt(join(folder, name))?.mtimeMs ?? now) }));
  const oldest = ages.toSorted((a, b) => b.age - a.age)[0];
  if (oldest === undefined) return null;
  const text = `the oldest key (${oldest.name}) is ${formatDuration(oldest.age)} old`;
  return oldest.age > OLD_KEY_MS
    ? warning("files.key_age", `${text}; replace it`)
    : ok("files.key_age", text);
}

/** Whoever can replace the program is Cortex; setuid would give it to everybody. */
function program(): Finding {
  const path = process.execPath;
  const { mode, uid } = statSync(path);
  if ((mode & 0o6000) !== 0) return critical("files.program", `${path} is setuid`, `chmod u-s,g-s ${path}`);
  if ((mode & 0o022) !== 0)
    return critical("files.program", `others can write ${path}`, `chmod go-w ${path}`);
  return uid === 0 || basename(path) !== "cortex"
    ? ok("files.program", `${path} is changed only by its owner`)
    : warning(
        "files.program",
        `${path} belongs to user ${uid}: who takes it over can replace the program`,
        `chown root ${path}`,
      );
}
