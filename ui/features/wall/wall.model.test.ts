import { expect, test } from "bun:test";
import { commonDomain, layoutOf, rootPx, rowsOf } from "./wall.model.ts";

const room = { width: 60, height: 38 };

test("few nodes have roomy tiles, more of them smaller ones, and all of them fit", () => {
  expect(layoutOf(1, room)).toEqual({ form: "roomy", columns: 3, shown: 1 });
  expect(layoutOf(12, room)).toMatchObject({ form: "roomy", shown: 12 });
  expect(layoutOf(13, room)).toMatchObject({ form: "plain", shown: 13 });
  expect(layoutOf(80, room)).toMatchObject({ form: "tight", shown: 80 });
});

test("of a large fleet as many are shown as fit beside the word about the others", () => {
  const { form, columns, shown } = layoutOf(10_000, room);
  expect(form).toBe("tight");
  expect(shown % columns).toBe(columns - 1);
  expect(shown).toBeLessThan(100);
});

test("a window without room shows at least that there are nodes", () => {
  expect(layoutOf(5, { width: 0, height: 0 })).toEqual({ form: "tight", columns: 1, shown: 0 });
  expect(rowsOf(5, 0, 3)).toBe(0);
});

test("a list that is too long keeps its last row for saying so", () => {
  expect([rowsOf(3, 9, 3), rowsOf(4, 9, 3), rowsOf(0, 9, 3)]).toEqual([3, 2, 0]);
});

test("everything grows with the screen, from a desk's size on", () => {
  expect([rootPx(390), rootPx(1366), rootPx(1920), rootPx(3840), rootPx(10_000)]).toEqual([
    16, 16, 20, 40, 48,
  ]);
});

test("the domain that all share is left out, and nothing else", () => {
  expect(commonDomain(["web-1.ams.example.net", "db-1.ams.example.net"])).toBe(".ams.example.net");
  expect(commonDomain(["web-1.ams.example.net", "db-1.fra.example.net"])).toBe(".example.net");
  expect(commonDomain(["web-1.example.net", "example.net"])).toBe(".net");
  expect(commonDomain(["web-1", "db-1.example.net"])).toBe("");
  expect(commonDomain(["web-1.example.net"])).toBe("");
});
