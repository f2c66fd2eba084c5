import { describe, expect, test } from "bun:test";
import { ByteReader, ByteWriter, pack, unpack } from "./bytes.ts";
import { Chain, type Sample } from "./chain.ts";
import { toDecimal, valueOf } from "./decimal.ts";

const roundTrip = (reports: Sample[][]): Sample[][] => {
  const encoder = new Chain();
  const decoder = new Chain();
  return reports.map((report) => decoder.decode(encoder.encode(report)));
};

describe("bytes", () => {
  test("integers of any size come back", () => {
    const values = [0, 1, -1, 127, 128, -129, 2 ** 31, -(2 ** 40), 2 ** 51, -(2 ** 51)];
    const writer = new ByteWriter();
    for (const value of values) writer.signed(value);
    writer.float(Math.PI);
    writer.append(new Uint8Array(500).fill(7));
    const reader = new ByteReader(writer.finish());
    expect(values.map(() => reader.signed())).toEqual(values);
    expect(reader.float()).toBe(Math.PI);
    expect(reader.take(500)).toEqual(new Uint8Array(500).fill(7));
    expect(reader.done).toBe(true);
    expect(() => reader.byte()).toThrow(RangeError);
  });

  test("what compressing would lengthen is stored as it is", () => {
    for (const bytes of [new Uint8Array([1, 2, 3]), new Uint8Array(1000)])
      expect(unpack(pack(bytes))).toEqual(bytes);
    expect(pack(new Uint8Array([1, 2, 3]))).toHaveLength(4);
    expect(pack(new Uint8Array(1000)).length).toBeLessThan(40);
  });
});

describe("values", () => {
  const kept = (value: number, like: number | null = null) => {
    const decimal = toDecimal(value, like);
    return decimal === null ? value : valueOf(decimal);
  };

  test("that are whole are exact, whatever came before", () => {
    for (const value of [0, 1, -7, 123_456_789, 2 ** 45, 2 ** 53])
      for (const like of [null, 0, 3, 5, 12]) expect(kept(value, like)).toBe(value);
  });

  test("with few decimals are exact", () => {
    for (const value of [0.912, 0.5, 12.25, 0.07, -3.125, 98_765.125]) expect(kept(value)).toBe(value);
  });

  test("lose at most a thousandth of themselves or 0.0005", () => {
    for (let exponent = -20; exponent < 18; exponent += 1)
      for (const like of [null, 3, 4, 5, 6, 9]) {
        const value = Math.E * 10 ** exponent;
        expect(Math.abs(kept(value, like) - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) / 1000, 0));
      }
  });
});

describe("a chain of reports", () => {
  test("comes back as it was, with series that come, go and stay away", () => {
    const reports: Sample[][] = [
      [
        [3, 10],
        [4, 0.25],
        [900, -5],
      ],
      [
        [3, 12],
        [900, -5],
      ],
      [[4, 0.5]],
      [
        [1, 7],
        [3, 2 ** 50],
        [4, 1e-9],
        [901, 1.5],
      ],
      [
        [1, 8],
        [3, 11],
        [4, 0.25],
        [900, -6],
        [901, 1.5],
      ],
    ];
    const sortReport = (report: Sample[]) => report.toSorted((a, b) => a[0] - b[0]);
    expect(roundTrip(reports).map(sortReport)).toEqual(reports);
  });

  test("does not depend on the order of the samples", () => {
    const back = roundTrip([
      [
        [9, 1],
        [2, 2],
      ],
      [
        [2, 3],
        [9, 4],
      ],
    ]);
    expect(back.map((report) => Object.fromEntries(report))).toEqual([
      { 2: 2, 9: 1 },
      { 2: 3, 9: 4 },
    ]);
  });

  test("of unchanged values costs next to nothing", () => {
    const report: Sample[] = Array.from({ length: 200 }, (_, id) => [id, id * 1000]);
    const chain = new Chain();
    chain.encode(report);
    expect(chain.encode(report).length).toBeLessThan(30);
  });
});
