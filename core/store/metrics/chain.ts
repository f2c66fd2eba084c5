/**
 * The blob of one report. Reports of one node that follow each other form a chain: the first row names its series and holds
 * whole values, the others only what differs from the row before.
 *
 * Layout (all integers of variable length): number of series new to the chain, their ids as differences; which of the
 * chain's series are present, as runs of "skip, take"; then one value each. A known series gives twice the zigzag difference
 * of mantissas, or 1 followed by a whole value; a new one gives a whole value: the number of decimals and the mantissa, or
 * 255 and a double.
 */
import { ByteReader, ByteWriter, pack, unpack } from "./bytes.ts";
import { toDecimal, valueOf } from "./decimal.ts";

export type Sample = readonly [series: number, value: number];

const DOUBLE = 255;

/** Encodes or decodes the rows of one chain, in order; one object does only one of the two. */
export class Chain {
  /** Series by position. */
  #ids: number[] = [];
  /** Position + 1 by slot; used by the encoder only. */
  #bySlot: number[] = [];
  readonly #slotOf: (series: number) => number;
  #mantissas: number[] = [];
  #digits: number[] = [];

  /**
   * `slotOf` gives each series of the node a small number of its own, so that ten thousand encoders need no table each.
   */
  constructor(slotOf: (series: number) => number = (series) => series) {
    this.#slotOf = slotOf;
  }

  encode(samples: readonly Sample[]): Uint8Array {
    const writer = new ByteWriter();
    const firstFresh = this.#ids.length;
    this.#enterFresh(writer, samples);
    const values: (number | undefined)[] = Array.from({ length: this.#ids.length });
    for (const [id, value] of samples) values[this.#positionOf(id)] = value;
    writeRuns(writer, values);
    for (const [position, value] of values.entries())
      if (value !== undefined) this.#write(writer, position, value, position >= firstFresh);
    return pack(writer.finish());
  }

  decode(blob: Uint8Array): Sample[] {
    const reader = new ByteReader(unpack(blob));
    const firstFresh = this.#ids.length;
    const fresh = reader.unsigned();
    let previous = 0;
    for (let count = 0; count < fresh; count += 1) {
      previous += reader.signed();
      this.#enter(previous);
    }
    return readRuns(reader).map((position) => {
      const value = this.#read(reader, position, position >= firstFresh);
      return [this.#ids[position] as number, value];
    });
  }

  #enterFresh(writer: ByteWriter, samples: readonly Sample[]): void {
    const fresh = samples.map(([id]) => id).filter((id) => this.#positionOf(id) < 0);
    writer.unsigned(fresh.length);
    let previous = 0;
    for (const id of fresh.sort((a, b) => a - b)) {
      writer.signed(id - previous);
      previous = id;
      this.#bySlot[this.#slotOf(id)] = this.#ids.length + 1;
      this.#enter(id);
    }
  }

  #positionOf(id: number): number {
    return (this.#bySlot[this.#slotOf(id)] ?? 0) - 1;
  }

  #enter(id: number): void {
    this.#ids.push(id);
    this.#mantissas.push(0);
    this.#digits.push(DOUBLE);
  }

  #write(writer: ByteWriter, position: number, value: number, fresh: boolean): void {
    const digitsBefore = this.#digits[position] as number;
    const decimal = toDecimal(value, digitsBefore === DOUBLE ? null : digitsBefore);
    if (!fresh && decimal !== null && decimal.digits === digitsBefore) {
      const difference = decimal.mantissa - (this.#mantissas[position] as number);
      writer.unsigned((difference < 0 ? -difference * 2 - 1 : difference * 2) * 2);
      this.#mantissas[position] = decimal.mantissa;
      return;
    }
    if (!fresh) writer.unsigned(1);
    writer.byte(decimal?.digits ?? DOUBLE);
    if (decimal === null) writer.float(value);
    else writer.signed(decimal.mantissa);
    this.#digits[position] = decimal?.digits ?? DOUBLE;
    this.#mantissas[position] = decimal?.mantissa ?? 0;
  }

  #read(reader: ByteReader, position: number, fresh: boolean): number {
    const token = fresh ? 1 : reader.unsigned();
    if (token % 2 === 1) {
      const digits = reader.byte();
      this.#digits[position] = digits;
      if (digits === DOUBLE) return reader.float();
      this.#mantissas[position] = reader.signed();
    } else {
      const zigzag = token / 2;
      this.#mantissas[position]! += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    return valueOf({
      mantissa: this.#mantissas[position] as number,
      digits: this.#digits[position] as number,
    });
  }
}

/** Values at 0, 1, 2 and 5 → 2 runs: skip 0 take 3, skip 2 take 1. */
function writeRuns(writer: ByteWriter, values: readonly (number | undefined)[]): void {
  const runs: number[] = [];
  let skipped = 0;
  for (const [position, value] of values.entries()) {
    if (value === undefined) skipped += 1;
    else if (position > 0 && skipped === 0) runs[runs.length - 1]! += 1;
    else {
      runs.push(skipped, 1);
      skipped = 0;
    }
  }
  writer.unsigned(runs.length / 2);
  for (const length of runs) writer.unsigned(length);
}

function readRuns(reader: ByteReader): number[] {
  const positions: number[] = [];
  let next = 0;
  for (let runs = reader.unsigned(); runs > 0; runs -= 1) {
    next += reader.unsigned();
    for (let take = reader.unsigned(); take > 0; take -= 1) {
      positions.push(next);
      next += 1;
    }
  }
  return positions;
}
