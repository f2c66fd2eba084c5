/**
 * Restoring: offline, beside what is there, checked as a whole, changed where time has passed, and only then swapped in. What
 * it replaces is kept aside.
 */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CortexError, isCortexError } from "cortex";
import { checkKey } from "../access/sealed.ts";
import { backupErrors, type Manifest } from "../domain/backup.ts";
import { type KeptStanding, STANDING_KEY } from "../domain/decide/standing.ts";
import type { Vault } from "../ports/vault.ts";
import { createAgentStore } from "../store/agent/create-agent-store.ts";
import { type Carried, carryOver } from "../store/backup/carry.ts";
import { checkDatabase, type DatabaseName, originOf } from "../store/backup/check-database.ts";
import { assertSpace } from "../store/backup/files.ts";
import { checkDatabases, checkFiles, readManifest } from "../store/backup/read-backup.ts";
import { type KeyFiles, openKeys, publicKeyIn, putKeys } from "../store/backup/sealed-keys.ts";
import { dropStage, openStage, swapIn } from "../store/backup/swap.ts";
import type { DataDir } from "../store/data-dir.ts";
import { loadIdentity, type StoredIdentity } from "../store/identity.ts";
import { loadKeyPair, verifySignature } from "../store/key-file.ts";
import { type MonitorStore, openMonitorStore } from "../store/monitor/store.ts";

export interface RestoreDeps {
  /** Prepared, and its lock is held. */
  dir: DataDir;
  vault: Vault;
  clock: Pick<Clock, "now">;
  /** A backup that is larger is refused. */
  maxBytes: number;
}

export interface RestoreReport {
  name: string;
  node: string;
  createdAt: number;
  /** Where the former files are; null when there were none. */
  replaced: string | null;
  databases: {
    name: DatabaseName;
    /** Entries of its ledger, with the one about this restore. */
    entries: number;
    /** Entries younger than the backup that were taken over from what it replaced. */
    carried: number;
    /** Why none could be; null where nothing was replaced or all went well. */
    notCarried: string | null;
  }[];
  /** Keys that came from the backup; empty where the folder had its own. */
  keys: string[];
  /** What was taken away since the backup was made, and is back: to be taken away again. */
  undone: Since[];
  /** What was made since the backup, and is not there any more: to be made again. */
  lost: Since[];
}

/** An act of which the ledger that was replaced tells. */
interface Since {
  /** Epoch ms. */
  at: number;
  kind: string;
  /** Names and ids: `key ci (k1)`. */
  what: string;
}

/** Errors: `backup.*`, those of the store, `vault.unreadable` where the sealed secrets can't be read with the key at hand. */
export async function restoreBackup(path: string, deps: RestoreDeps): Promise<RestoreReport> {
  const { dir } = deps;
  const manifest = readManifest(path);
  const own = existsSync(join(dir.keys, "node.key")) ? loadIdentity(dir.keys) : null;
  if (own !== null && own.nodeId !== manifest.node)
    throw backupErrors.other_node(
      `${dir.root} belongs to node ${own.nodeId}, the backup to ${manifest.node}: restore it into an empty folder (--data-dir), or move ${dir.root} away`,
    );
  // Twice: what is checked beside what is there, and the growth of the ledger.
  assertSpace(dir.root, 2 * manifest.files.reduce((sum, { bytes }) => sum + bytes, 0), dir.root);
  const stage = openStage(dir.root);
  try {
    checkFiles(path, manifest, deps.maxBytes, stage);
    const keys = restoredKeys(stage, manifest, deps.vault, own);
    const written = putKeys(keys, join(stage, "keys"), own === null ? null : dir.keys);
    const identity = own ?? loadIdentity(join(stage, "keys"));
    const signer = manifest.keys.node[0]!;
    if (!identity.publicKeys().some((key) => Buffer.from(key).toString("base64") === signer))
      throw backupErrors.unknown_signer(
        "the backup is signed by another key than this node ever had: it is not restored",
      );
    await checkDatabases(stage, manifest);
    const changed = await amendAll(stage, manifest, deps, identity);
    const databases = changed.map(({ undone: _, lost: __, ...one }) => one);
    const swapped = [
      ...databases.flatMap(({ name }) => [name, logOf(name)]),
      ...written.map((file) => `keys/${file}`),
    ];
    const replaced = swapIn(dir.root, swapped, deps.clock.now());
    const { name, node, createdAt } = manifest;
    return {
      name,
      node,
      createdAt,
      replaced,
      databases,
      keys: written,
      undone: changed.flatMap((one) => one.undone),
      lost: changed.flatMap((one) => one.lost),
    };
  } catch (error) {
    // After the swap has begun the stage is what the next start goes on with.
    if (!existsSync(join(dir.root, "restore.json"))) dropStage(dir.root);
    throw error;
  }
}

