import { describe, expect, test } from "bun:test";
import { evidenceOf, isAutonomyScope, type RepairOutcome, speakingGrant, wilsonLower } from "./earning.ts";

const LIMITS = { least: 10, bound: 0.7 };
const runs = (good: number, bad: number, node = "a"): RepairOutcome[] =>
  Array.from({ length: good + bad }, (_, at) => ({ node, ok: at < good, asked: true, class: "R2", at }));

test("the lower bound is Wilson's", () => {
  // Values of the formula in the paper, z = 1.959964.
  expect(wilsonLower(10, 10)).toBeCloseTo(0.7225, 4);
  expect(wilsonLower(9, 10)).toBeCloseTo(0.5958, 4);
  expect(wilsonLower(81, 100)).toBeCloseTo(0.7222, 4);
  expect(wilsonLower(0, 5)).toBe(0);
  expect(wilsonLower(0, 0)).toBe(0);
});

describe("autonomy is earned", () => {
  test("by enough verified runs", () => {
    expect(evidenceOf(runs(9, 0), LIMITS, false).isEarned).toBe(false);
    expect(evidenceOf(runs(10, 0), LIMITS, false)).toMatchObject({ verified: 10, failed: 0, isEarned: true });
  });

  test("not while too many of them did not hold", () => {
    expect(evidenceOf(runs(12, 3), LIMITS, false).isEarned).toBe(false);
    expect(evidenceOf(runs(90, 10), LIMITS, false).isEarned).toBe(true);
  });

  test("for several nodes only when it was seen on two: none speaks for the others", () => {
    expect(evidenceOf(runs(50, 0), LIMITS, true).isEarned).toBe(false);
    expect(evidenceOf([...runs(50, 0), ...runs(1, 0, "b")], LIMITS, true).isEarned).toBe(true);
  });
});

describe("which grant speaks for a node", () => {
  const id = `n_${"a".repeat(26)}`;
  const place = { id, labels: { tier: "web" }, group: "g" };
  const grant = (scope: string, state: "shadow" | "ask" | "act") => ({ scope, state });

  test("the narrowest", () => {
    const grants = [grant("*", "shadow"), grant(`node:${id}`, "act"), grant("group:g", "ask")];
    expect(speakingGrant(grants, place)).toEqual(grants[1]!);
    expect(speakingGrant(grants, { ...place, id: "n_other" })).toEqual(grants[2]!);
    expect(speakingGrant(grants, { id: "n_other", labels: {}, group: null })).toEqual(grants[0]!);
  });

  test("of two as narrow, the more careful", () => {
    expect(speakingGrant([grant("group:g", "act"), grant("label:tier=web", "ask")], place)?.state).toBe(
      "ask",
    );
  });

  test("none, where none fits", () => {
    expect(speakingGrant([grant("group:other", "act")], place)).toBeNull();
  });
});

test("a scope is one of access, or a node", () => {
  for (const scope of ["*", `node:n_${"a".repeat(26)}`, "label:a=b", "group:web"])
    expect(isAutonomyScope(scope)).toBe(true);
  for (const scope of ["", "all", "node:web-1", "group:", "label:a"])
    expect(isAutonomyScope(scope)).toBe(false);
});
