import { CortexError } from "cortex";
import type { Settings } from "../../../core/http/routes/settings.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state } from "../output.ts";
import { nodeIdOf } from "../pick.ts";

const turn = (repairs: boolean) =>
  command({
    name: `switch ${repairs ? "on" : "off"}`,
    description: repairs
      ? "Let repairs act again."
      : "Stop every repair within a second, also after restarts.",
    args: {
      ...connectionArgs,
      reason: {
        type: "string",
        description: "Why, for the ledger.",
        ...(repairs ? { default: "switched on the command line" } : { required: true }),
        valueHint: "TEXT",
      },
      node: { type: "string", description: "Only on this node, by name or id.", valueHint: "NODE" },
    },
    run: (args) =>
      withClient(args, async (client) => {
        const node = await nodeIdOf(client, args.node ?? "*");
        const body = { repairs, reason: args.reason, node };
        const answer = await client.post("settings/switch", body);
        if (args.json) printJson(answer);
        else print(repairs ? "Repairs are on." : "Repairs are off; checking goes on.");
      }),
  });

const show = command({
  name: "switch show",
  description: "Whether repairs are on; `cortex switch` alone says it, too.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const found = await client.get<Partial<Switch>>("settings");
      const { switch: now, nodesOff } = found;
      if (now === undefined || nodesOff === undefined)
        throw new CortexError(
          "cli.agent",
          "conflict",
          "the switch of this node is at its Monitor: cortex switch there",
        );
      if (args.json) printJson({ switch: now, nodesOff });
      else print(switchText({ switch: now, nodesOff }));
    }),
});

interface Switch {
  switch: Settings["switch"];
  nodesOff: Pick<Settings["nodesOff"][number], "nodeName">[];
}

const SHOWN_NODES = 10;

export function switchText({ switch: now, nodesOff }: Switch): string {
  if (now === null) return "No node has said yet whether its repairs are on.";
  if (now === "on") return "Repairs are on.";
  if (now === "off")
    return `Repairs are ${state("off")}; checking goes on. To let them act again: cortex switch on`;
  const names = nodesOff.slice(0, SHOWN_NODES).map(({ nodeName }) => clean(nodeName, 40));
  const more = nodesOff.length - names.length;
  return `Repairs are on, but ${state("off")} on ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}

export default group(
  "switch",
  "The master switch: repairs on or off.",
  {
    show: async () => show,
    on: async () => turn(true),
    off: async () => turn(false),
  },
  "show",
);
