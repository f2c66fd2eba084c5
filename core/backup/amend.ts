/**
 * A database that comes back knows nothing of the time since: what was being decided means nothing now, nobody is signed in,
 * and what was earned acts only where the time since is known. Each notes in its ledger that it was restored.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "cortex";
import { checkKey } from "../access/sealed.ts";
import { type KeptStanding, STANDING_KEY } from "../domain/decide/standing.ts";
import type { Vault } from "../ports/secrets/vault.ts";
import { createAgentStore } from "../store/agent/create-agent-store.ts";
import { originOf } from "../store/backup/check-database.ts";
import type { StoredIdentity } from "../store/identity.ts";
import { loadKeyPair, verifySignature } from "../store/key-file.ts";
import { type MonitorStore, openMonitorStore } from "../store/monitor/store.ts";

export interface Amendment {
  clock: Pick<Clock, "now">;
  vault: Vault;
  identity: StoredIdentity;
  /** Where the Monitor's key is when the backup brought none. */
  keys: string;
  /** For the ledger. */
  entry: object;
  /** What was earned and lost since the backup is known. */
  isLatest: boolean;
}

/** Proposals and approvals of then mean nothing: what is still wrong is proposed anew. Returns the ledger's entries. */
export function amendAgent(path: string, { clock, identity, entry, isLatest }: Amendment): number {
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

/** Nobody is signed in any more, and no approval of then goes out. Returns the ledger's entries. */
export function amendMonitor(stage: string, amendment: Amendment): number {
  const { clock, vault, identity, keys, entry, isLatest } = amendment;
  const key = monitorKey(stage, keys);
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
