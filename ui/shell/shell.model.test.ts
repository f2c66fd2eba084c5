import { expect, test } from "bun:test";
import { detailHref, detailOf } from "./detail.model.ts";
import { screenOf } from "./screens.ts";
import { shortList } from "./short-list.model.ts";

test("the panel is in the address, and filters stay beside it", () => {
  expect(detailHref("?state=degraded&problem=1", { kind: "intent", id: "2" })).toBe(
    "?state=degraded&intent=2",
  );
  expect(detailHref("?state=degraded&intent=2", null)).toBe("?state=degraded");
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
