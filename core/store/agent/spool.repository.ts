/** Messages that wait for the Monitor's acknowledgement. */
import type { Connection } from "../connection.ts";
import type { AgentStore, SpoolRow } from "./agent-store.ts";

export function createSpool(connection: Connection): AgentStore["spool"] {
  return {
    push: (type, id, at, body) => {
      const row = connection.get<{ seq: number }>(
        "INSERT INTO spool (id, type, at, body) VALUES (?, ?, ?, ?) RETURNING seq",
        id,
        type,
        at,
        body,
      );
      return row?.seq ?? 0;
    },
    peek: (limit) =>
      connection.all<SpoolRow>("SELECT seq, id, type, at, body FROM spool ORDER BY seq LIMIT ?", limit),
    acknowledge: (upTo) => {
      connection.run("DELETE FROM spool WHERE seq <= ?", upTo);
    },
    size: () =>
      connection.get<{ rows: number; oldestAt: number | null }>(
        "SELECT count(*) AS rows, (SELECT at FROM spool ORDER BY seq LIMIT 1) AS oldestAt FROM spool",
      ) ?? { rows: 0, oldestAt: null },
  };
}

/**
 * Bring the spool below `maxRows` by removing every second of the oldest reports, so that a long outage keeps a coarse
 * history instead of a hole; then say so in a `gap` message (body: `GapBody` of the wire). Facts (everything that is not
 * a report) are never removed, even if they alone are more. Returns the reports removed.
 */
export function thinReports(
  connection: Connection,
  maxRows: number,
  newId: () => string,
  now: () => number,
): number {
  const spool = createSpool(connection);
  if (spool.size().rows <= maxRows) return 0;
  return connection.transaction(() => {
    // A tenth more than needed, so that not every new report costs another gap message.
    const excess = spool.size().rows - Math.floor(maxRows * 0.9) + 1;
    const reports = connection.all<{ seq: number; at: number }>(
      "SELECT seq, at FROM spool WHERE type = 'report' ORDER BY seq LIMIT ?",
      excess * 2,
    );
    const everySecond = reports.filter((_, index) => index % 2 === 0);
    const theRest = reports.filter((_, index) => index % 2 === 1);
    const removed = [...everySecond, ...theRest].slice(0, excess);
    if (removed.length === 0) return 0;
    for (const row of removed) connection.run("DELETE FROM spool WHERE seq = ?", row.seq);
    const times = removed.map((row) => row.at);
    const at = now();
    const body = {
      from: iso(times.reduce((least, time) => Math.min(least, time))),
      to: iso(times.reduce((most, time) => Math.max(most, time))),
      count: removed.length,
      reason: `reports were thinned: the Monitor was unreachable and the spool holds at most ${maxRows} messages`,
    };
    spool.push("gap", newId(), at, JSON.stringify(body));
    return removed.length;
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
