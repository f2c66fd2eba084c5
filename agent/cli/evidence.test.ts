import { expect, test } from "bun:test";
import { evidenceText } from "./evidence.ts";

const bundle = {
  id: "01a21a75-5162-7228-9bef-89ba8cdcce88",
  problemId: "01a21a75-50d8-7620-99e3-058f4a9e2dfd",
  intentId: null,
  takenAt: "2026-11-22T09:00:00.000Z",
  sha256: "ab".repeat(32),
};

test("evidence is printed part by part, each below its name", () => {
  const parts = { problem: "demo is critical\n", memory: "MemTotal: 4 kB\nMemFree: 1 kB" };
  const text = evidenceText({ ...bundle, parts }, "web-1");
  expect(text).toStartWith(`evidence ${bundle.id} · frozen 11-2`);
  expect(text).toContain("on web-1");
  expect(text).toEndWith(
    "\n\n== problem ==\ndemo is critical\n\n== memory ==\nMemTotal: 4 kB\nMemFree: 1 kB",
  );
});

test("T76 what a host wrote into evidence moves no cursor and colours nothing", () => {
  const text = evidenceText(
    { ...bundle, parts: { "log\u001b[2J": "a\u001b[31mred\tb\u202e" } },
    "w\u001b]0;x",
  );
  for (const steers of ["\u001b", "\u202e"]) expect(text).not.toContain(steers);
  expect(text).toContain("red\tb");
});
