import { expect, test } from "bun:test";
import { visibleRows } from "./virtual.model.ts";

const view = { height: 800, rowPx: 40, count: 10_000 };

test("only rows near the window are drawn, the others are room", () => {
  const rows = visibleRows({ ...view, top: 40_000 });
  expect(rows).toEqual({ from: 998, to: 1022, before: 998 * 40, after: (10_000 - 1022) * 40 });
});

test("the room above, the rows and the room below are as high as the whole list, wherever one is", () => {
  for (const top of [-500, 0, 7, 123_456, 399_999, 500_000]) {
    const { from, to, before, after } = visibleRows({ ...view, top });
    expect(before + (to - from) * view.rowPx + after).toBe(view.count * view.rowPx);
    expect(to - from).toBeLessThanOrEqual(48);
  }
});

test("a small step of the wheel draws the same rows", () => {
  expect(visibleRows({ ...view, top: 40_090 })).toEqual(visibleRows({ ...view, top: 40_010 }));
});

test("a list that begins below the window draws its first rows only when they come near", () => {
  expect(visibleRows({ ...view, top: -5000 })).toMatchObject({ from: 0, to: 0, before: 0 });
  expect(visibleRows({ ...view, top: -700 }).to).toBeGreaterThan(2);
});
