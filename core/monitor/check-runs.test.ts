import { expect, test } from "bun:test";
import type { InventoryBody, WireCheck } from "../wire/inventory.ts";
import type { InspectionBody } from "../wire/report.ts";
import { createCheckRuns } from "./check-runs.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const run = (second: number, over: Partial<InspectionBody> = {}): InspectionBody => ({
  id: "00000000-0000-7000-8000-000000000000",
  check: "service",
  instance: "demo",
  trigger: "schedule",
  state: "done",
  startedAt: at(second),
  durationSeconds: 0.001,
  status: "ok",
  counts: { ok: 1 },
  error: null,
  ...over,
});
const check = {
  id: "service~demo",
  runs: 5,
  failures: 1,
  lastRunAt: at(10),
  intervalSeconds: 2,
  state: "active",
} as WireCheck;
const inventory = { checks: [check] } as InventoryBody;

test("runs since the inventory are added to its counters, runs it counts already are not", () => {
  const runs = createCheckRuns();
  runs.inventory("n", inventory);
  runs.ran("n", run(10));
  runs.ran("n", run(12));
  runs.ran("n", run(14, { status: "unknown", error: "no answer" }));
  expect(runs.upToDate("n", check)).toMatchObject({
    runs: 7,
    failures: 2,
    lastRunAt: at(14),
    nextRunAt: at(16),
    status: "unknown",
  });
});

test("a new inventory starts the count anew", () => {
  const runs = createCheckRuns();
  runs.ran("n", run(12));
  runs.inventory("n", inventory);
  expect(runs.upToDate("n", check)).toBe(check);
});

test("a run that has only begun counts nothing", () => {
  const runs = createCheckRuns();
  runs.inventory("n", inventory);
  runs.ran("n", run(12, { state: "running", durationSeconds: null, status: null }));
  expect(runs.upToDate("n", check).runs).toBe(5);
});
