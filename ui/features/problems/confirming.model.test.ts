import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import { confirmingOn, progressOf } from "./confirming.model.ts";

const now = Date.UTC(2026, 10, 22, 12);
const { nodes } = fleetAt(now);
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const one = (check: string, status: "warning" | "critical", since: string) => ({
  ...{ check, status, since, target: "host", seconds: 600 },
});
const withThese = (...confirming: ReturnType<typeof one>[]) => ({ ...nodes[0]!, confirming });

test("critical results being confirmed are named before warnings, the one due first among them", () => {
  const found = confirmingOn([
    withThese(
      one("memory", "warning", minutesAgo(9)),
      one("psi_cpu", "critical", minutesAgo(4)),
      one("psi_io", "critical", minutesAgo(2)),
    ),
  ]);
  expect(found).toMatchObject({
    status: "critical",
    count: 2,
    first: { check: "psi_cpu", nodeName: nodes[0]!.name },
  });
  expect(progressOf(found!.first, now)).toEqual({ passed: 4, whole: 10, inMinutes: true });
});

test("nothing is said when nothing is being confirmed, or only on a node that was revoked", () => {
  expect(confirmingOn(nodes.map((node) => ({ ...node, confirming: [] })))).toBeNull();
  const revoked = { ...withThese(one("psi_cpu", "critical", minutesAgo(4))), state: "revoked" as const };
  expect(confirmingOn([revoked])).toBeNull();
});

test("a short confirm time counts in seconds, and a clock ahead of ours says no more than the whole", () => {
  const short = { ...one("http", "critical", minutesAgo(9)), seconds: 60, node: "n", nodeName: "n" };
  expect(progressOf(short, now)).toEqual({ passed: 60, whole: 60, inMinutes: false });
  expect(progressOf({ ...short, since: new Date(now + 5000).toISOString() }, now)).toMatchObject({
    passed: 0,
  });
});
