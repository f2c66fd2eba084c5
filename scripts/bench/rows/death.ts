/** A service is killed; how long until it serves again. Evidence, intent and ledger are written before it is started. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { listenerOf } from "../../accept/lib/processes.ts";
import type { Rig } from "../../accept/lib/rig.ts";
import { median } from "../../accept/lib/stats.ts";
import { pause, until } from "../../accept/lib/wait.ts";
import { demoService, serverArgv, serving, WIDE_BUDGETS } from "../../accept/loop/demo.ts";
import { floorFigure } from "../lib/floor.ts";
import { missing, MONIT } from "../lib/installed.ts";
import { startMonit } from "../lib/peers.ts";
import type { Row } from "../row.ts";

const CYCLE_SECONDS = 5;
const LONGEST_MS = 60_000;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });

/** Kill what listens on the port; milliseconds until somebody else accepts a connection there. */
async function killOnce(port: number): Promise<number> {
  const pid = await until(() => listenerOf(port), { what: `port ${port} is served`, timeoutMs: LONGEST_MS });
  const killedAt = performance.now();
  process.kill(pid, "SIGKILL");
  await until(async () => listenerOf(port) !== pid && (await accepts(port)), {
    what: `port ${port} is served again`,
    timeoutMs: LONGEST_MS,
    everyMs: 5,
  });
  return performance.now() - killedAt;
}

async function ours(rig: Rig, rounds: number): Promise<number[]> {
  const port = await rig.port();
  const cortex = await rig.cortex({
    config: { version: 1, ...WIDE_BUDGETS, plugins: { service: [demoService(port)] } },
  });
  await serving(port);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.push(await killOnce(port));
    const open = async () => {
      const { json } = await cortex.api<{ items: unknown[] }>("GET", "problems?state=open");
      return json.items.length === 0;
    };
    await until(open, { what: "the repair is verified", timeoutMs: 20_000, everyMs: 100 });
  }
  return times;
}

/** The same program under monit, put into the background by Debian's own tool. */
async function monit(rig: Rig, rounds: number): Promise<number[]> {
  const port = await rig.port();
  const pidFile = `${rig.folder}/demo.pid`;
  const [python, ...args] = serverArgv(port);
  const starter = ["/sbin/start-stop-daemon", "--start", "--background", "--make-pidfile"];
  const start = [...starter, "--pidfile", pidFile, "--exec", python, "--", ...args].join(" ");
  startMonit(rig, CYCLE_SECONDS, [
    `check process demo with pidfile ${pidFile}`,
    `  start program = "${start}"`,
    `  if failed port ${port} then restart`,
  ]);
  await serving(port, LONGEST_MS);
  rig.atEnd(() => void process.kill(Number(readFileSync(pidFile, "utf8")), "SIGTERM"));
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Deaths come at any moment of the cycle: spread over it, their mean is that of chance.
    await pause(1000 + ((round + 0.5) / rounds) * CYCLE_SECONDS * 1000);
    times.push(await killOnce(port));
  }
  return times;
}

export const death: Row = {
  name: "death",
  summary: "death of a service → serving again",
  async run(rig) {
    const reason = missing(MONIT);
    const peerRounds = rig.quick ? 1 : 5;
    const [mine, theirs, floor] = await Promise.all([
      ours(rig, rig.quick ? 2 : 10),
      reason === null ? monit(rig, peerRounds) : [],
      floorFigure(rig, "restart"),
    ]);
    return {
      figures: [
        {
          figure: "death of a service → serving again",
          unit: "ms",
          ours: median(mine),
          floor,
          peer: {
            name: `monit, ${CYCLE_SECONDS} s cycle`,
            value: reason === null ? median(theirs) : null,
            ...(reason !== null && { skipped: reason }),
          },
          budget: 1000,
          note: `worst of ${mine.length}: ${Math.round(Math.max(...mine))} ms; the start of the service itself is in it; floor: a bare child started again`,
        },
      ],
    };
  },
};
