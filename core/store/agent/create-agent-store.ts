/** Puts the repositories of agent.db together. */
import { dirname, join } from "node:path";
import { type Connection, openConnection } from "../connection.ts";
import type { AgentStore, LedgerRepository } from "./agent-store.ts";
import { createApprovals } from "./approvals.repository.ts";
import { createAttempts, createBreakers } from "./attempts.repository.ts";
import { createCheckpointLog } from "./checkpoint-log.ts";
import { createEvidence } from "./evidence.repository.ts";
import { createInspections, createMaintenance, createPausedChecks } from "./inspections.repository.ts";
import { createIntents } from "./intents.repository.ts";
import { createLedger } from "./ledger.repository.ts";
import { createProblems } from "./problems.repository.ts";
import { createPrune } from "./prune.ts";
import { agentMigrations } from "./schema.ts";
import { createSpool } from "./spool.repository.ts";
import { createTargets } from "./targets.repository.ts";
import { createPluginSecrets, pluginSecretPlace } from "./plugin-secrets.repository.ts";
import { createMeta, createPluginValues } from "./values.repository.ts";

export interface AgentStoreOptions {
  /** Node id; the origin of the ledger. */
  origin: string;
  /** Base64 Ed25519 signature by the node's key, and its check; both are in `NodeIdentity`. */
  sign(message: string): string;
  verify(message: string, signature: string): boolean;
  /** Epoch ms. */
  now(): number;
  /** Applied to every text that enters the ledger. */
  redact?: (text: string) => string;
  /** UUIDv7; for messages that the store itself makes (gaps). */
  newId?: () => string;
}

/**
 * Open `agent.db` (or ":memory:" in tests). `checkpoints.log` lies beside it.
 * Errors: those of `openDatabase` and `migrate`; afterwards any call may throw `store.full`, `store.readonly`, `store.io`.
 */
export function createAgentStore(path: string, options: AgentStoreOptions): AgentStore {
  const connection = openConnection(path, agentMigrations);
  const logPath = path === ":memory:" ? null : join(dirname(path), "checkpoints.log");
  const ledger = openLedger(connection, options, logPath);
  const newId = options.newId ?? (() => Bun.randomUUIDv7());
  return {
    transaction: connection.transaction,
    meta: createMeta(connection),
    pluginValues: createPluginValues(connection),
    pluginSecrets: createPluginSecrets(connection),
    sealed: [pluginSecretPlace(connection)],
    targets: createTargets(connection),
    problems: createProblems(connection),
    intents: createIntents(connection, ledger, options.now),
    ledger,
    approvals: createApprovals(connection),
    attempts: createAttempts(connection),
    breakers: createBreakers(connection),
    evidence: createEvidence(connection),
    inspections: createInspections(connection),
    pausedChecks: createPausedChecks(connection),
    maintenance: createMaintenance(connection),
    spool: createSpool(connection),
    prune: createPrune(connection, newId, options.now),
    close: connection.close,
  };
}

function openLedger(
  connection: Connection,
  options: AgentStoreOptions,
  logPath: string | null,
): LedgerRepository {
  try {
    return createLedger(connection, { ...options, log: createCheckpointLog(logPath) });
  } catch (error) {
    connection.close();
    throw error;
  }
}
