/** The plain lists: nodes, repairs, inspections and plugins share one shape. */
import { UNDO } from "../decision-card.ts";
import { type ArgsDef } from "citty";
import type { NodeItem } from "../../../core/monitor/items.ts";
import type { WirePlugin, WireRepair } from "../../../core/wire/inventory.ts";
import type { InspectionBody } from "../../../core/wire/report.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { hasSeveralNodes } from "../pick.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";

interface ListSpec<T> {
  name: string;
  description: string;
  path: string;
  empty: string;
  head: string[];
  row: (item: T) => string[];
  /** Of which node each is, where there are several; without it the lines are of no node, or name theirs themselves. */
  nodeOf?: (item: T) => { node: string; nodeName: string };
  args?: ArgsDef;
}

type OfNode<T> = T & { node: string; nodeName: string };

function listCommand<T>(spec: ListSpec<T>) {
  return command({
    name: spec.name,
    description: spec.description,
    args: { ...connectionArgs, ...spec.args } as typeof connectionArgs & ArgsDef,
    run: (args) =>
      withClient(args, async (client) => {
        const query: Record<string, string> = { limit: "200" };
        const wanted = Object.keys(spec.args ?? {}).filter((key) => args[key]);
        for (const key of wanted) query[key] = String(args[key]);
        const { items } = await client.list<T>(spec.path, query);
        if (args.json) return printJson(items);
        if (items.length === 0) return print(wanted.length > 0 ? "Nothing fits." : spec.empty);
        const { nodeOf } = spec;
        const named = nodeOf !== undefined && (await hasSeveralNodes(client, items.map(nodeOf)));
        print(listText(spec, items, named));
      }),
  });
}

export function listText<T>(
  { head, row, nodeOf }: Pick<ListSpec<T>, "head" | "row" | "nodeOf">,
  items: readonly T[],
  named: boolean,
): string {
  if (!named || nodeOf === undefined) return table(head, items.map(row));
  return table(
    ["NODE", ...head],
    items.map((one) => [clean(nodeOf(one).nodeName, 24), ...row(one)]),
  );
}

export const nodes = listCommand<NodeItem>({
  name: "nodes list",
  description: "List nodes with their state.",
  path: "nodes",
  args: {
    state: {
      type: "string",
      description: "Only these states, separated by commas; default all but pending and revoked.",
      valueHint: "STATE",
    },
  },
  empty: "No nodes yet: start the daemon with `cortex up`.",
  head: ["NODE", "STATE", "PROBLEMS", "REPAIRS", "LAST SEEN", "VERSION", "ID"],
  row: (one) => [
    clean(one.name, 40),
    state(one.state),
    String(one.openProblems),
    one.repairs === null ? "–" : one.repairs ? "on" : state("off"),
    when(one.lastSeenAt),
    one.version ?? "–",
    one.id,
  ],
});

export const repairs = listCommand<OfNode<WireRepair>>({
  name: "repairs",
  description: "List repairs with what policy lets them do and how they went.",
  path: "repairs",
  empty: "No repairs known.",
  head: ["REPAIR", "CLASS", "MODE", "REMEDIES", "DONE", "HELD", "FAILED", "UNDO", "LAST", "NEEDS"],
  nodeOf: (one) => one,
  row: (one) => [
    `${one.id}@${one.version}`,
    one.class,
    one.mode,
    clean(one.remedies.join(" "), 40),
    String(one.attempts),
    String(one.successes),
    String(one.failures),
    UNDO[one.undo ? "taken_back" : one.takesNothing ? "nothing" : "none"],
    when(one.lastAt),
    clean(one.needs?.join("; ") ?? "", 120),
  ],
});

export const inspections = listCommand<OfNode<InspectionBody>>({
  name: "inspections",
  description: "History of check runs, newest first.",
  path: "inspections",
  empty: "No runs yet.",
  args: { check: { type: "string", description: "Only this check.", valueHint: "NAME" } },
  head: ["STARTED", "CHECK", "BY", "STATUS", "TOOK", "RESULTS", "ERROR"],
  nodeOf: (one) => one,
  row: (one) => [
    when(one.startedAt),
    one.instance === "default" ? one.check : `${one.check}~${one.instance}`,
    one.trigger,
    one.status === null ? "running" : state(one.status),
    one.durationSeconds === null ? "–" : `${(one.durationSeconds * 1000).toFixed(1)}ms`,
    Object.entries(one.counts)
      .map(([status, count]) => `${count} ${status}`)
      .join(", "),
    clean(one.error ?? "", 60),
  ],
});

/** What a plugin of one's own may do, and what it asked for in vain. Built-ins are part of the program. */
export function permissionsOf({ origin, capabilities, granted }: WirePlugin): string {
  if (origin === "built-in") return "–";
  const may = granted ?? capabilities;
  const lacks = capabilities.filter((one) => !may.includes(one));
  const shown = may.length === 0 ? "none" : clean(may.join(", "), 60);
  return lacks.length === 0 ? shown : `${shown} (not allowed: ${clean(lacks.join(", "), 60)})`;
}

/** "landlock" of "landlock (bubblewrap is not installed)": why it is not a better one is told by `cortex doctor --security`. */
const cageWord = (label: string) => clean(label.replace(/ \(.*/s, ""), 20);

export const pluginRow = (one: WirePlugin): string[] => [
  one.id,
  state(one.state),
  one.origin,
  one.cage == null ? "–" : cageWord(one.cage),
  one.version,
  String(one.checks.length),
  String(one.repairs.length),
  permissionsOf(one),
  (one.retryAt == null ? "" : `starts again ${when(one.retryAt)}: `) + clean(one.reason ?? one.summary, 80),
];

export const plugins: ListSpec<OfNode<WirePlugin>> = {
  name: "plugin list",
  description: "List plugins with their state.",
  path: "plugins",
  empty: "No plugins known.",
  head: ["PLUGIN", "STATE", "ORIGIN", "CAGE", "VERSION", "CHECKS", "REPAIRS", "PERMISSIONS", "SUMMARY"],
  row: pluginRow,
  nodeOf: (one) => one,
};

export const pluginList = listCommand(plugins);
