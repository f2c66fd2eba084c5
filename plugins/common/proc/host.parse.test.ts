/** What all parsers of host-wide and per-process files promise: documented text in, numbers out, one error otherwise. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseUnit, unitOfCgroup } from "./cgroup.parse.ts";
import { parseDiskStats, wholeDisks } from "./diskstats.parse.ts";
import { parseLoadAverage } from "./loadavg.parse.ts";
import { estimateAvailable, parseMemoryInfo } from "./meminfo.parse.ts";
import { parseProtocol } from "./net-netstat.parse.ts";
import { parseTcpSockets } from "./net-sockstat.parse.ts";
import { forEachTcpSocket, isLoopback } from "./net-tcp.parse.ts";
import type { TcpSocket } from "./net-tcp.parse.ts";
import { parseOpenFilesLimit } from "./pid-limits.parse.ts";
import { parseProcessStat } from "./pid-stat.parse.ts";
import { parsePressure } from "./pressure.parse.ts";
import { parseStat } from "./stat.parse.ts";
import { lineAfter, parseNumberFile } from "./text.ts";
import { parseVmStat } from "./vmstat.parse.ts";
import { hostFixture } from "../../../core/testing/host-fixtures.ts";

const STAT = `cpu  10 1 5 80 2 0 1 1 3 0
cpu0 5 1 3 40 1 0 0 0 3 0
cpu1 5 0 2 40 1 0 1 1 0 0
intr 4938 0 9 0
ctxt 91823
btime 1735689600
processes 1209
procs_running 2
procs_blocked 1
softirq 30 1 2
`;
const MEMINFO = `MemTotal:        4000000 kB
MemFree:          200000 kB
Buffers:            2000 kB
Cached:          1400000 kB
Active(file):     600000 kB
Inactive(file):   500000 kB
SReclaimable:      80000 kB
SwapTotal:       2000000 kB
SwapFree:        1900000 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`;
const PRESSURE =
  "some avg10=3.21 avg60=7.73 avg300=3.48 total=26044727\nfull avg10=0.00 avg60=0.50 avg300=0.00 total=5\n";
const DISKS = `   8       0 sda 100 1 800 50 200 2 1600 90 3 120 140 0 0 0 0
   8       1 sda1 90 1 700 40 200 2 1600 90 0 110 130 0 0 0 0
 259       0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11
 259       1 nvme0n1p1 1 2 3 4 5 6 7 8 9 10 11
 202       1 xvda1 1 2 3 4 5 6 7 8 9 10 11
   8      17 sdb1 1 2 3 4
`;
const NETSTAT =
  "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 12 14\nIpExt: InNoRoutes\nIpExt: 3\n";
const SOCKSTAT = "sockets: used 290\nTCP: inuse 5 orphan 1 tw 7 alloc 9 mem 2\nUDP: inuse 3 mem 1\n";
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000081 00:00000000 00000000     0        0 1138 1 0 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:1F90 06 00000000:00000000 03:00000a11 00000000 0 0 0 3 0
`;
const PID_STAT =
  "812 (job d) (x) S 1 812 812 0 -1 4194560 4821 0 12 0 31 12 0 0 20 0 7 0 8123 28274688 1201 18446744073709551615 1 1\n";
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 unlimited            files
`;

function sockets(text: string): TcpSocket[] {
  const found: TcpSocket[] = [];
  forEachTcpSocket(text, "/proc/net/tcp", (socket) => found.push(socket));
  return found;
}

const parsers: [string, string, (text: string) => unknown][] = [
  ["/proc/stat", STAT, parseStat],
  ["/proc/loadavg", "0.20 0.18 0.12 1/80 11206\n", parseLoadAverage],
  ["/proc/meminfo", MEMINFO, parseMemoryInfo],
  ["/proc/vmstat", "pswpin 1\npswpout 2\npgmajfault 3\noom_kill 4\n", parseVmStat],
  ["/proc/pressure/cpu", PRESSURE, (text) => parsePressure(text, "/proc/pressure/cpu")],
  ["/proc/diskstats", DISKS, (text) => wholeDisks(parseDiskStats(text))],
  ["/proc/net/netstat", NETSTAT, (text) => parseProtocol(text, "TcpExt", "/proc/net/netstat")],
  ["/proc/net/sockstat", SOCKSTAT, (text) => parseTcpSockets(text, "TCP", "/proc/net/sockstat")],
  ["/proc/net/tcp", TCP, sockets],
  ["/proc/PID/stat", PID_STAT, (text) => parseProcessStat(text, "/proc/812/stat")],
  ["/proc/PID/limits", LIMITS, (text) => parseOpenFilesLimit(text, "/proc/812/limits")],
  ["/proc/PID/cgroup", "1:name=systemd:/system.slice/a.service\n", parseUnit],
  ["a number", "32768\n", (text) => parseNumberFile(text, "/proc/sys/kernel/pid_max")],
];

/** The sample with a piece taken out, doubled or replaced: what a cut read or another kernel looks like. */
const damaged = (sample: string) =>
  fc
    .tuple(
      fc.nat(sample.length),
      fc.nat(sample.length),
      fc.oneof(fc.constant(""), fc.string({ maxLength: 12 })),
    )
    .map(([a, b, piece]) => sample.slice(0, Math.min(a, b)) + piece + sample.slice(Math.max(a, b)));

