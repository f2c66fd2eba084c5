/** One line per figure: what was measured, beside what is possible, what others take, and what is allowed. */
import type { Figure } from "./row.ts";

const HEAD = ["figure", "ours", "floor", "peer", "ratio", "budget", ""];

/** Three significant digits, and no more decimals than that needs. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

/** null without a budget. */
export function keepsBudget({ ours, budget, better }: Figure): boolean | null {
  if (budget === undefined) return null;
  return better === "higher" ? ours >= budget : ours <= budget;
}

/** Ours to the peer's, or where there is none, to the floor's. */
export function ratio({ ours, floor, peer }: Figure): number | null {
  const other = peer?.value ?? floor ?? null;
  return other === null || other === 0 ? null : ours / other;
}

function cells(figure: Figure): string[] {
  const { unit, ours, floor, peer, budget, better } = figure;
  const times = ratio(figure);
  const kept = keepsBudget(figure);
  return [
    `${figure.figure}${unit === "" ? "" : `, ${unit}`}`,
    number(ours),
    floor === undefined ? "–" : number(floor),
    peer === undefined ? "–" : `${peer.value === null ? "skipped" : number(peer.value)} ${peer.name}`,
    times === null ? "–" : `${number(times)}×`,
    budget === undefined ? "–" : `${better === "higher" ? "≥" : "≤"} ${number(budget)}`,
    kept === null ? "" : kept ? "ok" : "OVER",
  ];
}

export function table(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => Bun.stringWidth(row[column]!))));
  const pad = (text: string, width: number, left: boolean) => {
    const blanks = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
    return left ? text + blanks : blanks + text;
  };
  const lines = rows.map((row) =>
    row
      .map((text, column) => pad(text, widths[column]!, column === 0 || column === 3 || column === 6))
      .join("  "),
  );
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** What the table has no room for. */
export function notes(figures: readonly Figure[]): string[] {
  return figures.flatMap(({ figure, note, peer }) => [
    ...(note === undefined ? [] : [`${figure}: ${note}`]),
    ...(peer?.skipped === undefined ? [] : [`${figure}: ${peer.name} was not measured: ${peer.skipped}`]),
  ]);
}
