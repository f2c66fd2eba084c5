/** `cortex inspect` as a whole process, beside the start of the same program and plug-ins that do a part of it. */
import type { Rig } from "../../accept/lib/rig.ts";
import { median } from "../../accept/lib/stats.ts";
import { missing, MONITORING_PLUGINS } from "../lib/installed.ts";
import type { Row } from "../row.ts";

const PLUGINS = "/usr/lib/nagios/plugins";
/** Six of the host, with limits that never alarm. */
const SIX = [
  [`${PLUGINS}/check_load`, "-w", "99,99,99", "-c", "199,199,199"],
  [`${PLUGINS}/check_disk`, "-w", "1%", "-c", "1%", "-p", "/"],
  [`${PLUGINS}/check_swap`, "-w", "0", "-c", "0"],
  [`${PLUGINS}/check_procs`, "-w", "99999", "-c", "99999"],
  [`${PLUGINS}/check_users`, "-w", "999", "-c", "999"],
  [`${PLUGINS}/check_file_age`, "-w", "999999999", "-c", "999999999", "-f", "/etc/passwd"],
];

interface Cost {
  wallMs: number;
  cpuMs: number;
}

async function costOf(rig: Rig, argv: string[]): Promise<Cost> {
  const began = performance.now();
  const child = rig.spawn(argv);
  await child.exited;
  const wallMs = performance.now() - began;
  const usage = child.resourceUsage();
  return { wallMs, cpuMs: Number(usage?.cpuTime.total ?? 0n) / 1000 };
}

async function six(rig: Rig): Promise<Cost> {
  const sum: Cost = { wallMs: 0, cpuMs: 0 };
  for (const argv of SIX) {
    const { wallMs, cpuMs } = await costOf(rig, argv);
    sum.wallMs += wallMs;
    sum.cpuMs += cpuMs;
  }
  return sum;
}

export const inspectCommand: Row = {
  name: "inspect-command",
  summary: "`cortex inspect` as a whole process",
  async run(rig) {
    const rounds = rig.quick ? 2 : 9;
    const binary = await rig.binary();
    const config = rig.file("config.yaml", "");
    const reason = missing(MONITORING_PLUGINS);
    const costs = { ours: [] as Cost[], floor: [] as Cost[], peer: [] as Cost[] };
    for (let round = 0; round < rounds; round += 1) {
      costs.ours.push(await costOf(rig, [binary, "inspect", "--json", "--config", config]));
      costs.floor.push(await costOf(rig, [binary, "version"]));
      if (reason === null) costs.peer.push(await six(rig));
    }
    const figure = (what: keyof Cost) => {
      const of = (all: Cost[]) => median(all.map((one) => one[what]));
      return {
        ours: of(costs.ours),
        floor: of(costs.floor),
        peer: {
          name: "six monitoring-plugins",
          value: reason === null ? of(costs.peer) : null,
          ...(reason !== null && { skipped: reason }),
        },
      };
    };
    return {
      figures: [
        {
          figure: "cortex inspect, whole process",
          unit: "CPU ms",
          ...figure("cpuMs"),
          note: "floor: `cortex version`, the start of the same program",
        },
        {
          figure: "cortex inspect, whole process",
          unit: "wall ms",
          ...figure("wallMs"),
          budget: 1500,
          note: "200 ms of it are the pause between the two readings that rates need",
        },
      ],
    };
  },
};
