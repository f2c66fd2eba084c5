import { describe, expect, test } from "bun:test";
import type { Check, Result } from "cortex";
import type { RegisteredCheck } from "../../host/registry.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import { wireResult } from "../../wire/report.ts";
import { inspect } from "./inspect.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

function rig(run: Check["run"]) {
  const clock = createTestClock();
  const check: Check = {
    name: "c",
    summary: "",
    type: "c.bad",
    nature: "fact",
    intervalMs: 1000,
    confirmMs: 0,
    run,
  };
  const host = { id: "default", enabled: true, tags: ["web"], labels: { team: "x".repeat(5000) } };
  const registered: RegisteredCheck = {
    key: "c",
    check,
    plugin: "p",
    instance: "default",
    origin: "built-in",
    host,
  };
  const look = () =>
    inspect(registered, { clock, log, timeoutMs: 1000, previous: () => null, oneShot: false });
  return { clock, look };
}

describe("a check that hangs", () => {
  test("is not run once more beside its hanging run, and answers again when that has ended", async () => {
    let runs = 0;
    let answer: (results: Result[]) => void = () => {};
    const { clock, look } = rig(() => {
      runs += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const first = look();
    await clock.advance(1000);
    expect((await first).error).toContain("no answer within 1000 ms");
    expect((await look()).error).toContain("still hangs");
    expect(runs).toBe(1);
    answer([]);
    await clock.advance(0);
    const next = look();
    await clock.advance(10);
    answer([{ target: "t", status: "ok", summary: "fine" }]);
    expect((await next).error).toBeNull();
    expect(runs).toBe(2);
  });
});

test("whatever a check says fits into a message, and what does not fit is cut, not lost", async () => {
  const { look } = rig(async () => [
    {
      target: "t".repeat(3000),
      status: "critical",
      summary: "s\n".repeat(20_000),
      type: "y".repeat(500),
      owner: "o".repeat(5000),
      tags: Array.from({ length: 200 }, (_, n) => `${n}`.padStart(300, "0")),
      labels: { ["l".repeat(300)]: "v".repeat(5000) },
      metrics: { ["m".repeat(500)]: 1, bad: Number.NaN },
    },
  ]);
  const { results, error } = await look();
  expect(error).toBeNull();
  const [result] = results;
  const { target, status, summary, metrics = {}, labels = {}, tags = [], owner = "", type = "" } = result!;
  const at = new Date(0).toISOString();
  const said = {
    check: "c",
    instance: "default",
    target,
    status,
    summary,
    metrics,
    labels,
    observe: false,
    at,
  };
  expect(wireResult.safeParse(said).error).toBeUndefined();
  expect(tags.length).toBeLessThanOrEqual(50);
  expect(Math.max(...tags.map((tag) => tag.length))).toBeLessThanOrEqual(100);
  expect(owner.length).toBeLessThanOrEqual(1000);
  expect(type.length).toBeLessThanOrEqual(100);
});
