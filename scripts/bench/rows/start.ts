/** From the start of the process to its first answers. The port is asked without pause, on one connection after the other. */
import { connect } from "node:net";
import type { Rig } from "../../accept/lib/rig.ts";
import { median } from "../../accept/lib/stats.ts";
import { pause } from "../../accept/lib/wait.ts";
import { cpuSeconds } from "../lib/cost.ts";
import { compileFloor } from "../lib/floor.ts";
import { missing, NODE_EXPORTER } from "../lib/installed.ts";
import { exporterArgv } from "../lib/peers.ts";
import type { Figure, Row } from "../row.ts";

interface Started {
  /** Milliseconds until each path answered with 200. */
  answeredMs: number[];
  /** Processor time taken by then, ms. */
  cpuMs: number;
}

const LONGEST_MS = 15_000;

/** The status of one GET, or null when nobody answers yet. */
function ask(port: number, path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (status: number | null) => {
      socket.destroy();
      resolve(status);
    };
    socket.once("error", () => end(null));
    socket.once("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
    socket.once("data", (head) => end(Number(head.toString("latin1", 9, 12))));
    socket.once("close", () => end(null));
  });
}

async function startOnce(rig: Rig, argv: string[], port: number, paths: string[]): Promise<Started> {
  const began = performance.now();
  const child = rig.spawn(argv);
  const answeredMs: number[] = [];
  for (const path of paths) {
    while ((await ask(port, path)) !== 200) {
      if (performance.now() - began > LONGEST_MS) throw new Error(`${argv[0]} does not answer ${path}`);
      await pause(1);
    }
    answeredMs.push(performance.now() - began);
  }
  const cpuMs = cpuSeconds(child.pid) * 1000;
  child.kill("SIGTERM");
  await child.exited;
  return { answeredMs, cpuMs };
}

export const start: Row = {
  name: "start",
  summary: "from the start of the process to its first answers",
  async run(rig) {
    const rounds = rig.quick ? 2 : 9;
    const hello = await compileFloor(rig, "hello");
    const binary = await rig.binary();
    const config = rig.file("config.yaml", "");
    const exporterMissing = missing(NODE_EXPORTER);
    const ours: Started[] = [];
    const floor: Started[] = [];
    const peer: Started[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const port = await rig.port();
      const where = [
        "--data-dir",
        `${rig.folder}/data`,
        "--plugins-dir",
        `${rig.folder}/none`,
        "--config",
        config,
      ];
      const argv = [binary, "up", "--listen", `127.0.0.1:${port}`, ...where];
      ours.push(await startOnce(rig, argv, port, ["/healthz", "/readyz"]));
      const other = await rig.port();
      floor.push(await startOnce(rig, [hello, String(other)], other, ["/healthz"]));
      const third = await rig.port();
      if (exporterMissing === null) peer.push(await startOnce(rig, exporterArgv(third), third, ["/"]));
    }
    const answer = (all: Started[], index: number) => median(all.map((one) => one.answeredMs[index]!));
    const cpu = (all: Started[]) => median(all.map((one) => one.cpuMs));
    const nodeExporter = (value: () => number) => ({
      name: "node_exporter",
      value: exporterMissing === null ? value() : null,
      ...(exporterMissing !== null && { skipped: exporterMissing }),
    });
    const figures: Figure[] = [
      {
        figure: "start → /healthz",
        unit: "ms",
        ours: answer(ours, 0),
        floor: answer(floor, 0),
        peer: nodeExporter(() => answer(peer, 0)),
        budget: 150,
        note: "wall time: grows with the load of the machine; the processor time below does not",
      },
      {
        figure: "start → /readyz, everything loaded",
        unit: "ms",
        ours: answer(ours, 1),
        floor: answer(floor, 0),
      },
      {
        figure: "start → /readyz, processor time",
        unit: "ms",
        ours: cpu(ours),
        floor: cpu(floor),
        peer: nodeExporter(() => cpu(peer)),
      },
    ];
    return { figures };
  },
};
