/** Believable history for the fake API: days with a rhythm, a silence of the node, the same in every run. */
import type { Inspection, Metrics, MetricSeries, NodeItem, Repair } from "../data/types.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const GIB = 2 ** 30;

/** Smooth noise between 0 and 1 that depends on the time alone. */
function wave(at: number, periodMs: number, shift = 0): number {
  const x = at / periodMs + shift;
  return (
    (Math.sin(x * 6.283) + Math.sin(x * 17.1 + 1.3) * 0.5 + Math.sin(x * 41.7 + shift) * 0.25 + 1.75) / 3.5
  );
}

type Source = (at: number) => number;

function sources(node: NodeItem): Record<string, Source> {
  const load = node.metrics.cpuRatio ?? 0.2;
  const memory = node.memoryBytes ?? 8 * GIB;
  const day = (at: number) => 0.55 + 0.45 * Math.sin((at / DAY_MS) * 6.283 - 1.2);
  const busy = (at: number) =>
    Math.min(
      0.98,
      load * (0.5 + day(at) * wave(at, 22 * MINUTE_MS)) + 0.25 * wave(at, 7 * MINUTE_MS, 3) ** 6,
    );
  const counter = (perSecond: number, shift: number) => (at: number) =>
    Math.floor((perSecond * (at % (90 * DAY_MS))) / 1000 + perSecond * 40 * wave(at, 13 * MINUTE_MS, shift));
  return {
    "cpu_usage:host:cpu.usage_ratio": busy,
    "cpu_usage:host:cpu.iowait_ratio": (at) => 0.12 * wave(at, 31 * MINUTE_MS, 5) ** 4,
    "mem_available:host:memory.used_bytes": (at) =>
      memory * ((node.metrics.memoryRatio ?? 0.4) - 0.06 + 0.08 * day(at)),
    "mem_available:host:memory.cached_bytes": (at) => memory * (0.18 + 0.04 * wave(at, 3 * HOUR_MS)),
    "mem_available:host:memory.total_bytes": () => memory,
    "load_per_core:host:cpu.load1": (at) => busy(at) * (node.cpuCount ?? 4) * 1.1,
    "load_per_core:host:cpu.load5": (at) => busy(at - 2 * MINUTE_MS) * (node.cpuCount ?? 4),
    "load_per_core:host:cpu.load15": (at) => load * day(at) * (node.cpuCount ?? 4) * 0.9,
    "psi_cpu:host:pressure.cpu_some_60s_ratio": (at) => 0.3 * busy(at) ** 2,
    "psi_memory:host:pressure.memory_some_60s_ratio": (at) => 0.02 * wave(at, HOUR_MS, 2) ** 4,
    "psi_io:host:pressure.io_some_60s_ratio": (at) => 0.2 * wave(at, 31 * MINUTE_MS, 5) ** 4,
    "disk_busy:vda:disk.read_bytes_per_second": (at) => 4e6 * wave(at, 17 * MINUTE_MS, 1) ** 5,
    "disk_busy:vda:disk.write_bytes_per_second": (at) => 9e6 * wave(at, 11 * MINUTE_MS, 2) ** 3,
    "nic_link:eth0:nic.receive_bytes_total": counter(2e6, 1),
    "nic_link:eth0:nic.transmit_bytes_total": counter(9e5, 2),
    "fs_space:/:fs.used_ratio": (at) => 0.31 + 0.02 * wave(at, DAY_MS),
    "fs_space:/var/lib/postgresql:fs.used_ratio": (at) => Math.min(0.94, 0.86 + ((at / DAY_MS) % 9) * 0.009),
  };
}

const fits = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => RegExp.escape(part))
      .join(".*")}$`,
  ).test(name);

export function metricsOf(node: NodeItem, query: URLSearchParams, now: number): Metrics {
  const to = Date.parse(query.get("to") ?? "") || now;
  const from = Date.parse(query.get("from") ?? "") || to - HOUR_MS;
  const wanted = query.getAll("series");
  const asked = query.get("resolution");
  const stepMs = asked === "raw" ? 15_000 : Number(asked) * 1000;
  const all = node.metrics.cpuRatio === undefined ? {} : sources(node);
  const series = Object.entries(all)
    .filter(([name]) => wanted.some((pattern) => fits(pattern, name)))
    .map(([name, source]): MetricSeries => {
      const points: MetricSeries["points"] = [];
      for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) {
        // It was silent for seven minutes, half an hour ago.
        if (now - at > 24 * MINUTE_MS && now - at < 31 * MINUTE_MS) continue;
        points.push([at, source(at)]);
      }
      const band =
        stepMs < 300_000
          ? null
          : points.map(([, value]): [number, number] => [value! * 0.7, Math.min(value! * 1.35, 1)]);
      return {
        series: name,
        points,
        band: name.endsWith("_ratio") ? band : band && points.map(([, value]) => [value!, value!]),
      };
    });
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    names: Object.keys(all),
    series,
  };
}

export function runsOf(node: NodeItem, now: number): Inspection[] {
  return Array.from({ length: 40 }, (_, index) => ({
    id: `019a6f2e-9000-7c41-9b3e-5d20c4a1${String(index).padStart(4, "0")}`,
    node: node.id,
    nodeName: node.name,
    check: ["cpu_usage", "fs_space", "mem_available", "service", "psi_io"][index % 5]!,
    instance: index % 5 === 3 ? "nginx" : "default",
    trigger: index % 17 === 0 ? ("manual" as const) : ("schedule" as const),
    state: "done" as const,
    startedAt: new Date(now - index * 3100).toISOString(),
    durationSeconds: 0.002 + (index % 7) / 300,
    status: index % 11 === 3 ? "warning" : "ok",
    counts: { ok: 1 },
    error: null,
  }));
}

export const heldRepairs = (node: NodeItem, now: number): Repair[] =>
  (
    [
      ["service.start", "R1", "Start a unit or declared process that is down", ["service.down"], "act", 3],
      ["service.restart", "R2", "Restart a unit that is stuck", ["service.stuck"], "act", 1],
      ["journal.vacuum", "R1", "Vacuum the journal to its limit", ["fs.full"], "ask", 0],
      ["mount.mount", "R3", "Mount what fstab names", ["mount.missing"], "ask", 0],
    ] as const
  ).map(([id, kind, summary, remedies, mode, done]) => ({
    id,
    node: node.id,
    nodeName: node.name,
    version: 1,
    plugin: id.split(".")[0]!,
    summary,
    class: kind,
    remedies: [...remedies],
    undo: false,
    mode,
    attempts: done,
    successes: done,
    failures: 0,
    lastAt: done === 0 ? null : new Date(now - done * HOUR_MS).toISOString(),
  }));