/** Those of the backup; none where the folder has its own and the backup's can't be opened. */
function restoredKeys(stage: string, manifest: Manifest, vault: Vault, own: StoredIdentity | null): KeyFiles {
  const isThere = manifest.files.some(({ name }) => name === "keys.sealed");
  if (!isThere) {
    if (own !== null) return {};
    throw backupErrors.unknown_signer(
      "this backup was made without the keys of its node: it can only be restored into a folder that has them (keys/)",
    );
  }
  try {
    return openKeys(join(stage, "keys.sealed"), vault, manifest.name);
  } catch (error) {
    if (!isCortexError(error) || !error.code.startsWith("vault.")) throw error;
    if (own !== null) return {};
    throw new CortexError(
      error.code,
      error.kind,
      hasKey(vault)
        ? `the keys in this backup can't be opened with ${vault.where}: put the key-encryption key of the lost host there (secrets.key_file) and try again`
        : `there is no key in ${vault.where}, so the keys in this backup can't be opened: put the key-encryption key of the lost host there (secrets.key_file) and try again`,
      { cause: error },
    );
  }
}

/** False where none is there at all; one that is there and not fit to be used is told as it is. */
function hasKey(vault: Vault): boolean {
  try {
    return vault.check();
  } catch {
    return true;
  }
}

const logOf = (name: DatabaseName) => (name === "agent.db" ? "checkpoints.log" : "monitor-checkpoints.log");

type Amended = RestoreReport["databases"][number] & Pick<RestoreReport, "undone" | "lost">;

async function amendAll(
  stage: string,
  manifest: Manifest,
  deps: RestoreDeps,
  identity: StoredIdentity,
): Promise<Amended[]> {
  const all: Amended[] = [];
  for (const { name } of manifest.files) {
    if (name === "keys.sealed") continue;
    const [staged, current] = [
      join(stage, name),
      name === "agent.db" ? deps.dir.agentDb : deps.dir.monitorDb,
    ];
    const carried = carryOver(name, current, staged);
    const log = join(deps.dir.root, logOf(name));
    // The log outside the database goes with the chain that it vouches for; where that is cut, a new one begins.
    if (carried.reason === null && existsSync(current) && existsSync(log))
      copyFileSync(log, join(stage, logOf(name)));
    const entry = { backup: manifest.name, createdAt: manifest.createdAt, carried: carried.entries.length };
    const isLatest = carried.reason === null && existsSync(current);
    const entries =
      name === "agent.db"
        ? amendAgent(staged, deps, identity, entry, isLatest)
        : amendMonitor(stage, deps, identity, entry, isLatest);
    await assertStillHolds(staged, name, manifest, identity, stage, deps);
    const { reason: notCarried } = carried;
    const since = { undone: told(carried, UNDONE), lost: told(carried, LOST) };
    all.push({ name, entries, carried: carried.entries.length, notCarried, ...since });
  }
  return all;
}

/**
 * Proposals and approvals of then mean nothing now: what is still wrong is proposed anew. `isLatest`: what was earned and lost
 * since is known; without it nothing acts by what was earned then.
 */
function amendAgent(
  path: string,
  { clock }: RestoreDeps,
  identity: StoredIdentity,
  entry: object,
  isLatest: boolean,
): number {
  const { nodeId, sign, verify } = identity;
  const store = createAgentStore(path, { origin: nodeId, sign, verify, now: () => clock.now() });
  try {
    store.transaction(() => {
      const open = store.intents.find({ kind: ["repair"], state: ["proposed", "approved"], limit: 10_000 });
      for (const { id } of open) store.intents.move(id, "superseded", { finishedAt: clock.now() }, "local");
      const earned = store.meta.get<KeptStanding>(STANDING_KEY);
      if (earned !== null && !isLatest) store.meta.set(STANDING_KEY, { ...earned, isRestored: true });
      store.ledger.append("backup.restored", "local", { ...entry, voided: open.length });
    });
    store.ledger.checkpoint();
    return store.ledger.head()?.size ?? 0;
  } finally {
    store.close();
  }
}

