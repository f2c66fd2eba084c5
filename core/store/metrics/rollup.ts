/** Five-minute buckets: count, minimum, maximum, sum and last value per series; twelve of them make the blob of an hour. */
import { ByteReader, ByteWriter, pack, unpack } from "./bytes.ts";
import { type Decimal, MANTISSA_LIMIT, power, toDecimal } from "./decimal.ts";

export const BUCKET_MS = 300_000;
export const HOUR_MS = 3_600_000;
const BUCKETS = HOUR_MS / BUCKET_MS;
const DOUBLE = 255;

export interface Cell {
  count: number;
  min: number;
  max: number;
  sum: number;
  last: number;
}

/** series id → bucket 0–11 of the hour → cell */
export type HourCells = Map<number, Map<number, Cell>>;

export const bucketOf = (at: number): number => Math.floor(at / BUCKET_MS) * BUCKET_MS;
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;
export const indexInHour = (bucket: number): number => Math.floor((bucket - hourOf(bucket)) / BUCKET_MS);

/** Ids ascending as differences, then the length of the series' section, so that a reader can skip it. */
export function encodeHour(hour: HourCells): Uint8Array {
  const writer = new ByteWriter();
  let previous = 0;
  for (const id of [...hour.keys()].sort((a, b) => a - b)) {
    const section = encodeSection(hour.get(id) as Map<number, Cell>);
    writer.unsigned(id - previous);
    writer.unsigned(section.length);
    writer.append(section);
    previous = id;
  }
  return pack(writer.finish());
}

/** Only the series in `wanted`; all when it is null. */
export function decodeHour(blob: Uint8Array, wanted: ReadonlySet<number> | null): HourCells {
  const reader = new ByteReader(unpack(blob));
  const hour: HourCells = new Map();
  let id = 0;
  while (!reader.done) {
    id += reader.unsigned();
    const section = reader.take(reader.unsigned());
    if (wanted === null || wanted.has(id)) hour.set(id, decodeSection(section));
  }
  return hour;
}

/** Bit mask of the buckets, number of decimals (255: doubles), then the cells, each minimum as a difference. */
function encodeSection(cells: Map<number, Cell>): Uint8Array {
  const writer = new ByteWriter();
  const indexes = [...cells.keys()].sort((a, b) => a - b);
  const digits = commonDigits([...cells.values()]);
  writer.unsigned(indexes.reduce((mask, index) => mask | (1 << index), 0));
  writer.byte(digits ?? DOUBLE);
  let previousMin = 0;
  for (const index of indexes) {
    const cell = cells.get(index) as Cell;
    writer.unsigned(cell.count);
    if (digits === null) {
      for (const value of [cell.min, cell.max, cell.sum, cell.last]) writer.float(value);
      continue;
    }
    const scaled = (value: number) => Math.round(value * power(digits));
    const min = scaled(cell.min);
    writer.signed(min - previousMin);
    writer.unsigned(scaled(cell.max) - min);
    writer.unsigned(scaled(cell.last) - min);
    // Never below zero by more than rounding, since no sample is below the minimum.
    writer.unsigned(Math.max(0, scaled(cell.sum) - min * cell.count));
    previousMin = min;
  }
  return writer.finish();
}

function decodeSection(section: Uint8Array): Map<number, Cell> {
  const reader = new ByteReader(section);
  const mask = reader.unsigned();
  const digits = reader.byte();
  const cells = new Map<number, Cell>();
  let min = 0;
  for (let index = 0; index < BUCKETS; index += 1) {
    if ((mask & (1 << index)) === 0) continue;
    const count = reader.unsigned();
    if (digits === DOUBLE) {
      cells.set(index, {
        count,
        min: reader.float(),
        max: reader.float(),
        sum: reader.float(),
        last: reader.float(),
      });
      continue;
    }
    min += reader.signed();
    const value = (mantissa: number) => mantissa / power(digits);
    cells.set(index, {
      count,
      min: value(min),
      max: value(min + reader.unsigned()),
      last: value(min + reader.unsigned()),
      sum: value(min * count + reader.unsigned()),
    });
  }
  return cells;
}

/** Decimals that are enough for all of the cells, or null when doubles are needed. */
function commonDigits(cells: readonly Cell[]): number | null {
  let digits = 0;
  for (const cell of cells)
    for (const value of [cell.min, cell.max, cell.last]) {
      const decimal: Decimal | null = toDecimal(value, null);
      if (decimal === null) return null;
      digits = Math.max(digits, decimal.digits);
    }
  const largest = Math.max(...cells.flatMap((cell) => [cell.min, cell.max, cell.sum].map(Math.abs)));
  return largest * power(digits) < MANTISSA_LIMIT ? digits : null;
}
