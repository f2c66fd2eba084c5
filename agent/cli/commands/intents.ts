import { CortexError } from "cortex";
import { command, connectionArgs, group } from "../command.ts";
import { withClient } from "../client.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { evidenceArg, showEvidence } from "../evidence.ts";
import { ID_HELP_TO_READ, hasSeveralNodes, idQuery, nodeIdOf } from "../pick.ts";
import type { IntentItem } from "../../../core/monitor/items.ts";
import type { ChainVerdict, Verification } from "../../../core/monitor/verify.ts";

/** As people are called: `user:anna` is anna. */
const called = (actor: string): string => actor.replace(/^(user|key):/, "");

const list = command({
  name: "intents list",
  description: "List intents, newest first.",
  args: {
    ...connectionArgs,
    state: { type: "string", description: "Only in this state, for example verified.", valueHint: "STATE" },
    kind: { type: "string", description: "repair, note, milestone or blocker.", valueHint: "KIND" },
    level: { type: "string", description: "L1, L2 or L3.", valueHint: "LEVEL" },
    target: { type: "string", description: "Only about this target.", valueHint: "TARGET" },
    text: { type: "string", description: "Words in summary or text.", valueHint: "TEXT" },
    since: { type: "string", description: "ISO 8601 time.", valueHint: "TIME" },
    limit: { type: "string", description: "At most this many.", default: "50", valueHint: "N" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const query: Record<string, string> = { limit: args.limit };
      for (const key of ["state", "kind", "level", "target", "text", "since"] as const)
        if (args[key]) query[key] = args[key];
      const { items } = await client.list<IntentItem>("intents", query);
      if (args.json) return printJson(items);
      if (items.length === 0)
        return print(Object.keys(query).length > 1 ? "Nothing fits." : "No intents yet.");
      const named = await hasSeveralNodes(client, items);
      print(
        table(
          ["ID", ...(named ? ["NODE"] : []), "STATE", "LEVEL", "KIND", "UPDATED", "ATTEMPT", "SUMMARY"],
          items.map((one) => [
            one.id.slice(-8),
            ...(named ? [clean(one.nodeName, 24)] : []),
            state(one.shadow ? `${one.state} (shadow)` : one.state),
            one.level,
            one.kind,
            when(one.updatedAt),
            one.kind === "repair" ? String(one.attempt) : "",
            clean(one.summary, 80),
          ]),
        ),
      );
    }),
});

const show = command({
  name: "intents show",
  description: "Show one intent with plan, decisions and outcome.",
  args: {
    ...connectionArgs,
    id: {
      type: "positional",
      required: true,
      description: ID_HELP_TO_READ,
    },
    evidence: evidenceArg,
  },
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<IntentItem>("intents", { ...idQuery(args.id), limit: "500" });
      const intent = client.pick(items, args.id, "intent", { toRead: true });
      const node = { id: intent.node, name: intent.nodeName };
      if (args.evidence) return showEvidence(client, node, intent.evidenceIds, args.json === true);
      if (args.json) return printJson(intent);
      print(`${state(intent.state)} ${intent.level} ${clean(intent.summary, 200)}`);
      print(
        `id ${intent.id} · ${intent.kind} · by ${clean(called(intent.actor))} on ${clean(intent.nodeName)} · attempt ${intent.attempt}`,
      );
      if (intent.repair !== null)
        print(`${intent.repair}@${intent.repairVersion} ${intent.class} · hash ${intent.hash?.slice(0, 16)}`);
      for (const change of intent.plan?.changes ?? [])
        print(
          `  plan      ${clean(change.what)}${change.from ? `: ${clean(change.from)} → ${clean(change.to ?? "")}` : ""}`,
        );
      for (const one of intent.decisions)
        print(
          `  decision  ${when(one.at)} ${clean(called(one.decider))}: ${one.verdict}, ${clean(one.reason)}`,
        );
      for (const one of intent.outcome)
        print(
          `  outcome   ${when(one.at)} ${one.step} ${state(one.ok ? "ok" : "failed")} ${clean(one.summary, 120)}`,
        );
      for (const id of intent.evidenceIds)
        print(`  evidence  ${id}: cortex intents show ${intent.id.slice(-8)} --evidence`);
      if (intent.text) print(intent.text);
    }),
});

const verify = command({
  name: "intents verify",
  description:
    "Re-hash every entry of every chain and compare with the signed checkpoints; exit 1 names the first broken entry.",
  args: {
    ...connectionArgs,
    node: { type: "string", description: "Only this node's chain, by name or id.", valueHint: "NODE" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.get<Verification>(
        "intents/verify",
        args.node ? { node: await nodeIdOf(client, args.node) } : {},
      );
      if (args.json) printJson(answer);
      else print(verificationText(answer));
      return answer.ok ? 0 : 1;
    }),
});

