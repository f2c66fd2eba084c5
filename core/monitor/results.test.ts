import { expect, test } from "bun:test";
import type { WireResult } from "../wire/report.ts";
import { confirmingOf } from "./results.ts";

const since = "2026-11-22T12:00:00.000Z";
const result = (check: string, more: Partial<WireResult>): WireResult => ({
  check,
  ...{ instance: "default", target: "host", summary: "", metrics: {}, labels: {}, observe: false, at: since },
  ...{ status: "critical" as const, confirming: { since, seconds: 600 } },
  ...more,
});

test("what is bad and no problem yet is told, critical first; what is only observed, or a problem already, is not", () => {
  const found = confirmingOf([
    result("memory", { status: "warning" }),
    result("psi_cpu", {}),
    result("agent_footprint", { observe: true }),
    result("disk", { confirming: undefined }),
    result("load", { status: "ok" }),
  ]);
  expect(found.map(({ check, status }) => [check, status])).toEqual([
    ["psi_cpu", "critical"],
    ["memory", "warning"],
  ]);
  expect(found[0]).toMatchObject({ since, seconds: 600, target: "host" });
});
