import { expect, test } from "bun:test";
import { placeBeside } from "./place.model.ts";

const VIEW = { width: 1366, height: 860 };
const button = (top: number, right = 1340) => ({ left: right - 70, right, top, bottom: top + 28 });

test("a panel opens below its button, and above it where only that holds all of it", () => {
  expect(placeBeside(button(200), 288, 480, VIEW)).toEqual({ left: 1052, top: 234 });
  expect(placeBeside(button(700), 288, 480, VIEW)).toEqual({ left: 1052, top: 214 });
});

test("what fits neither above nor below stands beside its button, whole and not over the header", () => {
  expect(placeBeside(button(440), 288, 480, VIEW)).toEqual({ left: 976, top: 372 });
});

test("on a narrow window a panel that fits nowhere covers what it must", () => {
  expect(placeBeside(button(300, 300), 288, 620, { width: 390, height: 700 })).toEqual({ left: 12, top: 72 });
});

test("a panel stays inside the window at both edges", () => {
  expect(placeBeside(button(100, 90), 288, 200, VIEW).left).toBe(8);
});
