import { expect, test } from "bun:test";
import { parseShow } from "../common/systemd-unit.ts";
import { parseMonotonic, parseSpan, parseTimestamp, parseUnitFiles, parseUnits } from "./systemd.parse.ts";

test("marks, aligned columns and blanks in descriptions are no obstacle", () => {
  const text =
    "● a.service   not-found inactive dead a.service\n  -.mount loaded active mounted Root Mount\n× b.timer masked failed failed B  c\n\n3 loaded units listed.\n";
  expect(parseUnits(text)).toEqual([
    { name: "a.service", load: "not-found", active: "inactive", sub: "dead", description: "a.service" },
    { name: "-.mount", load: "loaded", active: "active", sub: "mounted", description: "Root Mount" },
    { name: "b.timer", load: "masked", active: "failed", sub: "failed", description: "B c" },
  ]);
  expect(parseUnits("")).toEqual([]);
});

test("unit files have two or three columns", () => {
  expect(parseUnitFiles("a.service enabled\nb.timer enabled disabled\n\n2 unit files listed.\n")).toEqual([
    { name: "a.service", state: "enabled" },
    { name: "b.timer", state: "enabled" },
  ]);
});

test("blocks of properties keep signs of equality in values", () => {
  expect(
    parseShow("Id=a.service\nExecStart={ path=/bin/a ; argv[]=/bin/a x=y }\n\nId=b.service\nNRestarts=\n"),
  ).toEqual([
    { Id: "a.service", ExecStart: "{ path=/bin/a ; argv[]=/bin/a x=y }" },
    { Id: "b.service", NRestarts: "" },
  ]);
  expect(parseShow("\n")).toEqual([]);
});

test("times and spans are read as systemd prints them", () => {
  expect(parseTimestamp("Mon 2026-11-23 06:00:01 UTC")).toBe(Date.UTC(2026, 10, 23, 6, 0, 1));
  expect(parseTimestamp("Mon 2026-11-23 06:00:01.123456 UTC")).toBe(Date.UTC(2026, 10, 23, 6, 0, 1));
  for (const never of ["n/a", "", undefined, "Mon 2026-11-23 06:00:01 CET"])
    expect(parseTimestamp(never)).toBeNull();
  expect(parseSpan("1d 2h 3min 4.500s")).toBe(93_784_500);
  expect(parseSpan("1month 2w 5ms")).toBe(2_629_800_000 + 1_209_600_000 + 5);
  for (const none of ["infinity", "0", "", undefined]) expect(parseSpan(none)).toBeNull();
  expect(parseMonotonic("5000000")).toBe(5000);
  expect(parseMonotonic("0")).toBeNull();
});
