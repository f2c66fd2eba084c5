/** A host with both databases on the disk, for tests of backups: its own keys, its own vault, a test clock. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type BackupsDeps, createBackups } from "../backup/backups.ts";
import { restoreBackup } from "../backup/restore.ts";
import { memoryKeyRing, newKey } from "../ports/secrets/key-ring.ts";
import { createVault, type Vault } from "../ports/secrets/vault.ts";
import { createAgentStore } from "../store/agent/create-agent-store.ts";
import { copyDatabases } from "../store/backup/copy.ts";
import { prepareDataDir } from "../store/data-dir.ts";
import { loadIdentity } from "../store/identity.ts";
import { loadKeyPair, verifySignature } from "../store/key-file.ts";
import { openMonitorStore } from "../store/monitor/store.ts";
import { createTestClock } from "./test-clock.ts";

const HOUR = 3_600_000;
export const MAX_BYTES = 2 ** 30;

export type BackupHouse = ReturnType<typeof createBackupHouse>;

/** `folder` is the data folder; it is made. `like`: the same key-encryption key and clock as another. */
export function createBackupHouse(
  folder: string,
  like?: { vault: Vault; clock: ReturnType<typeof createTestClock> },
) {
  const clock = like?.clock ?? createTestClock();
  const vault = like?.vault ?? createVault(memoryKeyRing([newKey()]));
  const dir = prepareDataDir(folder);
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);

  function openStores() {
    const identity = loadIdentity(dir.keys);
    const key = loadKeyPair(join(dir.keys, "monitor.key"), "the Monitor's key");
    const { nodeId: origin, sign, verify } = identity;
    const agent = createAgentStore(dir.agentDb, { origin, sign, verify, now: clock.now });
    const monitor = openMonitorStore(dir.monitorDb, {
      origin: `monitor:${origin}`,
      sign: key.sign,
      verify: (message, signature) => verifySignature(key.publicKey, message, signature),
      now: clock.now,
      checkpointLog: join(dir.root, "monitor-checkpoints.log"),
    });
    return {
      agent,
      monitor,
      close() {
        agent.close();
        monitor.close();
      },
    };
  }

  /** Work on both stores, then close them. */
  function withStores<T>(work: (stores: ReturnType<typeof openStores>) => T): T {
    const stores = openStores();
    try {
      return work(stores);
    } finally {
      stores.close();
    }
  }

  /** An entry in each ledger, and checkpoints over them. */
  const note = (text: string) =>
    withStores(({ agent, monitor }) => {
      for (const store of [agent, monitor]) {
        store.ledger.append("note", "user:anna", { summary: text });
        store.ledger.checkpoint();
      }
    });

  const recorded: { kind: string; actor: string; payload: Record<string, unknown> }[] = [];
  const backups = (change: Partial<BackupsDeps> = {}) =>
    createBackups({
      dir,
      identity: loadIdentity(dir.keys),
      vault,
      version: "1.2.3",
      clock,
      log: { debug: write, info: write, warn: write, error: write },
      settings: () => ({
        enabled: true,
        everyMs: HOUR,
        folder: dir.backups,
        keep: { hours: 24, days: 7, weeks: 4, migrations: 5 },
      }),
      copy: copyDatabases,
      record: (kind, actor, payload) => void recorded.push({ kind, actor, payload }),
      ...change,
    });

  return {
    dir,
    vault,
    clock,
    logged,
    recorded,
    openStores,
    withStores,
    note,
    backups,
    /** One backup; its folder. */
    backup: async () => (await backups().create("asked", "local")).path,
    restore: (path: string) => restoreBackup(path, { dir, vault, clock, maxBytes: MAX_BYTES }),
    /** Summaries of the notes and kinds of the rest, of both ledgers. */
    async told() {
      const { agent, monitor, close } = openStores();
      try {
        const told: string[][] = [];
        for (const store of [agent, monitor]) {
          const { fault } = await store.ledger.verify();
          if (fault !== null) throw new Error(`entry ${fault.seq} ${fault.reason}`);
          told.push(
            store.ledger.read(0, 1000).map(({ kind, payload }) => {
              const { summary } = JSON.parse(new TextDecoder().decode(payload!)) as { summary?: string };
              return summary ?? kind;
            }),
          );
        }
        return told;
      } finally {
        close();
      }
    },
    inBackups: () => readdirSync(dir.backups).toSorted(),
  };
}
