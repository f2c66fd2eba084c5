/** A large fleet: what its nodes say over the wire, problems included. */
import { sampleHeartbeat, sampleInventory, sampleProblem } from "../../../core/testing/wire-samples.ts";
import { toIso } from "../../../core/wire/envelope.ts";
import type { ProblemBody } from "../../../core/wire/problem.ts";
import { reportOf } from "../../bench/lib/fleet.ts";
import type { Said } from "../../bench/lib/seed.ts";

/** A node of a large fleet: what it is, that it lives, what it measures, and `problems` open problems. */
export function crowdNode(index: number, at: number, problems: number): Said[] {
  const name = `host-${String(index).padStart(4, "0")}.example.net`;
  return [
    {
      type: "inventory",
      body: sampleInventory({ name, group: `group-${index % 40}`, labels: { site: `site-${index % 8}` } }),
    },
    { type: "heartbeat", body: sampleHeartbeat(at, { repairs: true }) },
    { type: "report", body: reportOf(toIso(at), index) },
    ...Array.from({ length: problems }, (_, place) => ({
      type: "problem" as const,
      body: crowdProblem(index, place, at),
    })),
  ];
}

/** One in ten is critical and waits for a person; the others are being handled. */
function crowdProblem(index: number, place: number, at: number): ProblemBody {
  const critical = (index + place) % 10 === 0;
  const openedAt = toIso(at - (index % 600) * 60_000 - place * 1000);
  return sampleProblem(at, {
    fingerprint: new Bun.CryptoHasher("sha256").update(`${index} ${place}`).digest("hex"),
    target: `unit-${place}.service`,
    summary: `unit-${place}.service has failed: exit code ${1 + ((index * 7 + place) % 120)}`,
    severity: critical ? "critical" : "warning",
    level: critical ? "L3" : "L1",
    openedAt,
    updatedAt: openedAt,
  });
}
