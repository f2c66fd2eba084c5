import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseNetDev } from "./net-dev.parse.ts";
import { parseDefaultRoutes, parseDefaultRoutes6 } from "./net-route.parse.ts";
import { formatAddress, normalizeAddress, parseBoundSockets } from "./net-sockets.parse.ts";

const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3293      31    0    0    0     0          0         0     3293      31    0    0    0     0       0          0
  eth0: 522889655   13659    2    3    0     0          0         0   890265    8987    4    5    0     0       0          0
eth0:1:17 18 0 0 0 0 0 0 19 20 0 0 0 0 0 0
`;
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1138 1 0000000076c5f253 100 0 0 10 0                      
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1139 1 0000000076c5f254 100 0 0 10 0                      
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1140 1 0000000076c5f255 20 4 30 10 -1                     
   3: what no reader sees
`;
const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
  317: 0100007F:A8C5 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 19 2 00000000c4e6e1f1 0            
  318: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 20 2 00000000c4e6e1f2 0            
`;

test("counters of every interface are read, aliases included", () => {
  const [, eth0, alias] = parseNetDev(netDev);
  expect(eth0).toEqual({
    name: "eth0",
    receiveBytes: 522889655,
    receivePackets: 13659,
    receiveErrors: 2,
    receiveDrops: 3,
    transmitBytes: 890265,
    transmitPackets: 8987,
    transmitErrors: 4,
    transmitDrops: 5,
  });
  expect(alias).toMatchObject({ name: "eth0:1", receiveBytes: 17, transmitBytes: 19 });
});

test("listening TCP sockets are read up to the first connection", () => {
  expect(parseBoundSockets(tcp, "tcp")).toEqual([
    { addressHex: "0100007F", port: 8080 },
    { addressHex: "00000000", port: 22 },
  ]);
});

test("UDP sockets count while nobody is connected to them", () => {
  expect(parseBoundSockets(udp, "udp")).toEqual([{ addressHex: "3500007F", port: 53 }]);
});

test("addresses have one spelling", () => {
  expect(formatAddress("0100007F")).toBe("127.0.0.1");
  expect(formatAddress("00000000000000000000000001000000")).toBe("::1");
  expect(formatAddress("00000000000000000000000000000000")).toBe("::");
  expect(formatAddress("0000000000000000FFFF00000100007F")).toBe("127.0.0.1");
  expect(formatAddress("000080FE00000000FF005450B6B6C5FE")).toBe("fe80::5054:ff:fec5:b6b6");
  expect(normalizeAddress("0:0::1")).toBe("::1");
  expect(normalizeAddress("::FFFF:10.0.0.5")).toBe("10.0.0.5");
  expect(normalizeAddress("no:address")).toBe("no:address");
});

test("a kernel without an IPv4 routing table yet, as in a new network namespace, has no routes", () => {
  expect(parseDefaultRoutes("")).toEqual([]);
});

test("default routes name their interfaces, rejecting ones do not count", () => {
  const routes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n" +
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
    "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" +
    "*\t00000000\t00000000\t0201\t0\t0\t9999\t00000000\t0\t0\t0\n";
  expect(parseDefaultRoutes(routes)).toEqual(["eth0"]);
  const zero = "0".repeat(32);
  const routes6 =
    `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     ens3\n` +
    `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo\n`;
  expect(parseDefaultRoutes6(routes6)).toEqual(["ens3"]);
});

test("no text makes these parsers fail in another way than proc.unreadable", () => {
  const headers = [netDev.split("\n").slice(0, 2).join("\n"), tcp.split("\n")[0]!, "Iface\tDestination", ""];
  const text = fc
    .tuple(fc.constantFrom(...headers), fc.array(fc.oneof(fc.string(), fc.constantFrom(...tcp.split("\n")))))
    .map(([head, lines]) => [head, ...lines].join("\n"));
  const parsers = [
    parseNetDev,
    parseDefaultRoutes,
    parseDefaultRoutes6,
    (input: string) => parseBoundSockets(input, "tcp"),
    (input: string) => parseBoundSockets(input, "udp").map((socket) => formatAddress(socket.addressHex)),
  ];
  fc.assert(
    fc.property(text, fc.constantFrom(...parsers), (input, parse) => {
      try {
        parse(input);
      } catch (error) {
        if (!isCortexError(error)) throw error;
        expect(error.code).toBe("proc.unreadable");
      }
    }),
  );
});
