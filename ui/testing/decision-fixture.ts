/** A decision that waits: a database that wants a restart, asked a judge and then a person. */
import type { Decision } from "../data/types.ts";

export function decisionAt(now: number): Decision {
  const iso = (agoMs: number) => new Date(now - agoMs).toISOString();
  return {
    id: "0199f000-0000-7000-8000-0000000000d1",
    node: "n_db1",
    nodeName: "db-1.example.net",
    state: "pending",
    intent: null,
    problem: null,
    repair: "unit.restart",
    class: "R2",
    plan: {
      summary: "restart postgresql.service",
      changes: [{ what: "unit postgresql.service", from: "failed", to: "active (new processes)" }],
      data: { argv: ["systemctl", "restart", "--", "postgresql.service"] },
      effects: [{ kind: "service", verb: "restart", name: "postgresql.service" }],
    },
    risk: "medium",
    blastRadius: {
      nodes: ["n_db1"],
      group: { name: "db", size: 3, touched: 1, healthy: 2 },
      dependents: ["shop"],
      interrupts: true,
      reversible: true,
      undo: "nothing",
    },
    voices: [
      {
        at: iso(60_000),
        by: "policy",
        layer: "policy",
        verdict: "human",
        reason: "no_rule",
        text: "no rule allows it",
        detail: "",
      },
    ],
    approvals: 0,
    peopleNeeded: 1,
    judging: false,
    delivery: null,
    coolingUntil: null,
    createdAt: iso(61_000),
    expiresAt: iso(-4 * 3_600_000),
    decidedAt: null,
  };
}
