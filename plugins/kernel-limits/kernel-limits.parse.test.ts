import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseFileHandles } from "./kernel-limits.parse.ts";

test("the largest number that the kernel takes is no limit", () => {
  expect(parseFileHandles("1952\t0\t9223372036854775807\n")).toEqual({ used: 1952, max: null });
  expect(parseFileHandles("1952\t12\t46912\n")).toEqual({ used: 1940, max: 46_912 });
});

test("any text is parsed or refused as proc.unreadable", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789 \tx\n"), maxLength: 40 }), (text) => {
      try {
        parseFileHandles(text);
      } catch (error) {
        if (!isCortexError(error) || error.code !== "proc.unreadable") throw error;
      }
    }),
  );
});
