import { expect, test } from "bun:test";
import { parseListeners, parseProcess, parseUser, servesAddress } from "./service.parse.ts";

const HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (at: string, state: string, inode: number) =>
  `   0: ${at} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;

test("listening sockets are read with address, port and inode, connections are not", () => {
  const text =
    HEADER +
    line("0100007F:1FA3", "0A", 71) +
    line("00000000:0016", "0A", 72) +
    line("0100007F:1FA3", "01", 73);
  expect(parseListeners(text)).toEqual([
    { address: "127.0.0.1", port: 8099, inode: 71 },
    { address: "0.0.0.0", port: 22, inode: 72 },
  ]);
  expect(parseListeners("")).toEqual([]);
});

test("a listener serves its own address, a wildcard its whole family, the IPv6 wildcard both", () => {
  const at = (address: string) => ({ address, port: 80, inode: 1 });
  const serves = (listener: string, address: string) => servesAddress(at(listener), address);
  expect(serves("127.0.0.1", "127.0.0.1")).toBe(true);
  expect(serves("0.0.0.0", "127.0.0.1")).toBe(true);
  expect(serves("::", "127.0.0.1")).toBe(true);
  expect(serves("10.0.0.5", "127.0.0.1")).toBe(false);
  expect(serves("::1", "127.0.0.1")).toBe(false);
  expect(serves("::1", "0:0:0:0:0:0:0:1")).toBe(true);
  expect(serves("0.0.0.0", "::1")).toBe(false);
  expect(serves("10.0.0.5", "0.0.0.0")).toBe(true);
});

test("a process name with blanks and brackets does not shift the fields", () => {
  const tail = "R 7 42 41 0 -1 4194304 20 0 1 0 0 0 0 0 20 0 1 0 105438 2453504";
  expect(parseProcess(`43 (a) S (b) c) ${tail}`)).toEqual({
    name: "a) S (b) c",
    state: "R",
    parent: 7,
    group: 42,
    session: 41,
    startTicks: 105438,
  });
  expect(parseProcess("")).toBeNull();
});

test("users are found by their exact name", () => {
  const passwd = "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:w:/var/www:/usr/sbin/nologin\n";
  expect(parseUser(passwd, "www-data")).toEqual({ uid: 33, gid: 33 });
  expect(parseUser(passwd, "www")).toBeNull();
});
