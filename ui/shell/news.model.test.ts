import { expect, test } from "bun:test";
import { en } from "../lib/en.ts";
import { fleetAt } from "../testing/fixtures.ts";
import { look, newsSince } from "./news.model.ts";

const { problems, intents } = fleetAt(Date.UTC(2026, 10, 22, 12));
const nothing = { open: new Set<string>(), verified: new Set<string>() };

test("what was there at the first look is no news", () => {
  expect(newsSince(look(problems, intents), problems, intents, en)).toEqual([]);
});

test("one new problem is told by name, red when it waits for a person", () => {
  const critical = problems.find((problem) => problem.severity === "critical" && problem.level === "L3")!;
  expect(newsSince(nothing, [critical], [], en)).toEqual([
    { message: `${critical.nodeName}: ${critical.summary}`, tone: "bad" },
  ]);
  expect(newsSince(nothing, [{ ...critical, level: "L1" }], [], en)[0]!.tone).toBe("warn");
});

test("a storm is a number", () => {
  const many = Array.from({ length: 40 }, (_, index) => ({ ...problems[0]!, id: `p${index}` }));
  expect(newsSince(nothing, many, [], en).map(({ message }) => message)).toEqual(["40 new problems"]);
});

test("a verified repair is good news, one that only runs is none", () => {
  const repair = intents.find((intent) => intent.kind === "repair")!;
  expect(newsSince(nothing, [], [{ ...repair, state: "executing" }], en)).toEqual([]);
  expect(newsSince(nothing, [], [{ ...repair, state: "verified" }], en)).toEqual([
    { message: `Repaired: ${repair.summary}`, tone: "ok" },
  ]);
});

test("what is only observed is not told", () => {
  expect(newsSince(nothing, [{ ...problems[0]!, severity: "observe" }], [], en)).toEqual([]);
});
