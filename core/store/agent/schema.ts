/** Tables of agent.db. Times are epoch ms; `data` holds the whole record as JSON, the columns beside it are what is searched. */
import type { Migration } from "../migrate.ts";

export const agentMigrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_values (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE targets (
  check_name TEXT NOT NULL,
  instance TEXT NOT NULL,
  target TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (check_name, instance, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
  id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  state TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  resolved_at INTEGER,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX problems_state ON problems (state, id);

CREATE TABLE intents (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  level TEXT NOT NULL,
  problem_id TEXT,
  target TEXT,
  repair TEXT,
  category TEXT,
  created_at INTEGER NOT NULL,
  search TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX intents_state ON intents (state, id);
CREATE INDEX intents_problem ON intents (problem_id, id) WHERE problem_id IS NOT NULL;
CREATE INDEX intents_created ON intents (created_at);

-- AUTOINCREMENT keeps the highest number ever used, so that a cut at the end shows even before a checkpoint covers it.
CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  ts INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload BLOB,
  salt BLOB NOT NULL,
  payload_hash BLOB NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
-- Guards against accidents; against intent there are the hashes and the signed checkpoints.
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;

CREATE TABLE ledger_checkpoints (
  size INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  head TEXT NOT NULL,
  at INTEGER NOT NULL,
  signature TEXT NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;

CREATE TABLE attempts (
  intent_id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  check_name TEXT NOT NULL,
  target TEXT NOT NULL,
  repair TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  outcome TEXT NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_fingerprint ON attempts (fingerprint, started_at);
CREATE INDEX attempts_running ON attempts (outcome) WHERE outcome = 'running';

CREATE TABLE breakers (
  fingerprint TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  id TEXT PRIMARY KEY,
  problem_id TEXT NOT NULL,
  intent_id TEXT,
  taken_at INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  parts BLOB NOT NULL
) STRICT;
CREATE INDEX evidence_problem ON evidence (problem_id, taken_at);
CREATE INDEX evidence_taken ON evidence (taken_at);

CREATE TABLE inspections (
  id TEXT PRIMARY KEY,
  check_name TEXT NOT NULL,
  instance TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  status TEXT NOT NULL,
  counts TEXT NOT NULL,
  error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX inspections_check ON inspections (check_name, id);
CREATE INDEX inspections_started ON inspections (started_at);

CREATE TABLE paused_checks (
  check_name TEXT NOT NULL,
  instance TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  actor TEXT NOT NULL,
  PRIMARY KEY (check_name, instance)
) STRICT, WITHOUT ROWID;

CREATE TABLE maintenance (
  id TEXT PRIMARY KEY,
  check_name TEXT NOT NULL,
  target TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a number is never used again, also not after the queue was empty.
CREATE TABLE spool (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX spool_type ON spool (type, seq);
`,
  },
  {
    // A breaker runs on the clock of its boot. The empty boot is none: old rows are measured by the wall clock.
    id: 2,
    sql: `
ALTER TABLE breakers ADD COLUMN boot_id TEXT NOT NULL DEFAULT '';
ALTER TABLE breakers ADD COLUMN mono_ms REAL NOT NULL DEFAULT 0;
`,
  },
  {
    id: 3,
    sql: `
CREATE TABLE approvals (
  nonce TEXT PRIMARY KEY,
  intent_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    // Copies of configuration files lay here in plain text: they are overwritten, and made anew with the next good test.
    // Overwriting is for them alone: it takes space, which a full disk does not have for what is deleted to make some.
    id: 4,
    sql: `
CREATE TABLE plugin_secrets (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
PRAGMA secure_delete = ON;
DELETE FROM plugin_values WHERE scope LIKE 'config-restore~%';
PRAGMA secure_delete = OFF;
`,
  },
];
