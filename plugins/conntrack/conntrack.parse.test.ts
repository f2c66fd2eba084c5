import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseConntrackStat } from "./conntrack.parse.ts";

const SAMPLE = `entries  searched found insert_failed drop early_drop
0000001f  00000000 00000000 00000001 0000000a 00000000
0000001f  00000000 00000000 00000002 000000f0 00000003
`;

test("hexadecimal counters of all processors are summed, entries are not", () => {
  expect(parseConntrackStat(SAMPLE)).toEqual({ drops: 250, earlyDrops: 3, insertFailures: 3 });
});

test("any text is parsed or refused as proc.unreadable", () => {
  fc.assert(
    fc.property(fc.nat(SAMPLE.length), fc.string({ maxLength: 40 }), (at, piece) => {
      try {
        parseConntrackStat(SAMPLE.slice(0, at) + piece + SAMPLE.slice(at + piece.length));
      } catch (error) {
        if (!isCortexError(error) || error.code !== "proc.unreadable") throw error;
      }
    }),
  );
});
