/** Five-minute buckets: count, minimum, maximum, sum and last value of each series of a node. */
import { ByteReader, ByteWriter, pack, unpack } from "./bytes.ts";
import { MANTISSA_LIMIT, MAX_DIGITS, power, toDecimal } from "./decimal.ts";

export const BUCKET_MS = 300_000;
const DOUBLE = 255;

export interface Cell {
  count: number;
  min: number;
  max: number;
  sum: number;
  last: number;
}

export type SeriesCell = readonly [series: number, cell: Cell];

export const bucketOf = (at: number): number => Math.floor(at / BUCKET_MS) * BUCKET_MS;

/**
 * Column by column, because neighbours in a column are alike and compress well: number of series; their ids and counts as
 * differences; decimals (255: doubles); minimum; then maximum, last value and sum as what they are above the minimum.
 */
export function encodeBucket(cells: readonly SeriesCell[]): Uint8Array {
  const sorted = cells.toSorted((a, b) => a[0] - b[0]);
  const digits = sorted.map(([, cell]) => digitsOf(cell));
  const whole = sorted.map(([, cell], index) => scaled(cell, digits[index] as number));
  const writer = new ByteWriter();
  writer.unsigned(sorted.length);
  differences(
    writer,
    sorted.map(([series]) => series),
  );
  differences(
    writer,
    sorted.map(([, cell]) => cell.count),
  );
  for (const count of digits) writer.byte(count);
  for (const cell of whole) if (cell !== null) writer.signed(cell.min);
  for (const cell of whole) if (cell !== null) writer.unsigned(cell.max - cell.min);
  for (const cell of whole) if (cell !== null) writer.unsigned(cell.last - cell.min);
  // Below zero only by rounding, since no sample is below the minimum.
  for (const cell of whole) if (cell !== null) writer.unsigned(Math.max(0, cell.sum - cell.min * cell.count));
  for (const [index, [, cell]] of sorted.entries())
    if (whole[index] === null)
      for (const value of [cell.min, cell.max, cell.last, cell.sum]) writer.float(value);
  return pack(writer.finish());
}

/** Only the series in `wanted`; all when it is null. A chart of months reads 25,000 blobs for a few series of each. */
export function decodeBucket(blob: Uint8Array, wanted: ReadonlySet<number> | null): SeriesCell[] {
  const reader = new ByteReader(unpack(blob));
  const size = reader.unsigned();
  const series = readSums(reader, size);
  const counts = readSums(reader, size);
  const digits = reader.take(size);
  const keep = new Uint8Array(size);
  for (let index = 0; index < size; index += 1)
    if (wanted === null || wanted.has(series[index]!)) keep[index] = 1;
  const mins = readColumn(reader, digits, keep, true);
  const ranges = readColumn(reader, digits, keep, false);
  const lasts = readColumn(reader, digits, keep, false);
  const rests = readColumn(reader, digits, keep, false);
  const cells: SeriesCell[] = [];
  for (let index = 0; index < size; index += 1) {
    const count = counts[index]!;
    const isDouble = digits[index] === DOUBLE;
    if (keep[index] === 0) {
      if (isDouble) reader.take(32);
      continue;
    }
    if (isDouble) {
      const [min, max, last, sum] = [reader.float(), reader.float(), reader.float(), reader.float()];
      cells.push([series[index]!, { count, min, max, sum, last }]);
      continue;
    }
    const min = mins[index]!;
    const scale = power(digits[index]!);
    const max = (min + ranges[index]!) / scale;
    const last = (min + lasts[index]!) / scale;
    const sum = (min * count + rests[index]!) / scale;
    cells.push([series[index]!, { count, min: min / scale, max, sum, last }]);
  }
  return cells;
}

/** 0 where the value is not kept, or is among the doubles. */
function readColumn(reader: ByteReader, digits: Uint8Array, keep: Uint8Array, signed: boolean): Float64Array {
  const column = new Float64Array(digits.length);
  for (let index = 0; index < digits.length; index += 1) {
    if (digits[index] === DOUBLE) continue;
    if (keep[index] === 0) reader.skip();
    else column[index] = signed ? reader.signed() : reader.unsigned();
  }
  return column;
}

/** Decimals that are enough for the cell, or 255 when it needs doubles. */
function digitsOf(cell: Cell): number {
  let digits = 0;
  for (const value of [cell.min, cell.max, cell.last]) {
    if (Number.isInteger(value)) continue;
    digits = Math.max(digits, toDecimal(value, null)?.digits ?? DOUBLE);
  }
  const largest = Math.max(Math.abs(cell.min), Math.abs(cell.max)) * cell.count;
  return digits <= MAX_DIGITS && largest * power(digits) < MANTISSA_LIMIT ? digits : DOUBLE;
}

function scaled(cell: Cell, digits: number): Cell | null {
  if (digits === DOUBLE) return null;
  const whole = (value: number) => Math.round(value * power(digits));
  return {
    count: cell.count,
    min: whole(cell.min),
    max: whole(cell.max),
    last: whole(cell.last),
    sum: whole(cell.sum),
  };
}

function differences(writer: ByteWriter, values: readonly number[]): void {
  let previous = 0;
  for (const value of values) {
    writer.signed(value - previous);
    previous = value;
  }
}

function readSums(reader: ByteReader, size: number): Float64Array {
  const values = new Float64Array(size);
  let previous = 0;
  for (let index = 0; index < size; index += 1) {
    previous += reader.signed();
    values[index] = previous;
  }
  return values;
}
