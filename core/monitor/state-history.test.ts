import { expect, test } from "bun:test";
import { noted, slotAt, slotState, type StateHistory } from "./state-history.ts";

const seen = (steps: [slot: number, state: Parameters<typeof noted>[2]][]): StateHistory =>
  steps.reduce<StateHistory | undefined>((known, [slot, state]) => noted(known, slot, state), undefined)!;

test("a node that was just met has no data but of now", () => {
  expect(seen([[100, "o"]])).toEqual({ slot: 100, states: "95.1o" });
});

test("each quarter keeps the worst that was seen in it", () => {
  const steps: Parameters<typeof seen>[0] = [
    [100, "o"],
    [100, "c"],
    [100, "o"],
    [101, "o"],
  ];
  expect(seen(steps).states).toBe("94.1c1o");
});

test("what nobody looked at is no data, never ok", () => {
  expect(
    seen([
      [100, "o"],
      [104, "o"],
    ]).states,
  ).toBe("91.1o3.1o");
  expect(
    seen([
      [100, "c"],
      [5000, "o"],
    ]).states,
  ).toBe("95.1o");
});

test("a day holds 96 quarters and no more", () => {
  let history = seen([[0, "c"]]);
  for (let slot = 1; slot <= 95; slot += 1) history = noted(history, slot, "o");
  expect(history.states).toBe("1c95o");
  expect(noted(history, 96, "o").states).toBe("96o");
});

test("a clock that went back can make the newest quarter worse, nothing else", () => {
  const history = seen([
    [100, "o"],
    [101, "o"],
  ]);
  expect(noted(history, 90, "o")).toBe(history);
  expect(noted(history, 90, "x")).toEqual({ slot: 101, states: "94.1o1x" });
});

test("what changes nothing is the same object, so that nothing is written", () => {
  const history = seen([[100, "w"]]);
  expect(noted(history, 100, "o")).toBe(history);
});

test("a degraded node is critical by its problems, silence by its length", () => {
  expect(slotState("degraded", 0)).toBe("w");
  expect(slotState("degraded", 1)).toBe("c");
  expect(slotState("late", 3)).toBe("l");
  expect(slotState("offline", 0)).toBe("x");
  expect(slotAt(Date.UTC(1970, 0, 1, 0, 15))).toBe(1);
});
