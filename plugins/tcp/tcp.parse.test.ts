import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { createPortCounter, parsePortRange, parseWaitingListeners } from "./tcp.parse.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");
/** A socket from 10.0.0.5. */
const line = (port: number, remote: string, remotePort: number, state: string, waiting = 0) =>
  `   0: 0500000A:${hex(port)} ${remote}:${hex(remotePort)} ${state} 00000000:${hex(waiting).padStart(8, "0")} 00:00000000 0\n`;
const DATABASE = "0900000A";
const CACHE = "0800000A";

test("reserved ports are not given away by the kernel, whether inside, across or outside the range", () => {
  expect(parsePortRange("40000\t40099\n", "8080,39990-40009,40050\n")).toEqual({
    first: 40_000,
    last: 40_099,
    size: 89,
  });
  expect(parsePortRange("32768\t60999\n", "\n").size).toBe(28_232);
});

test("ports are used up per destination, because others may share them", () => {
  const counter = createPortCounter({ first: 40_000, last: 40_099, size: 100 }, 0);
  let text = HEAD;
  for (let port = 40_000; port < 40_030; port += 1)
    text += line(port, DATABASE, 5432, "01") + line(port, CACHE, 6379, "06");
  counter.add(text + line(40_050, CACHE, 6379, "01") + line(22, CACHE, 50_000, "01"), "/proc/net/tcp");
  expect(counter.usage()).toEqual({
    ports: 31,
    worst: { local: "0500000A", remote: CACHE, remotePort: 6379, count: 31 },
  });
});

test("connections that wait for their end count unless the kernel reuses them", () => {
  const text = HEAD + line(40_001, DATABASE, 5432, "06") + line(40_002, "0100007F", 5432, "06");
  const count = (reuse: 0 | 1 | 2) => {
    const counter = createPortCounter({ first: 40_000, last: 40_099, size: 100 }, reuse);
    counter.add(text, "/proc/net/tcp");
    return counter.usage().ports;
  };
  expect([count(0), count(1), count(2)]).toEqual([2, 0, 1]);
});

test("listeners are ordered by how many wait", () => {
  const text =
    HEAD +
    line(80, "00000000", 0, "0A", 3) +
    line(81, "00000000", 0, "0A") +
    line(82, "00000000", 0, "0A", 9);
  expect(parseWaitingListeners(text, "p").map(({ port, waiting }) => [port, waiting])).toEqual([
    [82, 9],
    [80, 3],
  ]);
});

test("any text for range or reserved ports is parsed or refused as proc.unreadable, in bounded time", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789-, \t\n"), maxLength: 30 });
  fc.assert(
    fc.property(digits, digits, (range, reserved) => {
      try {
        parsePortRange(range, reserved);
      } catch (error) {
        if (!isCortexError(error) || error.code !== "proc.unreadable") throw error;
      }
    }),
  );
});
