/** What commands print: tables for people, JSON for programs, nothing that a terminal would obey. */
import { escapeControls, escapeInJson } from "cortex";

export const useColour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const CODES = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof CODES;

export function paint(text: string, colour: Colour | null): string {
  return colour === null || !useColour ? text : `\x1b[${CODES[colour]}m${text}\x1b[0m`;
}

const COLOUR_OF: Record<string, Colour> = {
  ok: "green",
  verified: "green",
  holds: "green",
  online: "green",
  running: "green",
  active: "green",
  resolved: "green",
  warning: "yellow",
  unknown: "yellow",
  unverified: "yellow",
  proposed: "yellow",
  degraded: "yellow",
  late: "yellow",
  paused: "yellow",
  L2: "yellow",
  critical: "red",
  failed: "red",
  offline: "red",
  broken: "red",
  L3: "red",
  skipped: "dim",
  expired: "dim",
  superseded: "dim",
};

/** A state word in its colour; the word itself always stays. */
export const state = (word: string): string => paint(word, COLOUR_OF[word] ?? null);

/** Line feeds, tabs and our own colours; everything else that a terminal would obey comes from strangers. */
// oxlint-disable-next-line no-control-regex
const OURS = /(\n|\t|\x1b\[(?:0|1|2|3[1-4])m)/;
const OURS_PLAIN = /(\n|\t)/;

/** Text as it may go to a terminal: control and bidi characters of hosts become visible (`\\u{1b}`). */
export function printable(text: string, colours = useColour): string {
  return text
    .split(colours ? OURS : OURS_PLAIN)
    .map((part, index) => (index % 2 === 1 ? part : escapeControls(part)))
    .join("");
}

export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** JSON itself escapes only C0; the rest gets JSON's own escapes, so that it stays JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(`${escapeInJson(JSON.stringify(value, null, 2))}\n`);
}

/** Cells may hold colours of ours; text from hosts is cleaned with `clean` first. */
export function table(head: string[], rows: string[][]): string {
  const all = [head.map((cell) => paint(cell, "dim")), ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => Bun.stringWidth(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1
            ? cell
            : cell + " ".repeat(Math.max(0, widths[column]! - Bun.stringWidth(cell))),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Text from a host on one line, cut to a width, with nothing that moves the cursor. */
export function clean(text: string, width = 100): string {
  const line = escapeControls(text.replace(/\s+/g, " ")).trim();
  return Bun.stringWidth(line) <= width ? line : `${Bun.sliceAnsi(line, 0, width - 1)}…`;
}

/** "2026-11-22T10:00:00.000Z" → local "11-22 10:00:00". */
export function when(iso: string | null): string {
  if (iso === null) return "–";
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
