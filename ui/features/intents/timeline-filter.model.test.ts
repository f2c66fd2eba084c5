import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import { fitsTimeline, timelineQuery } from "./timeline-filter.model.ts";

const { intents } = fleetAt(Date.UTC(2026, 10, 22, 12));

test("outcomes are groups of states, for the server as for what is here", () => {
  expect(timelineQuery({ outcome: "bad", kind: "repair", q: " x " })).toEqual({
    kind: "repair",
    state: "failed,undone,unknown",
    text: "x",
  });
  const shown = intents.filter((intent) => fitsTimeline(intent, { outcome: "waiting" }));
  expect(shown.every((intent) => intent.state === "proposed")).toBe(true);
  expect(shown.length).toBeGreaterThan(0);
});

test("an address that says nonsense filters nothing", () => {
  expect(timelineQuery({ outcome: "luck", kind: "poem" })).toEqual({});
  expect(intents.filter((intent) => fitsTimeline(intent, {}))).toHaveLength(intents.length);
});