describe("parsers of /proc", () => {
  test.each(parsers)("%s: any text is parsed or refused as proc.unreadable", (_, sample, parse) => {
    parse(sample);
    fc.assert(
      fc.property(fc.oneof(damaged(sample), fc.string({ unit: "binary", maxLength: 200 })), (text) => {
        try {
          parse(text);
        } catch (error) {
          if (!isCortexError(error) || error.code !== "proc.unreadable") throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("processor time is summed without counting guests twice, processors are counted", () => {
  expect(parseStat(STAT)).toEqual({
    cpu: { user: 10, nice: 1, system: 5, idle: 80, iowait: 2, irq: 0, softirq: 1, steal: 1, total: 100 },
    cpuCount: 2,
    contextSwitches: 91_823,
    forks: 1209,
    running: 2,
    blocked: 1,
  });
});

test("memory without MemAvailable is estimated by the kernel's rule", () => {
  const memory = parseMemoryInfo(MEMINFO);
  expect(memory).toMatchObject({ availableBytes: null, pageBytes: 4096, swapFreeBytes: 1_900_000 * 1024 });
  // Watermark 50,000 KiB: free − w, cache 1,100,000 − w, slab 80,000 − its half.
  expect(estimateAvailable(memory, 40_000)).toBe((150_000 + 1_050_000 + 40_000) * 1024);
});

test("the size of a page is told by the size of a huge one", () => {
  const pageOf = (kib: number) => parseMemoryInfo(MEMINFO.replace("2048 kB", `${kib} kB`)).pageBytes;
  expect([2048, 32_768, 524_288, 1_048_576].map(pageOf)).toEqual([4096, 16_384, 65_536, 4096]);
});

test("a kernel that does not count OOM kills is told from one that counted none", () => {
  expect(parseVmStat("pswpin 0\n").oomKills).toBeNull();
  expect(parseVmStat("pswpin 0\noom_kill 0\n").oomKills).toBe(0);
});

test("pressure is a ratio, and the cpu file of older kernels has no full line", () => {
  expect(parsePressure(PRESSURE, "p").some).toEqual({
    avg10Ratio: 0.0321,
    avg60Ratio: 0.0773,
    avg300Ratio: 0.0348,
    totalSeconds: 26.044727,
  });
  expect(parsePressure(PRESSURE.split("\n")[0]!, "p").full).toBeNull();
});

test("partitions are left out, a lone one and short lines of old kernels are not mistaken", () => {
  const disks = wholeDisks(parseDiskStats(DISKS));
  expect(disks.map((disk) => disk.name)).toEqual(["sda", "nvme0n1", "xvda1"]);
  expect(disks[0]).toMatchObject({
    reads: 100,
    readBytes: 800 * 512,
    inFlight: 3,
    busyMs: 120,
    weightedMs: 140,
  });
});

test("counters of one protocol go by name", () => {
  expect(parseProtocol(NETSTAT, "TcpExt", "p")?.get("ListenDrops")).toBe(14);
  expect(parseProtocol(NETSTAT, "MPTcpExt", "p")).toBeNull();
});

test("IPv4 in IPv6 is IPv4, and a listener's receive queue is its backlog", () => {
  const [listener, finished] = sockets(TCP);
  expect(listener).toMatchObject({ localPort: 8080, state: 0x0a, receiveQueue: 129 });
  expect(finished).toMatchObject({ localAddress: "0100007F", localPort: 40_000, remotePort: 8080, state: 6 });
  expect(isLoopback(finished!.remoteAddress)).toBe(true);
});

test("a process name may hold blanks and parentheses", () => {
  expect(parseProcessStat(PID_STAT, "p")).toEqual({
    pid: 812,
    comm: "job d) (x",
    state: "S",
    parent: 1,
    group: 812,
    cpuTicks: 43,
    threads: 7,
    startTicks: 8123,
    residentPages: 1201,
  });
});

test("an unlimited number of open files is no number", () => {
  expect(parseOpenFilesLimit(LIMITS, "p")).toEqual({ soft: 1024, hard: null });
});

test("a process belongs to a system service, or to none that could be restarted", () => {
  expect(unitOfCgroup("/system.slice/system-getty.slice/getty@tty1.service")).toBe("getty@tty1.service");
  expect(unitOfCgroup("/user.slice/user-1000.slice/user@1000.service/app.slice/x.service")).toBeNull();
  expect(unitOfCgroup("/system.slice/docker-4f5e.scope")).toBeNull();
  expect(parseUnit("4:memory:/system.slice\n1:name=systemd:/system.slice/nginx.service\n")).toBe(
    "nginx.service",
  );
  expect(parseUnit("0::/init.scope\n")).toBeNull();
});

test("a line is found at the start of a line only", () => {
  expect(lineAfter("a 1\nba 2\n", "a ")).toBe("1");
  expect(lineAfter("ba 2\nc 3", "a ")).toBeNull();
  expect(lineAfter("ba 2\nc 3", "c ")).toBe("3");
});

describe("the host of prometheus/node_exporter", () => {
  const { root, present } = hostFixture("node-exporter");
  const proc = join(root, "proc");
  const read = (path: string) => readFileSync(join(proc, path), "utf8");
  test.skipIf(!present)(`is read${present ? "" : " (skipped: fixtures are not here)"}`, () => {
    expect(parseStat(read("stat"))).toMatchObject({ cpuCount: 8, forks: 26_442 });
    expect(parseLoadAverage(read("loadavg"))).toMatchObject({ load1: 0.21, tasks: 719 });
    expect(parseMemoryInfo(read("meminfo"))).toMatchObject({
      totalBytes: 3_742_148 * 1024,
      availableBytes: null,
    });
    expect(parseVmStat(read("vmstat"))).toMatchObject({ swapOutPages: 35_045, oomKills: 0 });
    expect(parsePressure(read("pressure/io"), "io").some.avg60Ratio).toBe(0.0034);
    expect(parseTcpSockets(read("net/sockstat"), "TCP", "p")).toMatchObject({ inUse: 4, timeWait: 4 });
    expect(parseProtocol(read("net/netstat"), "TcpExt", "p")?.get("TW")).toBe(388_812);
    expect(parseProcessStat(read("10/stat"), "p")).toMatchObject({ comm: "khungtaskd", parent: 2 });
    const disks = wholeDisks(parseDiskStats(read("diskstats"))).filter(({ reads }) => reads > 0);
    const names = "sda dm-0 dm-1 dm-2 dm-3 dm-4 dm-5 mmcblk0 fd0 vda nvme0n1 sdb sdc".split(" ");
    expect(disks.map(({ name }) => name)).toEqual(names);
  });
});
