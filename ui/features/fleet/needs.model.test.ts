import { expect, test } from "bun:test";
import { calmFleet, emptyFleet, fleetAt } from "../../testing/fixtures.ts";
import { countNeeds, needsOf, toldRepair } from "./needs.model.ts";
import { text } from "./texts.ts";

const en = text();

const NOW = Date.UTC(2026, 10, 22, 12);
const fleet = fleetAt(NOW);
const needs = needsOf(fleet.nodes, fleet.problems, fleet.intents, en);

test("what only a person can do comes first, then decisions, then silent nodes", () => {
  expect(needs.map(({ word, title }) => `${word}: ${title}`)).toEqual([
    "Look: md0 is degraded: 1 of 2 disks left, sdb failed",
    "Decide: Vacuum the journal to 500 MiB",
    "Offline: edge-9.home is silent",
    "Late: edge-7.home is silent",
  ]);
});

test("a problem and its proposal are one need, with the proposal's deadline", () => {
  const decide = needs.filter((need) => need.word === "Decide");
  expect(decide).toHaveLength(1);
  expect(decide[0]!.deadline).toBe(fleet.intents[2]!.expiresAt);
});

test("a proposal that is not at hand is still a need, found through its problem", () => {
  const without = needsOf(
    fleet.nodes,
    fleet.problems,
    fleet.intents.filter((one) => one.state !== "proposed"),
    en,
  );
  expect(without.find((need) => need.word === "Decide")).toMatchObject({ detail: { kind: "problem" } });
});

test("what repairs itself, waits for its next attempt or only is observed needs nobody", () => {
  const titles = needs.map((need) => need.title).join();
  expect(titles).not.toContain("nginx");
  expect(titles).not.toContain("restic");
  const observed = fleet.problems.map((problem) => ({ ...problem, severity: "observe" as const }));
  expect(needsOf([], observed, [], en)).toEqual([]);
});

test("a crash that the probe can't explain needs a person", () => {
  const intents = [{ ...fleet.intents[3]!, state: "unknown" as const }];
  expect(needsOf([], [], intents, en)).toMatchObject([{ word: "Look", tone: "unknown" }]);
});

test("shadow intents ask for nothing", () => {
  const shadow = fleet.intents.map((intent) => ({ ...intent, shadow: true, problemId: null }));
  expect(needsOf([], [], shadow, en)).toEqual([]);
});

test("a calm fleet and an empty one need nobody", () => {
  const calm = calmFleet(NOW);
  expect(needsOf(calm.nodes, calm.problems, calm.intents, en)).toEqual([]);
  expect(needsOf(emptyFleet().nodes, [], [], en)).toEqual([]);
});

test("many silent nodes are one need, counted by the Monitor", () => {
  const offline = fleet.nodes.find((node) => node.state === "offline")!;
  const silent = Array.from({ length: 40 }, (_, index) => ({
    ...offline,
    id: `n${index}`,
    name: `web-${index}`,
  }));
  const states = {
    online: 1,
    degraded: 0,
    late: 0,
    offline: 900,
    quarantined: 0,
    pending: 0,
    unheard: 0,
    revoked: 0,
  };
  expect(needsOf(silent, [], [], en, states)).toMatchObject([
    { title: "900 nodes are silent", href: "/?state=offline", where: ["web-0, web-1, …"] },
  ]);
});

test("of a large fleet the Monitor counts the problems that wait; what is here is not counted twice", () => {
  const person = fleet.problems.filter(({ id }) => needs.some(({ key }) => key === id)).length;
  expect(person).toBeGreaterThan(0);
  expect(countNeeds(needs, fleet.problems, person + 4000)).toBe(needs.length + 4000);
  // It may be a moment behind.
  expect(countNeeds(needs, fleet.problems, 0)).toBe(needs.length);
});

test("who has to look is told why: what the last repair stumbled over, else what holds the next", () => {
  const look = needs.find((need) => need.word === "Look")!;
  const problem = fleet.problems.find((one) => one.id === look.key)!;
  expect(look.advice).toBe(problem.guards.holdText);
  const summary = '/usr/bin/pythonX does not exist; correct "start"';
  const failed = {
    ...fleet.intents[3]!,
    ...{ problemId: problem.id, state: "failed" as const, createdAt: new Date(NOW).toISOString() },
    outcome: [{ step: "precondition", ok: false, summary, at: new Date(NOW).toISOString() }],
  };
  expect(needsOf([], [problem], [failed], en)[0]!.advice).toBe(summary);
});

test("the calm line tells of the repair under way before one that is over, and of one that failed as well", () => {
  const base = { ...fleet.intents[3]!, kind: "repair" as const, finishedAt: null };
  const acting = { ...base, id: "a", state: "verifying" as const };
  const failed = { ...base, id: "f", state: "failed" as const, finishedAt: new Date(NOW).toISOString() };
  expect(toldRepair([failed, acting])).toMatchObject({ intent: { id: "a" }, acting: 1 });
  expect(toldRepair([failed])).toMatchObject({ intent: { id: "f" }, acting: 0 });
  expect(toldRepair([{ ...base, state: "proposed" as const }])).toBeNull();
});
