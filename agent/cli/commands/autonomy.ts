/** What repairs may do by themselves: look, accept what was earned, take back, put into shadow. */
import type {
  AutonomyGrantItem,
  AutonomyItem,
  AutonomyOfferItem,
  IntentItem,
} from "../../../core/http/types.ts";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";

const repair = {
  type: "positional",
  required: true,
  description: "Name of the repair.",
  valueHint: "REPAIR",
} as const;
const scope = {
  type: "string",
  default: "*",
  description: "Where: *, node:ID, label:KEY=VALUE or group:NAME.",
  valueHint: "SCOPE",
} as const;
const reason = { type: "string", description: "Why; goes into the ledger.", valueHint: "TEXT" } as const;
const id = {
  type: "positional",
  required: true,
  description: "Id of a grant, or its end.",
  valueHint: "GRANT",
} as const;

type Evidence = AutonomyOfferItem["evidence"];
const seen = ({ verified, failed, bound }: Evidence): string =>
  `${verified} of ${verified + failed} held, at least ${Math.floor(bound * 100)} %`;

const list = command({
  name: "autonomy list",
  description: "List what repairs may do by themselves, and what has been earned and waits for a yes.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<AutonomyGrantItem>("autonomy");
      const offers = (await client.list<AutonomyOfferItem>("autonomy/offers")).items;
      if (args.json) return printJson({ grants: items, offers });
      if (items.length === 0) print("Nothing is said of any repair: classes and policies decide.");
      else
        print(
          table(
            ["REPAIR", "WHERE", "MAY", "SINCE", "BY", "UNTIL", "EVIDENCE", "NODES", "ID"],
            items.map(row),
          ),
        );
      for (const one of offers)
        print(
          `earned: ${clean(one.repair, 60)} in ${clean(one.scope, 80)} (${seen(one.evidence)}); accept it with ` +
            `\`cortex autonomy promote ${clean(one.repair, 60)} --scope ${clean(one.scope, 80)}\``,
        );
    }),
});

function row(one: AutonomyGrantItem): string[] {
  const { told, waiting, refused } = one.nodes;
  return [
    clean(one.repair, 40),
    clean(one.scope, 50),
    state(one.state),
    when(one.at),
    clean(one.by, 30),
    one.expiresAt === null ? "–" : when(one.expiresAt),
    seen(one.evidence),
    `${told} know${waiting > 0 ? `, ${waiting} to be told` : ""}${refused > 0 ? `, ${refused} refuse` : ""}`,
    one.id.slice(-8),
  ];
}

const setting = (name: "promote" | "shadow" | "ask", to: "act" | "shadow" | "ask", description: string) =>
  command({
    name: `autonomy ${name}`,
    description,
    args: { ...connectionArgs, repair, scope, reason },
    run: (args) =>
      withClient(args, async (client) => {
        const body = {
          repair: args.repair,
          scope: args.scope,
          state: to,
          ...(args.reason && { reason: args.reason }),
        };
        const one = await client.post<AutonomyGrantItem>("autonomy", body);
        if (args.json) return printJson(one);
        const until = one.expiresAt === null ? "" : ` until ${when(one.expiresAt)}`;
        const says = { act: "acts by itself", ask: "asks each time", shadow: "only says what it would do" }[
          one.state
        ];
        print(`${clean(one.repair)} ${says} in ${clean(one.scope)}${until}.`);
      }),
  });

const demote = command({
  name: "autonomy demote",
  description: "Take autonomy back: the repair asks from now on.",
  args: { ...connectionArgs, id, reason },
  run: (args) =>
    withClient(args, async (client) => {
      const one = await pick(client, args.id);
      const after = await client.post<AutonomyGrantItem>(`autonomy/${one.id}/demote`, {
        ...(args.reason && { reason: args.reason }),
      });
      if (args.json) return printJson(after);
      print(`${clean(after.repair)} asks each time in ${clean(after.scope)}.`);
    }),
});

const remove = command({
  name: "autonomy remove",
  description: "Say nothing of a repair any more: its class and the policies decide.",
  args: { ...connectionArgs, id },
  run: (args) =>
    withClient(args, async (client) => {
      const one = await pick(client, args.id);
      await client.delete(`autonomy/${one.id}`);
      if (args.json) return printJson({ id: one.id });
      print(`Nothing is said of ${clean(one.repair)} in ${clean(one.scope)} any more.`);
    }),
});

const pick = async (client: Client, wanted: string): Promise<AutonomyGrantItem> =>
  client.pick((await client.list<AutonomyGrantItem>("autonomy")).items, wanted, "grant of autonomy");

const history = command({
  name: "autonomy history",
  description: "List what was in force before, and why it ended.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<AutonomyItem>("autonomy/history", { limit: "100" });
      if (args.json) return printJson(items);
      if (items.length === 0) return print("Nothing has ended yet.");
      const rows = items.map((one) => [
        clean(one.repair, 40),
        clean(one.scope, 50),
        state(one.state),
        `${when(one.at)} by ${clean(one.by, 30)}`,
        one.endedAt === null ? "–" : `${when(one.endedAt)} by ${clean(one.endedBy ?? "", 30)}`,
        clean(one.endReason ?? "", 80),
      ]);
      print(table(["REPAIR", "WHERE", "MIGHT", "FROM", "UNTIL", "WHY"], rows));
    }),
});

const shadows = command({
  name: "autonomy shadows",
  description: "List what repairs in shadow would have done.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<IntentItem>("autonomy/shadows");
      if (args.json) return printJson(items);
      if (items.length === 0)
        return print("No repair is in shadow, or nothing happened that it would have repaired.");
      const rows = items.map((one) => [
        when(one.createdAt),
        clean(one.nodeName, 30),
        clean(one.summary, 120),
      ]);
      print(table(["WHEN", "NODE", "WOULD HAVE DONE"], rows));
    }),
});

export default group("autonomy", "What repairs may do by themselves, as they have earned it.", {
  list: async () => list,
  promote: async () => setting("promote", "act", "Let a repair act by itself where it has earned it."),
  demote: async () => demote,
  ask: async () => setting("ask", "ask", "Let a repair ask each time, whatever its class."),
  shadow: async () => setting("shadow", "shadow", "Let a repair only say what it would do."),
  remove: async () => remove,
  history: async () => history,
  shadows: async () => shadows,
});
