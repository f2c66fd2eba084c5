import { expect, test } from "bun:test";
import { stableOrder } from "./stable-order.model.ts";

const items = (...ids: string[]) => ids.map((id) => ({ id }));

test("a list nobody is on is simply sorted", () => {
  expect(stableOrder(items("b", "a"), ["a", "b"], false)).toEqual({ items: items("b", "a"), waiting: 0 });
});

test("a held list keeps its order with new content, and newcomers wait", () => {
  const sorted = [{ id: "new" }, { id: "b", hot: true }, { id: "a" }];
  expect(stableOrder(sorted, ["a", "b"], true)).toEqual({
    items: [{ id: "a" }, { id: "b", hot: true }],
    waiting: 1,
  });
});

test("what is gone goes, also from a held list", () => {
  expect(stableOrder(items("a"), ["a", "b"], true)).toEqual({ items: items("a"), waiting: 0 });
});

test("a held list that was empty shows what comes", () => {
  expect(stableOrder(items("a"), [], true)).toEqual({ items: items("a"), waiting: 0 });
});
