import { expect, test } from "bun:test";
import { heatAt, heatCounts, heatPaths, SLOT_MS, SLOTS } from "./heat.model.ts";

const at = (slot: number) => slot * SLOT_MS + 60_000;

test("runs become 96 letters that end with the quarter of now", () => {
  const states = heatAt({ slot: 1000, states: "90o5w1c" }, at(1000), "c");
  expect(states).toHaveLength(SLOTS);
  expect(states.slice(-7).join("")).toBe("owwwwwc");
});

test("a history that is behind goes on with how the node is now", () => {
  expect(heatAt({ slot: 1000, states: "95.1o" }, at(1003), "x").slice(-5).join("")).toBe(".oxxx");
  expect(new Set(heatAt({ slot: 10, states: "96o" }, at(5000), "x"))).toEqual(new Set(["x"]));
});

test("a short history has no data before it, and a browser's clock that is behind changes nothing", () => {
  expect(heatAt({ slot: 1000, states: "2o" }, at(900), "x").slice(-3).join("")).toBe(".oo");
});

test("each state is one path, and what is worse stands higher", () => {
  const paths = heatPaths(heatAt({ slot: 1, states: "94o1c1o" }, at(1), "o"));
  expect(paths).toEqual([
    { state: "o", path: "M0 16v-5h94v5zM95 16v-5h1v5z" },
    { state: "c", path: "M94 16v-16h1v16z" },
  ]);
});

test("the summary counts time per state, worst first, with when it last was", () => {
  const counts = heatCounts(heatAt({ slot: 1000, states: "92o2c2o" }, at(1000), "o"), at(1000));
  expect(counts).toEqual([
    { state: "c", ms: 2 * SLOT_MS, lastAt: 997 * SLOT_MS },
    { state: "o", ms: 94 * SLOT_MS, lastAt: 999 * SLOT_MS },
  ]);
});