/** Nobody is signed in any more, and no approval of then goes out. */
function amendMonitor(
  stage: string,
  deps: RestoreDeps,
  identity: StoredIdentity,
  entry: object,
  isLatest: boolean,
): number {
  const { clock, vault, dir } = deps;
  const key = monitorKey(stage, dir.keys);
  const store = openMonitorStore(join(stage, "monitor.db"), {
    now: () => clock.now(),
    origin: originOf("monitor.db", identity.nodeId),
    sign: key.sign,
    verify: (message, signature) =>
      verifySignature(key.publicKey, message, signature) || identity.verify(message, signature),
    checkpointLog: join(stage, "monitor-checkpoints.log"),
  });
  try {
    checkKey(store, vault);
    store.transaction(() => {
      const text = "void: a backup was restored before the node was told";
      const due = store.decisions.undelivered();
      for (const one of due)
        store.decisions.change({ ...one, delivery: { state: "refused", text } }, one.state);
      const begun = store.decisions.pending().filter(({ approvers }) => approvers.length > 0);
      for (const one of begun)
        store.decisions.change({ ...one, approvers: [], coolingUntil: null }, one.state);
      if (!isLatest) endEarned(store, clock.now());
      const sessions = store.access.sessions.removeAll();
      store.ledger.append("backup.restored", "local", {
        ...entry,
        voided: due.length + begun.length,
        sessions: sessions.length,
      });
    });
    store.ledger.checkpoint();
    return store.ledger.head()?.size ?? 0;
  } finally {
    store.close();
  }
}

/** Grants end, and every node is given a document that is newer than any it may have. */
function endEarned({ autonomy, ledger }: MonitorStore, now: number): void {
  const reason = "a backup was restored: what came of it since is not known";
  for (const { id, repair, scope } of autonomy.current().filter(({ state }) => state === "act")) {
    autonomy.end(id, now, "local", reason);
    ledger.append("autonomy.ended", "local", { id, repair, scope, reason });
  }
  for (const row of autonomy.standings.all())
    autonomy.standings.put({ ...row, toldAt: null, document: { ...row.document, signer: "" } });
}

function monitorKey(stage: string, keys: string) {
  const staged = join(stage, "keys/monitor.key");
  return loadKeyPair(existsSync(staged) ? staged : join(keys, "monitor.key"), "the Monitor's key");
}

/** The last look before anything is replaced. */
async function assertStillHolds(
  path: string,
  name: DatabaseName,
  manifest: Manifest,
  identity: StoredIdentity,
  stage: string,
  { dir }: RestoreDeps,
): Promise<void> {
  const monitor = publicKeyIn(join(stage, "keys"), "monitor.key") ?? publicKeyIn(dir.keys, "monitor.key");
  const node = identity.publicKeys().map((key) => Buffer.from(key).toString("base64"));
  const { ledger } = await checkDatabase(path, name, { node: manifest.node, keys: { node, monitor } });
  if (ledger.fault !== null)
    throw backupErrors.ledger(
      `the ledger of ${name} would not hold: entry ${ledger.fault.seq} ${ledger.fault.reason}`,
    );
}

/** Acts that take something away, or change it: a restore gives it back as it was. */
const UNDONE = new Set([
  "user.deleted",
  "user.changed",
  "key.deleted",
  "key.rotated",
  "node.revoked",
  "node.rejected",
  "node.quarantined",
  "join_token.revoked",
  "factor.removed",
  "factor.reset",
  "policy.demoted",
  "maintenance.removed",
  "check.resumed",
]);
/** Acts that make something: a restore knows nothing of it. */
const LOST = new Set([
  "user.created",
  "key.created",
  "node.enrolled",
  "node.approved",
  "node.released",
  "join_token.created",
  "factor.added",
  "policy.saved",
  "maintenance.added",
  "check.paused",
]);

const told = ({ entries }: Carried, kinds: ReadonlySet<string>): Since[] =>
  entries
    .filter(({ kind }) => kinds.has(kind))
    .map(({ ts, kind, payload }) => ({ at: ts, kind, what: ledgerText(payload) }));

/** The names and ids in an entry: `key ci (k1)`. */
function ledgerText(payload: Uint8Array | null): string {
  const { name, user, key, node, nodeId, id, token, check, rule, note, version } = JSON.parse(
    payload === null ? "{}" : new TextDecoder().decode(payload),
  ) as Record<string, unknown>;
  const numbered = typeof version === "number" ? `version ${version}` : undefined;
  return [name ?? note, user ?? key ?? token ?? check ?? rule ?? numbered ?? node ?? nodeId ?? id]
    .filter((part) => typeof part === "string")
    .join(" ");
}
