import { expect, test } from "bun:test";
import { detailHref, detailOf } from "./detail.model.ts";
import { SCREENS, screenOf } from "./screens.ts";
import { actionOf, GO_KEYS, nodeBeside } from "./shortcuts.model.ts";
import { shortList } from "./short-list.model.ts";

test("the panel is in the address, and filters stay beside it", () => {
  expect(detailHref("?state=degraded&problem=1", { kind: "intent", id: "2" })).toBe(
    "?state=degraded&intent=2",
  );
  expect(detailHref("?state=degraded&intent=2", null)).toBe("?state=degraded");
  expect(detailHref("?intent=2", null)).toBe("");
});

test("a detail is read from the address; an empty or repeated one is none", () => {
  expect(detailOf({ problem: "1" })).toEqual({ kind: "problem", id: "1" });
  expect(detailOf({ problem: "" })).toBeNull();
  expect(detailOf({ problem: ["1", "2"] })).toBeNull();
});

test("a node belongs to the fleet, an unknown path to nothing", () => {
  expect(screenOf("/")?.name).toBe("fleet");
  expect(screenOf("/nodes/n_a")?.name).toBe("fleet");
  expect(screenOf("/problems")?.name).toBe("problems");
  expect(screenOf("/problematic")).toBeUndefined();
});

test("long lists of names are cut short", () => {
  const andMore = (names: string, n: number) => `${names} and ${n} more`;
  expect(shortList(["a", "b"], andMore)).toBe("a, b");
  expect(shortList(["a", "b", "c", "d", "e"], andMore)).toBe("a, b, c and 2 more");
});

test("every screen has a key after g", () => {
  expect(GO_KEYS.map((go) => go.path).sort()).toEqual(SCREENS.map((screen) => screen.path).sort());
  expect(actionOf({ key: "p", taken: false, afterG: true })).toEqual({ kind: "go", path: "/problems" });
  expect(actionOf({ key: "x", taken: false, afterG: true })).toBeNull();
});

test("[ and ] go round the fleet, and do nothing where no node is shown", () => {
  const ids = ["a", "b", "c"];
  expect(nodeBeside("/nodes/c", ids, 1)).toBe("a");
  expect(nodeBeside("/nodes/a", ids, -1)).toBe("c");
  expect(nodeBeside("/problems", ids, 1)).toBeUndefined();
  expect(nodeBeside("/nodes/a", ["a"], 1)).toBeUndefined();
});

test("keys act alone, and never while somebody types or holds a modifier", () => {
  expect(actionOf({ key: "g", taken: false, afterG: false })).toBe("g");
  expect(actionOf({ key: "/", taken: false, afterG: false })).toEqual({ kind: "filter" });
  expect(actionOf({ key: "k", taken: false, afterG: false })).toEqual({ kind: "move", by: -1 });
  expect(actionOf({ key: "j", taken: true, afterG: false })).toBeNull();
});
