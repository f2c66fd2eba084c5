import { CortexError, parseDuration } from "cortex";
import { command, connectionArgs, group } from "../command.ts";
import { withClient } from "../client.ts";
import { hasSeveralNodes, nodeIdOf } from "../pick.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import type { WireCheck } from "../../../core/wire/inventory.ts";

type CheckItem = WireCheck & { node: string; nodeName: string };

const list = command({
  name: "checks list",
  description: "List checks with their state, status and timing.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<CheckItem>("checks", { limit: "500" });
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No checks yet: the daemon has not reported.");
      const named = await hasSeveralNodes(client, items);
      print(
        table(
          [
            ...(named ? ["NODE"] : []),
            "CHECK",
            "STATE",
            "STATUS",
            "EVERY",
            "LAST RUN",
            "TOOK",
            "RUNS",
            "SUMMARY",
          ],
          items.map((one) => [
            ...(named ? [clean(one.nodeName, 24)] : []),
            one.id,
            state(one.state),
            one.status === null ? "–" : state(one.status),
            one.schedule ?? `${one.intervalSeconds}s`,
            when(one.lastRunAt),
            one.lastDurationSeconds === null ? "–" : `${(one.lastDurationSeconds * 1000).toFixed(1)}ms`,
            String(one.runs),
            clean(one.reason ?? one.summary, 70),
          ]),
        ),
      );
    }),
});

const idArg = {
  type: "positional",
  required: true,
  description: "Name of the check, as in `cortex checks list`.",
} as const;
const nodeArg = {
  type: "string",
  description: "Only on this node, by name or id; without it on every connected one.",
  valueHint: "NODE",
} as const;

const run = command({
  name: "checks run",
  description: "Run a check now.",
  args: { ...connectionArgs, check: idArg, node: nodeArg },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.post(`checks/${encodeURIComponent(args.check)}/run`, {
        node: await nodeIdOf(client, args.node ?? "*"),
      });
      if (args.json) printJson(answer);
      else print(`${args.check} is running; \`cortex inspections --check ${args.check}\` shows how it went`);
    }),
});

const pause = command({
  name: "checks pause",
  description: "Stop running a check until it is resumed.",
  args: {
    ...connectionArgs,
    check: idArg,
    node: nodeArg,
    for: {
      type: "string",
      description: "Resume by itself after this time, for example 2h.",
      valueHint: "DURATION",
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const ms = args.for === undefined ? null : parseDuration(args.for);
      if (args.for !== undefined && ms === null)
        throw new CortexError(
          "cli.duration",
          "invalid",
          `--for ${args.for} is no duration; write 30m, 2h or 1d`,
        );
      const until = ms === null ? {} : { until: new Date(Date.now() + ms).toISOString() };
      const answer = await client.post(`checks/${encodeURIComponent(args.check)}/pause`, {
        node: await nodeIdOf(client, args.node ?? "*"),
        ...until,
      });
      if (args.json) printJson(answer);
      else print(`${args.check} is paused${args.for === undefined ? "" : ` for ${args.for}`}`);
    }),
});

const resume = command({
  name: "checks resume",
  description: "Run a paused check again.",
  args: { ...connectionArgs, check: idArg, node: nodeArg },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.post(`checks/${encodeURIComponent(args.check)}/resume`, {
        node: await nodeIdOf(client, args.node ?? "*"),
      });
      if (args.json) printJson(answer);
      else print(`${args.check} runs again`);
    }),
});

export default group("checks", "What is looked at: list, run, pause and resume.", {
  list: async () => list,
  run: async () => run,
  pause: async () => pause,
  resume: async () => resume,
});
