import { CortexError, parseDuration } from "cortex";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, table, when } from "../output.ts";
import { ID_HELP, nodeIdOf } from "../pick.ts";

interface Window {
  id: string;
  nodeName: string;
  check: string;
  target: string;
  from: string;
  until: string;
  reason: string;
  actor: string;
}

const list = command({
  name: "maintenance list",
  description: "List maintenance windows.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<Window>("maintenance");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No maintenance windows.");
      print(
        table(
          ["ID", "NODE", "CHECK", "TARGET", "FROM", "UNTIL", "BY", "REASON"],
          items.map((one) => [
            one.id.slice(-8),
            clean(one.nodeName, 30),
            one.check,
            clean(one.target, 30),
            when(one.from),
            when(one.until),
            one.actor,
            clean(one.reason, 60),
          ]),
        ),
      );
    }),
});

const add = command({
  name: "maintenance add",
  description: "No repairs for a while, on everything or on one check; what happens is still seen.",
  args: {
    ...connectionArgs,
    for: {
      type: "string",
      description: "How long from now, for example 2h.",
      required: true,
      valueHint: "DURATION",
    },
    reason: { type: "string", description: "Why.", required: true, valueHint: "TEXT" },
    check: { type: "string", description: "Only this check.", default: "*", valueHint: "NAME" },
    target: { type: "string", description: "Only this target.", default: "*", valueHint: "TARGET" },
    node: {
      type: "string",
      description: "On this node, by name or id; may be left out where there is one.",
      valueHint: "NODE",
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const ms = parseDuration(args.for);
      if (ms === null)
        throw new CortexError(
          "cli.duration",
          "invalid",
          `--for ${args.for} is no duration; write 30m, 2h or 1d`,
        );
      const now = Date.now();
      const answer = await client.post<{ id: string }>("maintenance", {
        check: args.check,
        target: args.target,
        from: new Date(now).toISOString(),
        until: new Date(now + ms).toISOString(),
        reason: args.reason,
        ...(args.node ? { node: await nodeIdOf(client, args.node) } : {}),
      });
      if (args.json) printJson(answer);
      else print(`Maintenance for ${args.for}.`);
    }),
});

const remove = command({
  name: "maintenance remove",
  description: "End a maintenance window now.",
  args: {
    ...connectionArgs,
    id: {
      type: "positional",
      required: true,
      description: ID_HELP,
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<Window>("maintenance");
      const window = client.pick(items, args.id, "maintenance window");
      await client.delete(`maintenance/${encodeURIComponent(window.id)}`);
      if (args.json) printJson({ deleted: window.id });
      else print("Maintenance ended.");
    }),
});

export default group("maintenance", "Times in which nothing is repaired.", {
  list: async () => list,
  add: async () => add,
  remove: async () => remove,
});
