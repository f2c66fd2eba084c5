import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseTimedate, parseTimesyncStatus, parseTimeSpan, parseTracking } from "./time-sync.parse.ts";

const tracking =
  "A29FC87B,162.159.200.123,4,1767225599.954823017,-0.000029847,-0.000014172,0.000046193,-9.866,-0.001,0.029,0.012745619,0.000612438,1031.7,Normal\n";

test("chronyc's columns give offset and bound of the error", () => {
  expect(parseTracking(tracking)).toEqual({
    synced: true,
    offsetSeconds: 0.000029847,
    maxErrorSeconds: 0.012745619 / 2 + 0.000612438,
    server: "162.159.200.123",
    stratum: 4,
  });
});

test("chronyd without a server is not synchronised", () => {
  const line =
    "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n";
  expect(parseTracking(line)).toMatchObject({ synced: false, server: "" });
});

test("time spans of systemd become seconds", () => {
  expect(parseTimeSpan("-1.118ms")).toBeCloseTo(0.001118);
  expect(parseTimeSpan("+345us")).toBeCloseTo(0.000345);
  expect(parseTimeSpan("+1min 2.5s")).toBe(62.5);
  expect(parseTimeSpan("soon")).toBeNull();
});

test("timesyncd tells server and offset, and no offset before the first answer", () => {
  const text =
    "       Server: 91.189.91.157 (ntp.ubuntu.com)\nPoll interval: 34min 8s (min: 32s; max 34min 8s)\n" +
    "Root distance: 30.288ms (max: 5s)\n       Offset: -1.118ms\n        Delay: 21.938ms\n Packet count: 101\n";
  expect(parseTimesyncStatus(text)).toEqual({
    server: "91.189.91.157 (ntp.ubuntu.com)",
    offsetSeconds: expect.closeTo(0.001118),
  });
  expect(
    parseTimesyncStatus("       Server: n/a (ntp.ubuntu.com)\n Packet count: 0\n").offsetSeconds,
  ).toBeNull();
});

test("timedatectl show tells what the kernel thinks", () => {
  expect(parseTimedate("Timezone=UTC\nCanNTP=yes\nNTP=no\nNTPSynchronized=no\n")).toEqual({
    synced: false,
    enabled: false,
  });
});

test("no text makes these parsers fail in another way than time-sync.unreadable", () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(fc.string(), fc.double().map(String))).map((columns) => columns.join(",")),
    fc.string().map((offset) => `Offset: ${offset}\nNTPSynchronized=${offset}`),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(parseTracking, parseTimesyncStatus, parseTimedate), (input, parse) => {
      try {
        parse(input);
      } catch (error) {
        if (!isCortexError(error)) throw error;
        expect(error.code).toBe("time-sync.unreadable");
      }
    }),
  );
});
