import { expect, test } from "bun:test";
import { isAddressRange, isInRanges, placeOf } from "./address-ranges.ts";

test("ranges of both families and single addresses are ranges, other text is not", () => {
  for (const good of ["192.0.2.0/24", "10.0.0.1", "2001:db8::/32", "::1", "0.0.0.0/0", "::/0"])
    expect([good, isAddressRange(good)]).toEqual([good, true]);
  for (const bad of [
    "",
    "*",
    "10.0.0",
    "10.0.0.0/33",
    "2001:db8::/129",
    "10.0.0.0/-1",
    "host",
    "10.0.0.0/8/8",
    "::1%lo",
  ])
    expect([bad, isAddressRange(bad)]).toEqual([bad, false]);
});

test("an address is inside up to the last bit, and only in ranges of its own family", () => {
  expect(isInRanges("192.0.2.255", ["192.0.2.0/24"])).toBe(true);
  expect(isInRanges("192.0.3.0", ["192.0.2.0/24"])).toBe(false);
  expect(isInRanges("192.0.2.129", ["192.0.2.128/25", "10.0.0.0/8"])).toBe(true);
  expect(isInRanges("192.0.2.127", ["192.0.2.128/25"])).toBe(false);
  expect(isInRanges("2001:db8:ffff::1", ["2001:db8::/32"])).toBe(true);
  expect(isInRanges("2001:db9::1", ["2001:db8::/32"])).toBe(false);
  expect(isInRanges("127.0.0.1", ["::/0"])).toBe(false);
  expect(isInRanges("::1", ["0.0.0.0/0"])).toBe(false);
});

test("IPv4 that came in over an IPv6 socket is IPv4", () => {
  expect(isInRanges("::ffff:192.0.2.9", ["192.0.2.0/24"])).toBe(true);
  expect(isInRanges("::ffff:192.0.3.9", ["192.0.2.0/24"])).toBe(false);
});

test("what is no address is inside nothing, and no ranges hold nothing", () => {
  for (const odd of ["", "local", "localhost", "192.0.2", "'; --"])
    expect(isInRanges(odd, ["0.0.0.0/0", "::/0"])).toBe(false);
  expect(isInRanges("192.0.2.1", [])).toBe(false);
});

test("an address of IPv6 is remembered by its network", () => {
  expect(placeOf("2001:db8:0:1:abcd::1")).toBe("2001:db8:0:1::/64");
  expect(placeOf("2001:DB8::1")).toBe("2001:db8:0:0::/64");
  expect(placeOf("::1")).toBe("0:0:0:0::/64");
  expect(placeOf("::ffff:192.0.2.9")).toBe("192.0.2.9");
});
