/** What the Monitor itself finds wrong with a node's identity, as problems of level L3: only people can judge it. */
import { createHash } from "node:crypto";
import { noGuards } from "../domain/problem.ts";
import type { EnrolmentRow } from "../store/monitor/enrolment.schema.ts";
import { toIso } from "../wire/envelope.ts";
import type { ProblemBody } from "../wire/problem.ts";

export const conflictProblem = (
  row: EnrolmentRow,
  at: number,
  reason: string,
  resolution: string | null = null,
): ProblemBody =>
  problemOf(row, at, {
    type: "identity.conflict",
    summary: `${reason}; find out which host is the real one, stop the other, then: cortex nodes release ${row.nodeId}`,
    severity: "critical",
    resolution,
  });

export const recoveryProblem = (
  row: EnrolmentRow,
  at: number,
  resolution: string | null = null,
): ProblemBody =>
  problemOf(row, at, {
    type: "identity.recovered",
    summary: `a new key was enrolled for this node (recovery ${row.recoveries}); compare its words, then: cortex nodes approve ${row.nodeId}`,
    severity: "warning",
    resolution,
  });

interface Finding {
  type: string;
  summary: string;
  severity: ProblemBody["severity"];
  resolution: string | null;
}

function problemOf(row: EnrolmentRow, at: number, finding: Finding): ProblemBody {
  const { type, summary, severity, resolution } = finding;
  const fingerprint = createHash("sha256")
    .update([row.nodeId, type, String(row.decidedAt ?? row.requestedAt)].join("\0"))
    .digest("hex");
  const time = toIso(at);
  return {
    // One and the same while it lasts, without being kept anywhere else.
    id: uuidOf(fingerprint),
    fingerprint,
    check: "cortex_identity",
    instance: "default",
    target: "node key",
    type,
    nature: "fact",
    state: resolution === null ? "open" : "resolved",
    level: "L3",
    severity,
    status: severity === "critical" ? "critical" : "warning",
    summary,
    owner: null,
    tags: [],
    labels: {},
    becauseOf: null,
    flapping: false,
    openedAt: time,
    updatedAt: time,
    resolvedAt: resolution === null ? null : time,
    resolution,
    guards: noGuards(0),
    intentId: null,
    events: [{ at: time, kind: resolution === null ? "opened" : "resolved", text: resolution ?? summary }],
    evidence: [],
  };
}

/** A UUID of version 8 (own layout, RFC 9562) from a digest. */
function uuidOf(hex: string): string {
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
