/** Steps of `monitor.db`, forward only. A step that was released is never edited: the next one is appended. */
import type { Migration } from "../migrate.ts";

export const MONITOR_MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE nodes (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL, last_report_at INTEGER, repairs INTEGER, uptime_seconds REAL, spooled INTEGER,
  version TEXT, heartbeat_pos INTEGER NOT NULL, report_pos INTEGER NOT NULL, inventory_pos INTEGER NOT NULL,
  facts TEXT, summary TEXT
) STRICT;
CREATE TABLE node_results (node_id TEXT PRIMARY KEY, results TEXT NOT NULL, skipped TEXT NOT NULL) STRICT;
CREATE TABLE problems (
  node_id TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, level TEXT NOT NULL, severity TEXT NOT NULL,
  check_name TEXT NOT NULL, target TEXT NOT NULL, type TEXT NOT NULL, search TEXT NOT NULL,
  opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, resolved_at INTEGER, position INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (node_id, id)
) STRICT;
CREATE INDEX problems_by_id ON problems (id);
CREATE INDEX problems_by_opened ON problems (opened_at, id);
CREATE INDEX problems_by_state ON problems (state, opened_at, id);
CREATE TABLE intents (
  node_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, level TEXT NOT NULL,
  problem_id TEXT, target TEXT, repair TEXT, category TEXT, search TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (node_id, id)
) STRICT;
CREATE INDEX intents_by_id ON intents (id);
CREATE INDEX intents_by_created ON intents (created_at, id);
CREATE INDEX intents_by_problem ON intents (problem_id);
CREATE TABLE inspections (
  node_id TEXT NOT NULL, id TEXT NOT NULL, check_name TEXT NOT NULL, instance TEXT NOT NULL, state TEXT NOT NULL,
  status TEXT, started_at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (node_id, id)
) STRICT;
CREATE INDEX inspections_by_started ON inspections (started_at, id);
CREATE TABLE inventory (
  node_id TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (node_id, kind, id)
) STRICT;
CREATE INDEX inventory_by_kind ON inventory (kind, id, node_id);
CREATE TABLE seen (
  node_id TEXT NOT NULL, epoch INTEGER NOT NULL, ranges TEXT NOT NULL, PRIMARY KEY (node_id, epoch)
) STRICT;
CREATE TABLE idempotency (
  node_id TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (node_id, key)
) STRICT;
CREATE INDEX idempotency_by_at ON idempotency (at);
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT, node_id TEXT, at INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL
) STRICT;
CREATE TABLE node_checkpoints (
  node_id TEXT NOT NULL, size INTEGER NOT NULL, origin TEXT NOT NULL, head TEXT NOT NULL, at INTEGER NOT NULL,
  signature TEXT NOT NULL, PRIMARY KEY (node_id, size)
) STRICT;
CREATE TABLE gaps (
  id INTEGER PRIMARY KEY AUTOINCREMENT, node_id TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
  count INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX gaps_by_node ON gaps (node_id, from_at);
CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL, role TEXT NOT NULL, password_hash TEXT,
  disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, last_login_at INTEGER
) STRICT;
CREATE UNIQUE INDEX users_by_name ON users (name_key);
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY, id TEXT NOT NULL, user_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ip TEXT NOT NULL, user_agent TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE TABLE keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, secret_hash TEXT NOT NULL, node_id TEXT,
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER
) STRICT;
CREATE TABLE lockouts (account TEXT PRIMARY KEY, failures INTEGER NOT NULL, until_at INTEGER NOT NULL) STRICT;
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT) STRICT;

-- The Monitor's own chain, in the same form as a node's: human, key and policy acts.
CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ts INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, payload BLOB,
  salt BLOB NOT NULL, payload_hash BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;
