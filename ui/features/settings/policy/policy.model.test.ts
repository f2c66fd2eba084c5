import { expect, test } from "bun:test";
import { enPolicy } from "../../../texts/en/policy.ts";
import type { BacktestResult, PolicyRule } from "./policy.api.ts";
import {
  addUp,
  conditionsOf,
  diffRows,
  isOver,
  offsetOf,
  testedShare,
  verdictLook,
  worthALine,
} from "./policy.model.ts";

const rule = (more: Partial<PolicyRule>): PolicyRule => ({
  id: "web",
  when: { group: "web" },
  verdict: "human",
  ...more,
});

test("a rule says in words when it speaks and what it says", () => {
  const when = { repair: "service.*", class: ["R1" as const, "R2" as const], label: { site: "ams" } };
  expect(conditionsOf(rule({ when }), enPolicy)).toEqual([
    { name: "Repair", value: "service.*" },
    { name: "Class", value: "R1, R2" },
    { name: "Label", value: "site=ams" },
  ]);
  expect(verdictLook(rule({}), enPolicy).word).toBe("Ask people");
  expect(verdictLook(rule({ llm_may_decide: true }), enPolicy).word).toBe("Ask a judge");
});

test("a rule ends at its end", () => {
  const expires = "2026-01-01T00:00:00Z";
  expect(isOver(rule({ expires }), Date.parse(expires) - 1)).toBe(false);
  expect(isOver(rule({ expires }), Date.parse(expires))).toBe(true);
});

test("a difference has the numbers of both sides, and leaves out what is far from it", () => {
  const before = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`);
  const after = before.with(1, "second").with(27, "last but two");
  const rows = diffRows(`${before.join("\n")}\n`, `${after.join("\n")}\n`);
  expect(rows.filter(({ kind }) => kind !== "same")).toEqual([
    { kind: "removed", before: 2, after: null, text: "line 2" },
    { kind: "added", before: null, after: 2, text: "second" },
    { kind: "gap", before: null, after: null, text: "" },
    { kind: "removed", before: 28, after: null, text: "line 28" },
    { kind: "added", before: null, after: 28, text: "last but two" },
  ]);
  expect(diffRows("a\n", "a\n")).toEqual([]);
});

const page = (more: Partial<BacktestResult>): BacktestResult => ({
  since: "2026-01-01T00:00:00.000Z",
  until: "2026-01-06T00:00:00.000Z",
  next: "more",
  changed: 1,
  summary: {
    cases: 2,
    would: { allow: 1, judge: 0, human: 1, deny: 0 },
    findings: { rejected: 0, failed: 0, stopped: 0 },
    spared: 1,
    ok: true,
  },
  cases: [],
  ...more,
});

test("pages of a test add up, and what was found on any of them stands first", () => {
  const one = (id: string, finding: "failed" | null) => ({ id, finding }) as BacktestResult["cases"][number];
  const bad = page({
    next: null,
    until: "2026-01-02T00:00:00.000Z",
    summary: { ...page({}).summary, findings: { rejected: 0, failed: 1, stopped: 0 }, ok: false },
    cases: [one("b", "failed")],
  });
  const all = addUp(addUp(null, page({ cases: [one("a", null)] })), bad);
  expect(all).toMatchObject({
    changed: 2,
    next: null,
    summary: { cases: 4, would: { allow: 2, human: 2 }, findings: { failed: 1 }, spared: 2, ok: false },
  });
  expect(all.cases.map(({ id }) => id)).toEqual(["b", "a"]);
});

test("how far a test has come is told by time", () => {
  const now = Date.parse("2026-01-11T00:00:00.000Z");
  expect(testedShare(page({}), now)).toBe(0.5);
  expect(testedShare(page({ next: null }), now)).toBe(1);
});

test("what is decided as before, and well, is not worth a line", () => {
  const one = (id: string, would: string, finding: string | null) =>
    ({ id, would, inForce: "human", finding }) as BacktestResult["cases"][number];
  const shown = worthALine(
    page({ cases: [one("a", "allow", null), one("b", "human", null), one("c", "human", "stopped")] }),
  );
  expect(shown.map(({ id }) => id)).toEqual(["a", "c"]);
});

test("the cursor goes to where the mistake is", () => {
  const text = "version: 1\nrules: []\n";
  expect(offsetOf(text, 2, 1)).toBe(11);
  expect(offsetOf(text, 2, 99)).toBe(20);
  expect(offsetOf(text, 9, 1)).toBe(text.length);
});
