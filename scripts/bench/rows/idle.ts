/** What it costs when nothing happens: all candidates run side by side, so that they share the machine's mood. */
import type { Rig } from "../../accept/lib/rig.ts";
import { pause } from "../../accept/lib/wait.ts";
import { demoService } from "../../accept/loop/demo.ts";
import { cpuSeconds, memoryOf } from "../lib/cost.ts";
import { floorArgv } from "../lib/floor.ts";
import { missing, MONIT, NODE_EXPORTER } from "../lib/installed.ts";
import { startExporter, startMonit } from "../lib/peers.ts";
import type { Figure, Peer, Row } from "../row.ts";

/** The runtime goes on compiling hot code for some minutes; what people pay for days is measured after that. */
const FULL = { settleMs: 150_000, measureMs: 90_000 };
const QUICK = { settleMs: 4000, measureMs: 10_000 };
const SCRAPE_MS = 15_000;
const CYCLE_SECONDS = 30;

/** Scrape at once and then as a Prometheus with its default interval; returns "stop". */
function scrapeRegularly(scrape: () => Promise<void>): () => void {
  const run = () => void scrape().catch(() => undefined);
  run();
  const timer = setInterval(run, SCRAPE_MS);
  return () => clearInterval(timer);
}

async function startAll(rig: Rig): Promise<{ pids: Map<string, number>; skipped: Map<string, string> }> {
  const port = await rig.port();
  const [plain, demo] = [
    await rig.cortex(),
    await rig.cortex({ config: { version: 1, plugins: { service: [demoService(port)] } } }),
  ];
  const pids = new Map([
    ["plain", plain.pid],
    ["demo", demo.pid],
    ["floor", rig.spawn(floorArgv("idle", String(await rig.port()), rig.folder)).pid],
  ]);
  const skipped = new Map<string, string>();
  for (const program of [NODE_EXPORTER, MONIT]) {
    const reason = missing(program);
    if (reason !== null) skipped.set(program.package, reason);
  }
  if (!skipped.has(NODE_EXPORTER.package)) {
    const exporter = await startExporter(rig);
    pids.set("exporter", exporter.pid);
    rig.atEnd(scrapeRegularly(exporter.scrape));
  }
  if (!skipped.has(MONIT.package)) pids.set("monit", startMonit(rig, CYCLE_SECONDS));
  return { pids, skipped };
}

export const idle: Row = {
  name: "idle",
  summary: "processor time and memory of the all-in-one while nothing happens",
  async run(rig) {
    const { settleMs, measureMs } = rig.quick ? QUICK : FULL;
    const { pids, skipped } = await startAll(rig);
    await pause(settleMs);
    const before = new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid)]));
    const began = performance.now();
    await pause(measureMs);
    const minutes = (performance.now() - began) / 60_000;
    const cpu = (name: string) => (cpuSeconds(pids.get(name)!) - before.get(name)!) / minutes;
    const memory = new Map([...pids].map(([name, pid]) => [name, memoryOf(pid)]));
    const peer = (name: string, key: string, of: string, value: (key: string) => number): Peer =>
      pids.has(key) ? { name, value: value(key) } : { name, value: null, skipped: skipped.get(of) };
    const note = rig.quick
      ? "quick: the runtime was still compiling; the whole run waits for that"
      : undefined;
    const scrape = `node_exporter, ${SCRAPE_MS / 1000} s scrape`;
    const rss = (name: string) => memory.get(name)!.rssMiB;
    const anonymous = (name: string) => memory.get(name)!.anonymousMiB;
    const figures: Figure[] = [
      {
        figure: "idle, default configuration",
        unit: "CPU s/min",
        ours: cpu("plain"),
        floor: cpu("floor"),
        peer: peer(scrape, "exporter", NODE_EXPORTER.package, cpu),
        budget: 0.25,
        note,
      },
      {
        figure: "idle, with a service every 2 s",
        unit: "CPU s/min",
        ours: cpu("demo"),
        floor: cpu("floor"),
        peer: peer(`monit, 10 checks, ${CYCLE_SECONDS} s`, "monit", MONIT.package, cpu),
        budget: 0.25,
      },
      {
        figure: "idle RSS",
        unit: "MiB",
        ours: rss("plain"),
        floor: rss("floor"),
        peer: peer("node_exporter", "exporter", NODE_EXPORTER.package, rss),
        budget: 80,
      },
      {
        figure: "idle anonymous memory",
        unit: "MiB",
        ours: anonymous("plain"),
        floor: anonymous("floor"),
        peer: peer("node_exporter", "exporter", NODE_EXPORTER.package, anonymous),
      },
    ];
    return { figures };
  },
};