CREATE TABLE ledger_checkpoints (
  size INTEGER PRIMARY KEY, origin TEXT NOT NULL, head TEXT NOT NULL, at INTEGER NOT NULL, signature TEXT NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
`,
  },
  {
    id: 2,
    sql: `
ALTER TABLE users ADD COLUMN grants TEXT NOT NULL DEFAULT '[]';
UPDATE users SET grants = json_array(json_object('role', role, 'scope', '*'));
ALTER TABLE keys ADD COLUMN grants TEXT NOT NULL DEFAULT '[]';
UPDATE keys SET grants = json_array(json_object('role', role, 'scope', '*')) WHERE role <> 'node';
ALTER TABLE keys ADD COLUMN permissions TEXT;
ALTER TABLE sessions ADD COLUMN auth_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
UPDATE sessions SET auth_at = created_at;
`,
  },
  {
    id: 3,
    sql: `
ALTER TABLE sessions ADD COLUMN strong INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN end_url TEXT;
CREATE TABLE factors (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL, method TEXT NOT NULL, name TEXT NOT NULL, handle TEXT, data TEXT NOT NULL,
  created_at INTEGER NOT NULL, last_used_at INTEGER
) STRICT;
CREATE INDEX factors_by_user ON factors (user_id);
CREATE UNIQUE INDEX factors_by_handle ON factors (method, handle);
CREATE TABLE challenges (
  ticket_hash TEXT PRIMARY KEY, browser_hash TEXT NOT NULL, purpose TEXT NOT NULL, method TEXT NOT NULL, user_id TEXT,
  state TEXT NOT NULL, tries INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX challenges_by_expiry ON challenges (expires_at);
CREATE TABLE identities (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, user_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT;
CREATE INDEX identities_by_user ON identities (user_id);
`,
  },
  {
    id: 4,
    sql: `
CREATE TABLE decisions (
  id TEXT PRIMARY KEY, intent_id TEXT NOT NULL, node_id TEXT NOT NULL, repair TEXT NOT NULL, state TEXT NOT NULL,
  delivery TEXT, created_at INTEGER NOT NULL, decided_at INTEGER, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX decisions_by_intent ON decisions (node_id, intent_id);
CREATE INDEX decisions_by_state ON decisions (state, created_at, id);
CREATE INDEX decisions_by_repair ON decisions (repair, created_at);
CREATE INDEX decisions_by_delivery ON decisions (delivery) WHERE delivery IS NOT NULL;
CREATE TABLE policies (
  version INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE TABLE evaluations (
  decider TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL, digest TEXT NOT NULL, figures TEXT NOT NULL,
  PRIMARY KEY (decider, model)
) STRICT;
CREATE TABLE judge_calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, decider TEXT NOT NULL, model TEXT NOT NULL,
  problem_id TEXT, cost_usd REAL NOT NULL
) STRICT;
CREATE INDEX judge_calls_by_at ON judge_calls (at);
`,
  },
  {
    id: 5,
    sql: `
ALTER TABLE keys ADD COLUMN former_hash TEXT;
ALTER TABLE keys ADD COLUMN former_until INTEGER;
ALTER TABLE keys ADD COLUMN rotated_at INTEGER;
ALTER TABLE keys ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE keys ADD COLUMN addresses TEXT;
ALTER TABLE keys ADD COLUMN last_address TEXT;
ALTER TABLE keys ADD COLUMN known_addresses TEXT NOT NULL DEFAULT '[]';
ALTER TABLE users ADD COLUMN language TEXT;
CREATE INDEX ledger_by_kind ON ledger (kind, seq);
CREATE INDEX ledger_by_actor ON ledger (actor, seq);
`,
  },
  {
    id: 6,
    sql: `
CREATE TABLE node_history (node_id TEXT PRIMARY KEY, slot INTEGER NOT NULL, states TEXT NOT NULL) STRICT;
`,
  },
  {
    id: 7,
    sql: `
CREATE TABLE enrolments (
  node_id TEXT PRIMARY KEY, state TEXT NOT NULL, claimed_name TEXT NOT NULL, fixed_name TEXT, labels TEXT NOT NULL,
  group_name TEXT, facts TEXT NOT NULL, token_id TEXT NOT NULL, ip TEXT NOT NULL, requested_at INTEGER NOT NULL,
  decided_at INTEGER, decided_by TEXT, reason TEXT, session TEXT, next_session TEXT, connect_ts INTEGER NOT NULL,
  recoveries INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolments_by_state ON enrolments (state, requested_at);
CREATE TABLE node_keys (
  id TEXT PRIMARY KEY, node_id TEXT NOT NULL, public_key TEXT NOT NULL, state TEXT NOT NULL,
  created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX node_keys_by_node ON node_keys (node_id);
CREATE TABLE requests_seen (
  node_id TEXT NOT NULL, epoch INTEGER NOT NULL, ranges TEXT NOT NULL, PRIMARY KEY (node_id, epoch)
) STRICT;
CREATE TABLE join_tokens (
  id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, name TEXT, labels TEXT NOT NULL, group_name TEXT,
  auto_approve INTEGER NOT NULL, node_id TEXT, uses INTEGER NOT NULL, used INTEGER NOT NULL,
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX join_tokens_by_secret ON join_tokens (secret_hash);
`,
  },
  {
    id: 8,
    sql: `
ALTER TABLE policies ADD COLUMN text TEXT;
`,
  },
  {
    id: 9,
    sql: `
CREATE TABLE autonomy_grants (
  id TEXT PRIMARY KEY, repair TEXT NOT NULL, scope TEXT NOT NULL, state TEXT NOT NULL, max_class TEXT NOT NULL,
  by_whom TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER, ended_at INTEGER, ended_by TEXT,
  end_reason TEXT
) STRICT;
CREATE INDEX autonomy_grants_by_end ON autonomy_grants (ended_at, at);
CREATE TABLE autonomy_outcomes (
  node_id TEXT NOT NULL, intent_id TEXT NOT NULL, repair TEXT NOT NULL, class TEXT NOT NULL, ok INTEGER NOT NULL,
  asked INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (node_id, intent_id)
) STRICT;
CREATE INDEX autonomy_outcomes_by_repair ON autonomy_outcomes (repair, at);
CREATE TABLE standings (
  node_id TEXT PRIMARY KEY, document TEXT NOT NULL, told_at INTEGER, refusal TEXT
) STRICT;
`,
  },
];
