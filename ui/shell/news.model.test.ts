import { expect, test } from "bun:test";
import { en } from "../texts/en/frame.ts";
import { decisionAt } from "../testing/decision-fixture.ts";
import { fleetAt } from "../testing/fixtures.ts";
import { look, newsSince, type Told } from "./news.model.ts";

const { problems, intents } = fleetAt(Date.UTC(2026, 10, 22, 12));
const told = (change: Partial<Told> = {}): Told => ({
  problems: [],
  intents: [],
  decisions: [],
  autonomy: [],
  ...change,
});
const nothing = look(told());

test("what was there at the first look is no news", () => {
  expect(newsSince(look(told({ problems, intents })), told({ problems, intents }), en)).toEqual([]);
});

test("one new problem is told by name, red when it waits for a person", () => {
  const critical = problems.find((problem) => problem.severity === "critical" && problem.level === "L3")!;
  expect(newsSince(nothing, told({ problems: [critical] }), en)).toEqual([
    { message: `${critical.nodeName}: ${critical.summary}`, tone: "bad" },
  ]);
  expect(newsSince(nothing, told({ problems: [{ ...critical, level: "L1" }] }), en)[0]!.tone).toBe("warn");
});

test("a storm is a number", () => {
  const many = Array.from({ length: 40 }, (_, index) => ({ ...problems[0]!, id: `p${index}` }));
  expect(newsSince(nothing, told({ problems: many }), en).map(({ message }) => message)).toEqual([
    "40 new problems",
  ]);
});

test("a verified repair is good news, one that only runs is none", () => {
  const repair = intents.find((intent) => intent.kind === "repair")!;
  expect(newsSince(nothing, told({ intents: [{ ...repair, state: "executing" }] }), en)).toEqual([]);
  expect(newsSince(nothing, told({ intents: [{ ...repair, state: "verified" }] }), en)).toEqual([
    { message: `Repaired: ${repair.summary}`, tone: "ok" },
  ]);
});

test("what is only observed is not told", () => {
  expect(newsSince(nothing, told({ problems: [{ ...problems[0]!, severity: "observe" }] }), en)).toEqual([]);
});

test("nobody misses what is about to run, a judge that was swayed, or autonomy that was lost", () => {
  const decision = decisionAt(Date.UTC(2026, 10, 22, 12));
  const cooling = { ...decision, coolingUntil: "2026-11-22T12:02:00.000Z" };
  expect(newsSince(nothing, told({ decisions: [cooling] }), en)[0]).toMatchObject({ tone: "bad" });
  expect(newsSince(look(told({ decisions: [cooling] })), told({ decisions: [cooling] }), en)).toEqual([]);
  const voice = { ...decision.voices[0]!, reason: "twin_differs" as const };
  const swayed = { ...decision, state: "rejected" as const, voices: [voice] };
  expect(newsSince(nothing, told({ decisions: [swayed] }), en)[0]!.message).toContain("swayed");
  const grant = { id: "g", repair: "service.start", state: "ask", by: "cortex" } as Told["autonomy"][number];
  expect(newsSince(nothing, told({ autonomy: [grant] }), en)).toEqual([
    { message: "service.start did not hold and asks again", tone: "warn" },
  ]);
  expect(newsSince(nothing, told({ autonomy: [{ ...grant, by: "user:anna" }] }), en)).toEqual([]);
});
