import { CortexError } from "cortex";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, table, when } from "../output.ts";
import { ID_HELP } from "../pick.ts";

interface SessionItem {
  id: string;
  user: string;
  method: string;
  ip: string;
  userAgent: string;
  lastUsedAt: string;
  expiresAt: string;
}

const list = command({
  name: "session list",
  description: "List who is logged in, from where and since when.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<SessionItem>("sessions");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("Nobody is logged in.");
      print(
        table(
          ["ID", "USER", "BY", "FROM", "LAST USED", "ENDS", "BROWSER"],
          items.map((one) => [
            one.id.slice(-8),
            clean(one.user, 40),
            clean(one.method, 30),
            one.ip,
            when(one.lastUsedAt),
            when(one.expiresAt),
            clean(one.userAgent, 40),
          ]),
        ),
      );
    }),
});

const end = command({
  name: "session end",
  description: "End one session, all of a user, or everybody's.",
  args: {
    ...connectionArgs,
    id: {
      type: "positional",
      required: false,
      description: ID_HELP,
    },
    user: { type: "string", description: "All sessions of this user.", valueHint: "NAME" },
    all: { type: "boolean", description: "Everybody's sessions." },
  },
  run(args) {
    const ways = [args.id, args.user, args.all || undefined].filter((one) => one !== undefined);
    if (ways.length !== 1)
      throw new CortexError(
        "cli.which",
        "invalid",
        "say which: an id from `cortex session list`, --user NAME, or --all",
      );
    return withClient(args, async (client) => {
      const { items } = await client.list<SessionItem>("sessions");
      const ended = args.all
        ? items
        : args.user === undefined
          ? [client.pick(items, args.id!, "session")]
          : items.filter(({ user }) => user.toLowerCase() === args.user!.toLowerCase());
      for (const { id } of ended) await client.delete(`sessions/${id}`);
      if (args.json) printJson({ ended: ended.map(({ id }) => id) });
      else print(ended.length === 1 ? "1 session ended." : `${ended.length} sessions ended.`);
    });
  },
});

export default group("session", "Who is logged in.", {
  list: async () => list,
  end: async () => end,
});
