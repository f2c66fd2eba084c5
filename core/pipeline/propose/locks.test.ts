import { expect, test } from "bun:test";
import { parseLocks } from "./locks.ts";

test("holders of write locks are found by inode; readers and waiters hold nothing", () => {
  const text = [
    "1: POSIX  ADVISORY  WRITE 4711 08:01:262145 0 EOF",
    "1: -> POSIX  ADVISORY  WRITE 5000 08:01:262145 0 EOF",
    "2: POSIX  ADVISORY  READ  4712 08:01:99 128 128",
    "3: FLOCK  ADVISORY  WRITE 12 00:1a:77 0 EOF",
    "4: OFDLCK ADVISORY  WRITE -1 00:1a:78 0 EOF",
  ].join("\n");
  expect([...parseLocks(text)]).toEqual([
    [262145, 4711],
    [77, 12],
    [78, -1],
  ]);
});
