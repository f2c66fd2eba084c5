import { expect, test } from "bun:test";
import type { Decision } from "../../data/types.ts";
import { decisionAt } from "../../testing/decision-fixture.ts";
import {
  comparePending,
  formatCost,
  hasApproved,
  isGrave,
  lastLogLine,
  lastVoice,
  newestEvents,
  nextAfter,
  riskLook,
  sentence,
  voicesOf,
} from "./decision.model.ts";
import { text } from "./texts.ts";

const en = text();

const make = (change: Partial<Decision>): Decision => ({ ...decisionAt(0), ...change });

test("what lapses first comes first; among equals the riskier one", () => {
  const soon = make({ id: "a", expiresAt: "2026-01-01T00:00:00.000Z", risk: "low" });
  const late = make({ id: "b", expiresAt: "2026-01-02T00:00:00.000Z", risk: "high" });
  const grave = make({ id: "c", expiresAt: "2026-01-01T00:00:00.000Z", risk: "high" });
  expect([late, soon, grave].sort(comparePending).map(({ id }) => id)).toEqual(["c", "a", "b"]);
});

test("the last line of the log is told by itself, the history from its end", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const opened = "demo is not running: exited with code 98 · last line of its log: bind: address in use";
  const events = [
    { at, kind: "opened", text: opened },
    ...["1", "2", "3", "4"].map((text) => ({ at, kind: "failed", text })),
  ];
  expect(lastLogLine(events)).toBe("bind: address in use");
  expect(newestEvents(events).map(({ text }) => text)).toEqual(["4", "3", "2", "1"]);
  expect(newestEvents(events.slice(0, 1)).map(({ text }) => text)).toEqual([
    "demo is not running: exited with code 98",
  ]);
  expect(lastLogLine([])).toBeNull();
});

test("after an answer the next one is looked at, at the end the one before", () => {
  expect(nextAfter(["a", "b", "c"], "b")).toBe("c");
  expect(nextAfter(["a", "b", "c"], "c")).toBe("b");
  expect(nextAfter(["a"], "a")).toBeUndefined();
  expect(nextAfter(["a", "b"], "gone")).toBe("a");
});

test("host level, data and two people are grave; a restart is not", () => {
  expect(isGrave(make({ class: "R2", peopleNeeded: 1 }))).toBe(false);
  for (const change of [{ class: "R3" }, { class: "R4" }, { peopleNeeded: 2 }] as const)
    expect(isGrave(make(change))).toBe(true);
});

test("colour, icon and word travel together, and red is only for high risk", () => {
  expect(riskLook(make({ risk: "high" }), en)).toEqual({ tone: "bad", icon: "critical", word: "High risk" });
  expect(riskLook(make({ risk: "low" }), en).tone).toBe("idle");
});

test("who spoke is named as people know them", () => {
  const voice = make({}).voices[0]!;
  const by = (name: string) => voicesOf(make({ voices: [{ ...voice, by: name }] }), en)[0]!.who;
  expect(by("user:anna")).toBe("Policy · anna");
  expect(by("rule:web")).toBe("Policy · rule web");
  expect(by("gate")).toBe("Policy · gate");
});

test("a cost is never rounded to nothing", () => {
  expect([0, 0.00042, 0.5].map(formatCost)).toEqual(["$0", "$0.00042", "$0.50"]);
});

test("without a plan the repair's name says what it is", () => {
  expect(sentence(make({ plan: null, repair: "unit.restart" }))).toBe("unit.restart");
});

test("who approved is not asked again, and who was faster is named", () => {
  const [voice] = make({}).voices;
  const said = (by: string, verdict: "allow" | "deny") => ({ ...voice!, by, verdict });
  expect(hasApproved(make({ voices: [said("user:anna", "allow")] }), "anna")).toBe(true);
  expect(hasApproved(make({ voices: [said("user:bo", "allow")] }), "anna")).toBe(false);
  const over = make({ state: "rejected", voices: [said("gate", "allow"), said("user:bo", "deny")] });
  expect(lastVoice(over, en)).toEqual({ who: "bo", word: "Rejected" });
});
