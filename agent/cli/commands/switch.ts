import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { print, printJson } from "../output.ts";
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

export default group("switch", "The master switch: repairs on or off.", {
  on: async () => turn(true),
  off: async () => turn(false),
});
