import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "../lib/tree.ts";
import { problemsOf } from "./asvs.ts";

const csv = readFileSync(join(rootDir, "docs/security/asvs.csv"), "utf8");
const lines = csv.trimEnd().split("\n");
const withLine = (index: number, line: string) => problemsOf(lines.with(index, line).join("\n"));

test("the table of this tree is true", () => {
  expect(problemsOf(csv)).toEqual([]);
});

test("a row that names no test, gives a reason of its own, or says nothing is refused", () => {
  const id = lines[1]!.split(",")[0]!;
  expect(withLine(1, `${id},1,test,core/a.test.ts > was never written`)).toEqual([
    'docs/security/asvs.csv:2: there is no test "core/a.test.ts > was never written"',
  ]);
  expect(withLine(1, `${id},1,trust-me,x`)).toEqual([
    expect.stringContaining("the verdict is test or one of feature-absent"),
  ]);
  expect(withLine(1, `${id},1,partly,`)).toEqual([expect.stringContaining("says nothing")]);
  expect(withLine(1, `${id},1,documented,docs/nowhere.md`)).toEqual([
    expect.stringContaining("there is no file docs/nowhere.md"),
  ]);
});

test("a requirement that is left out or stands there twice is found", () => {
  expect(problemsOf(lines.toSpliced(1, 1).join("\n"))).toEqual([expect.stringContaining("V1 has 26 rows")]);
  expect(withLine(2, lines[1]!)).toEqual([expect.stringContaining("has two rows")]);
  expect(problemsOf(lines.slice(1).join("\n"))).toEqual([expect.stringContaining("the first line must be")]);
});