/** Each chain by itself, then all of them in one line. */
export function verificationText({ entries, firstBroken, chains }: Verification): string {
  const isQuiet = chains.every((one) => one.state === "holds");
  const head = ["CHAIN", "ENTRIES", "STATE", "NEWEST SIGNED HEAD", ...(isQuiet ? [] : ["WHERE"])];
  return [
    table(head, chains.map(chainRow)),
    firstBroken === null ? `${state("ok")} ${sumText(entries, chains)}` : brokenText(firstBroken),
  ].join("\n");
}

/** "12 entries, every chain holds", and how many chains that leaves out. */
export function sumText(entries: number, chains: Verification["chains"]): string {
  const left = chains.filter((one) => one.state === "unverified").length;
  return `${entries} entries, every chain holds${left === 0 ? "" : `; ${left} could not be verified`}`;
}

const brokenText = ({ origin, seq, reason }: NonNullable<Verification["firstBroken"]>) =>
  `${state("critical")} entry ${seq} of ${origin}: ${reason}`;

const chainRow = (one: ChainVerdict): string[] => [
  one.kind === "audit" ? "audit" : `ledger of ${clean(one.nodeName ?? one.node ?? "", 40)}`,
  one.entries === null ? "–" : String(one.entries),
  state(one.state),
  one.checkpoint === null
    ? "none yet"
    : `entry ${one.checkpoint.size} at ${when(one.checkpoint.at)}, ${one.checkpoint.head.slice(0, 12)}`,
  one.broken === null
    ? clean(one.reason ?? "", 80)
    : `entry ${one.broken.seq}: ${clean(one.broken.reason, 80)}`,
];

const exportLedger = command({
  name: "intents export",
  description: "Write the ledger as JSON Lines to standard output.",
  args: {
    ...connectionArgs,
    node: { type: "string", description: "Only this node's chain, by name or id.", valueHint: "NODE" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const nodes = args.node
        ? [await nodeIdOf(client, args.node)]
        : (await client.list<{ id: string }>("nodes", { limit: "500" })).items.map((one) => one.id);
      for (const node of nodes) await exportChain(client, node);
    }),
});

async function exportChain(
  client: { text(path: string, query: Record<string, string>): Promise<string> },
  node: string,
): Promise<void> {
  for (let after = 0; ;) {
    const text = await client.text("intents/export", { node, after: String(after), limit: "1000" });
    const lines = text.split("\n").filter((line) => line !== "");
    if (lines.length === 0) return;
    process.stdout.write(`${lines.join("\n")}\n`);
    after = (JSON.parse(lines.at(-1)!) as { seq: number }).seq;
  }
}

const KINDS = ["note", "milestone", "blocker"];

const add = command({
  name: "intents add",
  description: "Write a note, milestone or blocker into the ledger.",
  args: {
    ...connectionArgs,
    kind: { type: "positional", required: true, description: "note, milestone or blocker." },
    summary: { type: "positional", required: true, description: "One line." },
    text: { type: "string", description: "More text.", valueHint: "TEXT" },
    level: { type: "string", description: "L1, L2 or L3.", default: "L1", valueHint: "LEVEL" },
    category: { type: "string", description: "A word to search by.", valueHint: "WORD" },
    node: {
      type: "string",
      description: "Into this node's ledger, by name or id; may be left out where there is one.",
      valueHint: "NODE",
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      if (!KINDS.includes(args.kind))
        throw new CortexError(
          "cli.kind",
          "invalid",
          `"${args.kind}" is no kind of entry; use ${KINDS.join(", ")}`,
        );
      const { kind, summary, level } = args;
      const body = {
        kind,
        summary,
        level,
        text: args.text ?? "",
        ...(args.category ? { category: args.category } : {}),
        ...(args.node ? { node: await nodeIdOf(client, args.node) } : {}),
      };
      const answer = await client.post<{ id: string }>("intents", body);
      if (args.json) printJson(answer);
      else print(answer.id);
    }),
});

const stats = command({
  name: "intents stats",
  description: "Counts per kind, level and state.",
  args: { ...connectionArgs, since: { type: "string", description: "ISO 8601 time.", valueHint: "TIME" } },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.list<{ kind: string; level: string; state: string; count: number }>(
        "intents/statistics",
        args.since ? { since: args.since } : {},
      );
      if (args.json) return printJson(answer.items);
      print(
        table(
          ["KIND", "LEVEL", "STATE", "COUNT"],
          answer.items.map((one) => [one.kind, one.level, state(one.state), String(one.count)]),
        ),
      );
    }),
});

export default group("intents", "What Cortex changed or wants to change, and the ledger that proves it.", {
  list: async () => list,
  show: async () => show,
  verify: async () => verify,
  export: async () => exportLedger,
  add: async () => add,
  stats: async () => stats,
});
