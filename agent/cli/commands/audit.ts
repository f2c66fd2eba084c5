import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import type { AuditItem } from "../../../core/access/audit-log.ts";

const filterArgs = {
  actor: { type: "string", description: "Whose acts: user:NAME, key:NAME, local.", valueHint: "ACTOR" },
  kind: { type: "string", description: "A kind, or its first word: auth, key.created.", valueHint: "KIND" },
  from: { type: "string", description: "At or after this ISO 8601 time.", valueHint: "TIME" },
  to: { type: "string", description: "At or before this ISO 8601 time.", valueHint: "TIME" },
  text: { type: "string", description: "Part of actor, kind or content.", valueHint: "TEXT" },
  object: { type: "string", description: "Id of what it was done to.", valueHint: "ID" },
} as const;

function filterOf(
  args: Partial<Record<keyof typeof filterArgs, string | undefined>>,
): Record<string, string> {
  const given = (Object.keys(filterArgs) as (keyof typeof filterArgs)[]).flatMap((name) =>
    args[name] ? [[name, args[name]] as const] : [],
  );
  return Object.fromEntries(given);
}

const list = command({
  name: "audit list",
  description: "List who did what, newest first.",
  args: {
    ...connectionArgs,
    ...filterArgs,
    limit: { type: "string", description: "At most this many.", default: "50", valueHint: "N" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const { items, next } = await client.list<AuditItem>("audit", {
        ...filterOf(args),
        limit: args.limit,
      });
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No entries fit.");
      print(
        table(
          ["NR", "AT", "ACTOR", "KIND", "CONTENT"],
          items.map((one) => [
            String(one.seq),
            when(one.at),
            clean(one.actor, 40),
            one.kind,
            one.payload === null ? "(erased)" : clean(JSON.stringify(one.payload), 100),
          ]),
        ),
      );
      if (next !== null) print(`There are older entries: --limit, --to, or \`cortex audit export\`.`);
    }),
});

const exportAudit = command({
  name: "audit export",
  description: "Write all entries that fit to standard output, oldest first; the export itself is audited.",
  args: {
    ...connectionArgs,
    ...filterArgs,
    format: {
      type: "string",
      description: "jsonl (with all that is hashed) or csv.",
      default: "jsonl",
      valueHint: "FORMAT",
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      process.stdout.write(
        await client.text("audit/export", { ...filterOf(args), format: args.json ? "jsonl" : args.format }),
      );
    }),
});

const verify = command({
  name: "audit verify",
  description:
    "Hash every entry again and compare with the signed checkpoints; exit 1 names the first broken entry.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.get<{
        ok: boolean;
        entries: number;
        firstBroken: { seq: number; reason: string } | null;
      }>("audit/verify");
      if (args.json) printJson(answer);
      else if (answer.firstBroken === null)
        print(`${state("ok")} ${answer.entries} entries, the chain holds`);
      else print(`${state("critical")} entry ${answer.firstBroken.seq}: ${answer.firstBroken.reason}`);
      return answer.ok ? 0 : 1;
    }),
});

export default group("audit", "Who did what: the Monitor's own chain.", {
  list: async () => list,
  export: async () => exportAudit,
  verify: async () => verify,
});
