import { expect, test } from "bun:test";
import { exitCodeOf, type StatusAnswer, statusText } from "./status.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const calm: StatusAnswer = {
  running: true,
  pid: 4711,
  role: "Monitor",
  version: "1.2.3",
  startedAt: "2026-11-22T09:00:00Z",
  monitor: null,
  nodes: { online: 2, late: 0, offline: 1 },
  switch: "on",
  needsYou: { decisions: [], problems: [], unconfirmed: 0, pendingNodes: 0 },
  openProblems: 0,
  lastRepair: null,
};
const decision = {
  id: "0198-aaaa-11112222",
  summary: "Restart db",
  node: "vm",
  expiresAt: "2026-11-22T10:12:00Z",
};
const waiting = { ...calm, needsYou: { ...calm.needsYou, decisions: [decision] } };

test("one screen says whether it runs, which nodes there are, and that nobody is needed", () => {
  const text = statusText(calm, NOW);
  expect(text).toContain("running as Monitor 1.2.3, since");
  expect(text).toContain("pid 4711");
  expect(text).toMatch(/Nodes +2 online, 1 offline/);
  expect(text).toMatch(/Last repair +none yet/);
  expect(text).toMatch(/Needs you +nothing/);
  expect(exitCodeOf(calm)).toBe(0);
});

test("what waits for a person is named with the time that is left, and is exit code 1", () => {
  expect(statusText(waiting, NOW)).toMatch(
    /Needs you +decide by .* \(in 12m\): Restart db on vm {2}11112222/,
  );
  expect(exitCodeOf(waiting)).toBe(1);
});

test("what is being confirmed is told and calls nobody yet", () => {
  const young = { ...calm, needsYou: { ...calm.needsYou, unconfirmed: 1 } };
  expect(statusText(young, NOW)).toContain("1 critical result being confirmed");
  expect(exitCodeOf(young)).toBe(0);
});

test("a Cortex that does not run is no all-clear, whatever it wrote down before", () => {
  const stopped = { ...calm, running: false, startedAt: null, version: null, pid: null };
  expect(statusText(stopped, NOW)).toContain("it does not run on this folder");
  expect(statusText(stopped, NOW)).toContain("nothing that was written down");
  expect(statusText(stopped, NOW)).toContain("2 online, 1 offline, as last heard");
  expect(exitCodeOf(stopped)).toBe(69);
});

test("a long list ends with where the rest is", () => {
  const many = { ...calm, needsYou: { ...calm.needsYou, decisions: Array(9).fill(decision) } };
  expect(statusText(many, NOW)).toContain("and 4 more: cortex decisions, cortex problems");
});
