/** `monitor.db`: everything a Monitor knows. Synchronous; what ran inside `transaction` is durable together. */
import type { LedgerRepository } from "../agent/agent-store.ts";
import { createCheckpointLog } from "../agent/checkpoint-log.ts";
import { createLedger } from "../agent/ledger.repository.ts";
import { openConnection } from "../connection.ts";
import { type AccessRepository, createAccessRepository } from "./access.repository.ts";
import { type AuditRepository, createAuditRepository } from "./audit.repository.ts";
import { type AutonomyRepository, createAutonomyRepository } from "./autonomy.repository.ts";
import { createDecisionsRepository, type DecisionsRepository } from "./decisions.repository.ts";
import { drizzleOn } from "./drizzle.ts";
import { createEnrolmentRepository, type EnrolmentRepository } from "./enrolment.repository.ts";
import { createInboxRepository, type InboxRepository } from "./inbox.repository.ts";
import { createInspectionsRepository, type InspectionsRepository } from "./inspections.repository.ts";
import { createIntentsRepository, type IntentsRepository } from "./intents.repository.ts";
import { createInventoryRepository, type InventoryRepository } from "./inventory.repository.ts";
import { MONITOR_MIGRATIONS } from "./migrations.ts";
import { createNodesRepository, type NodesRepository } from "./nodes.repository.ts";
import type { SealedPlace } from "../../ports/secrets/vault.ts";
import { createSealedPlaces } from "./sealed.ts";
import { createProblemsRepository, type ProblemsRepository } from "./problems.repository.ts";
import { createSignInRepository, type SignInRepository } from "./sign-in.repository.ts";

export interface MonitorStore {
  transaction<T>(work: () => T): T;
  nodes: NodesRepository;
  inventory: InventoryRepository;
  inspections: InspectionsRepository;
  problems: ProblemsRepository;
  intents: IntentsRepository;
  decisions: DecisionsRepository;
  autonomy: AutonomyRepository;
  inbox: InboxRepository;
  access: AccessRepository;
  audit: AuditRepository;
  /** Every place that holds a sealed secret. */
  sealed: readonly SealedPlace[];
  signIn: SignInRepository;
  enrolment: EnrolmentRepository;
  /** Chain of the Monitor's own acts. */
  ledger: LedgerRepository;
  close(): void;
}

export interface MonitorStoreOptions {
  /** Epoch ms. */
  now: () => number;
  /** Origin of the Monitor's own ledger, for example `monitor:n_…`. */
  origin: string;
  /** Base64 Ed25519 signature by the Monitor's key, and its check. */
  sign(message: string): string;
  verify(message: string, signature: string): boolean;
  /** Applied to every text that enters the ledger. */
  redact?: (text: string) => string;
  /** `monitor-checkpoints.log` beside the database; null keeps the lines in memory. */
  checkpointLog: string | null;
}

/** Open `DATA/monitor.db`, or `:memory:` in tests. Errors: those of `openMigrated`. */
export function openMonitorStore(path: string, options: MonitorStoreOptions): MonitorStore {
  const { now, origin, sign, verify } = options;
  const connection = openConnection(path, MONITOR_MIGRATIONS, { secureDelete: true });
  const db = drizzleOn(connection);
  const log = createCheckpointLog(options.checkpointLog);
  return {
    transaction: connection.transaction,
    nodes: createNodesRepository(db),
    inventory: createInventoryRepository(db),
    inspections: createInspectionsRepository(db),
    problems: createProblemsRepository(db),
    intents: createIntentsRepository(db),
    decisions: createDecisionsRepository(db),
    autonomy: createAutonomyRepository(db),
    inbox: createInboxRepository(db),
    access: createAccessRepository(db),
    sealed: createSealedPlaces(db),
    audit: createAuditRepository(db),
    signIn: createSignInRepository(db),
    enrolment: createEnrolmentRepository(db),
    ledger: createLedger(connection, { origin, sign, verify, now, log, redact: options.redact }),
    close: connection.close,
  };
}
