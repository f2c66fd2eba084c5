import { describe, expect, test } from "bun:test";
import type { Intent } from "../../data/types.ts";
import { fleetAt } from "../../testing/fixtures.ts";
import {
  compareProblems,
  eventWord,
  guardLines,
  intentsByProblem,
  severityLook,
  stageLook,
  stageOf,
  withNames,
} from "./problem.model.ts";
import { text } from "./texts.ts";

const en = text();

const NOW = Date.UTC(2026, 10, 22, 12);
const { problems, intents } = fleetAt(NOW);
const [nginx, disk, raid, backup, resolved] = problems as [
  (typeof problems)[number],
  (typeof problems)[number],
  (typeof problems)[number],
  (typeof problems)[number],
  (typeof problems)[number],
];
const newest = intentsByProblem(intents);
const stage = (problem: typeof nginx) => stageOf(problem, newest.get(problem.id));

describe("what is happening about a problem", () => {
  test("it is read from its newest intent, its level and what holds it", () => {
    expect([nginx, disk, raid, backup, resolved].map(stage)).toEqual([
      "repairing",
      "proposed",
      "person",
      "held",
      "resolved",
    ]);
  });

  test("what is only observed needs nobody", () => {
    expect(stageOf({ ...raid, severity: "observe" }, undefined)).toBe("observed");
  });

  test("a repair that starts counts more than an old hold", () => {
    expect(stageOf({ ...backup, level: "L3" }, { ...newest.get(nginx.id)!, problemId: backup.id })).toBe(
      "repairing",
    );
  });

  test("an L3 that waits for its next attempt is not yet a person's business", () => {
    expect(stageOf({ ...backup, level: "L3" }, undefined)).toBe("held");
  });

  test("the child of a broken parent points at it", () => {
    expect(stageOf({ ...raid, becauseOf: nginx.id }, undefined)).toBe("because");
  });

  test("an open problem that nothing holds is being handled", () => {
    expect(stageOf(nginx, undefined)).toBe("watching");
  });

  test("the words name the hold", () => {
    expect(stageLook("held", backup, en).word).toBe("Waits to try again");
    expect(stageLook("person", raid, en)).toMatchObject({ word: "No repair known", tone: "bad" });
    expect(stageLook("person", { ...raid, guards: { ...raid.guards, hold: null } }, en).word).toBe(
      "Needs a person",
    );
  });
});

test("red is for what waits for a person: a critical problem that repairs itself is amber", () => {
  expect(severityLook(raid, en)).toMatchObject({ tone: "bad", word: "Critical" });
  expect(severityLook(nginx, en)).toMatchObject({ tone: "warn", word: "Critical" });
  expect(severityLook(resolved, en)).toMatchObject({ tone: "ok", word: "Resolved" });
});

test("worst first, then the highest level, then who has waited longest", () => {
  expect([backup, nginx, disk, raid].sort(compareProblems)).toEqual([raid, disk, nginx, backup]);
});

test("the newest intent of a problem counts", () => {
  const old = { ...intents[0]!, id: "old", createdAt: "2020-01-01T00:00:00.000Z" };
  expect(intentsByProblem([intents[0]!, old]).get(nginx.id)!.id).toBe(intents[0]!.id);
});

test("limits say what is used, what is left and when that changes", () => {
  const lines = guardLines(backup, NOW, en);
  expect(lines.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    "Attempts: 2 of 3 used, 1 left",
    "Next attempt: waits",
    "Repaired in 24 h: 0 times",
  ]);
  expect(lines[0]!.until).toBe(backup.guards.attemptsResetAt);
});

test("limits that have passed are not shown", () => {
  const passed = { ...backup, guards: { ...backup.guards, cooldownUntil: new Date(NOW - 1).toISOString() } };
  expect(guardLines(passed, NOW, en).map((line) => line.name)).not.toContain("Cool-down");
  const open = { ...backup, guards: { ...backup.guards, breakerUntil: new Date(NOW + 1).toISOString() } };
  expect(guardLines(open, NOW, en).map((line) => line.name)).toContain("Breaker");
});

test("lines of the history have words, those about a reason the words of the reason", () => {
  expect(["opened", "no_repair", "attempt_wait", "something.new"].map((kind) => eventWord(kind, en))).toEqual(
    ["Opened", "No repair known", "Waits to try again", "something new"],
  );
});

test("an intent is named, not numbered, where it is known", () => {
  const id = "01a21905-8fe9-76c4-a2e1-464e1973a5c1";
  const known = { id, summary: "Start process demo" } as Intent;
  expect(withNames(`repaired by intent ${id}`, [known])).toBe("repaired: Start process demo");
  expect(withNames(`repaired by intent ${id}`, [])).toBe(`repaired by intent ${id}`);
});
