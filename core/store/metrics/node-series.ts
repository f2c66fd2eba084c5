/** What the writer keeps in memory of one node's series; flat arrays, since there may be 10,000 nodes of 150 series. */
import type { Cell, SeriesCell } from "./rollup.ts";

const COUNT = 0;
const MIN = 1;
const MAX = 2;
const SUM = 3;
const LAST = 4;
const FIELDS = 5;

export class NodeSeries {
  #slots = new Map<number, number>();
  #ids: number[] = [];
  #seen = new Uint8Array(0);
  #cells = new Float64Array(0);

  /** A small number for the series, the same as long as this object lives. */
  readonly slotOf = (series: number): number => {
    const known = this.#slots.get(series);
    if (known !== undefined) return known;
    const slot = this.#ids.length;
    this.#slots.set(series, slot);
    this.#ids.push(series);
    if (slot >= this.#seen.length) this.#grow(Math.max(32, Math.ceil(slot * 1.5)));
    return slot;
  };

  isSeen(series: number): boolean {
    return this.#seen[this.slotOf(series)] === 1;
  }

  setSeen(series: number): void {
    this.#seen[this.slotOf(series)] = 1;
  }

  forgetSeen(): void {
    this.#seen.fill(0);
  }

  /** `newest` is false for a report that came late: it counts, but what is the last value does not change. */
  add(series: number, value: number, newest: boolean): void {
    const at = this.slotOf(series) * FIELDS;
    const cells = this.#cells;
    if (cells[at + COUNT] === 0) {
      this.put(series, { count: 1, min: value, max: value, sum: value, last: value });
      return;
    }
    cells[at + COUNT]! += 1;
    cells[at + MIN] = Math.min(cells[at + MIN]!, value);
    cells[at + MAX] = Math.max(cells[at + MAX]!, value);
    cells[at + SUM]! += value;
    if (newest) cells[at + LAST] = value;
  }

  put(series: number, cell: Cell): void {
    // Found first: it may give the cells another, larger array.
    const at = this.slotOf(series) * FIELDS;
    this.#cells.set([cell.count, cell.min, cell.max, cell.sum, cell.last], at);
  }

  clearCells(): void {
    this.#cells.fill(0);
  }

  /** Cells of the series that have samples. */
  *cells(): Generator<SeriesCell> {
    for (const [slot, series] of this.#ids.entries()) {
      const [count, min, max, sum, last] = this.#cells.subarray(slot * FIELDS, (slot + 1) * FIELDS);
      if (count! > 0) yield [series, { count: count!, min: min!, max: max!, sum: sum!, last: last! }];
    }
  }

  #grow(slots: number): void {
    const seen = new Uint8Array(slots);
    seen.set(this.#seen);
    this.#seen = seen;
    const cells = new Float64Array(slots * FIELDS);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}
