/** Tables of metrics.db. History only: deleting the file loses no truth. Times are epoch ms. */
import type { Migration } from "../migrate.ts";

export const metricsMigrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
CREATE TABLE nodes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- Start of the 5-minute bucket that is being gathered in memory; made anew from raw rows after a crash.
  open_bucket INTEGER
) STRICT;

-- Names are shared by all nodes, since fleets measure the same things everywhere. Numbers are
-- not used again, because old rows may still hold them.
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE node_series (
  node INTEGER NOT NULL,
  series INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (node, series)
) STRICT, WITHOUT ROWID;

-- One row per report. The rows of a chain (named by the time of its first row) are differences, each to the one before.
CREATE TABLE raw (
  node INTEGER NOT NULL,
  at INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  samples BLOB NOT NULL,
  PRIMARY KEY (node, at)
) STRICT, WITHOUT ROWID;

-- One row per node and five minutes, named by their start. With rowid, because rows above 1 KB would spill to overflow
-- pages in a table without.
CREATE TABLE rollup (
  node INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  cells BLOB NOT NULL,
  PRIMARY KEY (node, bucket)
) STRICT;
`,
  },
];
