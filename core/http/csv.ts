/** CSV as in RFC 4180, for spreadsheets that take cells for formulas. */

/** What makes a spreadsheet calculate: signs, and blanks that it skips before them. */
const FORMULA = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/;

/** One cell. Text that a spreadsheet would run begins with an apostrophe, which it shows as text (CWE-1236). */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row with its line end. */
export const csvRow = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(csvCell).join(",")}\r\n`;
