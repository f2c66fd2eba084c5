/** runaway: a process group of a declared program that keeps processors busy. */
import { judge } from "cortex";
import type { Check, PluginContext, Result, Skipped } from "cortex";
import { thresholds } from "../common/check-config.ts";
import { type Group, groupsOf, type Member, sizeOf } from "./groups.ts";

export interface RunawayConfig {
  program: string;
  warning_cores: number | null;
  critical_cores: number | null;
  clear_warning_cores: number | null;
  clear_critical_cores: number | null;
  stop_timeout: number;
}

export const TYPE = "process.runaway";
export const ownerOf = (program: string) => `program:${program}`;

const keyOf = ({ identity }: Member) => `${identity.pid} ${identity.startTicks}`;

/** Readings of processor time, and what a group used since the last one. */
function createMeter({ clock, node }: PluginContext) {
  let last: { at: number; ticks: Map<string, number> } | null = null;
  return (groups: Group[]): Map<Group, number> | null => {
    const at = clock.monotonic();
    const before = last;
    last = {
      at,
      ticks: new Map(groups.flatMap(({ members }) => members.map((one) => [keyOf(one), one.cpuTicks]))),
    };
    if (before === null || at <= before.at) return null;
    // Who was not there at the last reading has spent all its time since.
    const usedBy = (one: Member) => Math.max(0, one.cpuTicks - (before.ticks.get(keyOf(one)) ?? 0));
    return new Map(
      groups.map((group) => [
        group,
        group.members.reduce((sum, one) => sum + usedBy(one) * node.tickMs, 0) / (at - before.at),
      ]),
    );
  };
}

export function createRunaway(ctx: PluginContext, config: RunawayConfig): Check {
  const { program } = config;
  const limit = thresholds(config, "cores");
  const measure = createMeter(ctx);
  return {
    name: "runaway",
    summary: "Process groups of a declared program that keep processors busy",
    type: TYPE,
    nature: "measured",
    intervalMs: 15_000,
    confirmMs: 600_000,
    needsTwoReadings: true,
    async run(run): Promise<(Result | Skipped)[]> {
      const groups = await groupsOf(ctx, program);
      if (groups === null)
        return [{ skipped: "no processes in /proc: the host's /proc is not mounted below host_root" }];
      const cores = measure(groups);
      if (cores === null) return [{ skipped: "first reading: a use of processors needs two" }];
      const [worst] = [...cores].toSorted(([, a], [, b]) => b - a);
      const used = worst?.[1] ?? 0;
      const status = judge(used, limit, run.previous(program));
      const [first] = worst?.[0].members ?? [];
      return [
        {
          target: program,
          owner: ownerOf(program),
          status,
          summary:
            worst === undefined
              ? `no process of ${program} runs`
              : `group ${worst[0].id} of ${program} keeps ${used.toFixed(2)} processors busy (${sizeOf(worst[0].members)})`,
          metrics: { "runaway.cores": used, "runaway.groups": groups.length },
          // What a process has in memory ends with it: somebody has to agree.
          tags: ["stateful"],
          ...(status !== "ok" && first && { data: { group: worst![0].id, first: first.identity } }),
        },
      ];
    },
  };
}
