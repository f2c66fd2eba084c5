import { CortexError } from "cortex";
import { connectionArgs, command } from "../command.ts";
import { type Client, withClient } from "../client.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { evidenceArg, showEvidence } from "../evidence.ts";
import { hasSeveralNodes, ID_HELP_TO_READ, idQuery } from "../pick.ts";
import type { ProblemItem } from "../../../core/monitor/items.ts";

export default command({
  name: "problems",
  description: "List problems, open ones by default; `problems ID` shows one with its guards and history.",
  args: {
    ...connectionArgs,
    id: {
      type: "positional",
      required: false,
      description: `Shows one problem. ${ID_HELP_TO_READ}`,
    },
    evidence: evidenceArg,
    retry: {
      type: "boolean",
      description:
        "Let it be repaired again: used up attempts and a no are forgiven. Policy decides as always.",
    },
    all: { type: "boolean", description: "Resolved ones too." },
    limit: { type: "string", description: "At most this many.", default: "100", valueHint: "N" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const query: Record<string, string> = args.all
        ? { limit: args.limit }
        : { state: "open", limit: args.limit };
      const { items } = await client.list<ProblemItem>(
        "problems",
        args.id ? { ...idQuery(args.id), limit: "500" } : query,
      );
      if (args.id) {
        const problem = client.pick(items, args.id, "problem", { toRead: true });
        const node = { id: problem.node, name: problem.nodeName };
        if (args.retry) return retry(client, client.pick(items, args.id, "problem"), args.json === true);
        if (args.evidence) return showEvidence(client, node, problem.evidence, args.json === true);
        return showOne(problem, args.json === true);
      }
      if (args.evidence)
        throw new CortexError("cli.argument", "invalid", "whose evidence? cortex problems ID --evidence");
      if (args.retry)
        throw new CortexError("cli.argument", "invalid", "which one? cortex problems ID --retry");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No problems.");
      const named = await hasSeveralNodes(client, items);
      const held = items.some((one) => heldBy(one) !== null);
      print(
        table(
          [
            "ID",
            ...(named ? ["NODE"] : []),
            "LEVEL",
            "SEVERITY",
            "CHECK",
            "TARGET",
            "SINCE",
            "ATTEMPTS",
            ...(held ? ["HELD"] : []),
            "SUMMARY",
          ],
          items.map((one) => [
            one.id.slice(-8),
            ...(named ? [clean(one.nodeName, 24)] : []),
            state(one.level),
            state(one.state === "open" ? one.severity : one.state),
            one.check,
            clean(one.target, 30),
            when(one.openedAt),
            `${one.guards.attemptsUsed} of ${one.guards.attemptsMax}`,
            ...(held ? [clean(heldBy(one) ?? "–", 50)] : []),
            clean(one.summary, 70),
          ]),
        ),
      );
    }),
});

async function retry(client: Client, { id, node, summary }: ProblemItem, json: boolean): Promise<void> {
  // Without a daemon there is nobody who could try.
  if (client.via === "offline")
    throw new CortexError(
      "cli.no_daemon",
      "unavailable",
      "no Cortex runs on this data folder; start it with `cortex up`, or name a Monitor with --url and --key",
    );
  const answer = await client.post<{ ok: true }>(`problems/${id}/retry`, { node });
  if (json) return printJson(answer);
  print(`it is tried again, or asks again: ${clean(summary, 120)}`);
}

/** Holds that a person lifts by letting it be tried again. */
const RETRIED: readonly (string | null)[] = ["breaker_open", "rejected", "expired"];

/** Why nothing is done about it now. What held it back stays in the record of one that is over. */
export const heldBy = ({ state: now, guards }: ProblemItem): string | null =>
  now === "open" && guards.hold !== null ? guards.holdText : null;

function showOne(problem: ProblemItem, json: boolean): void {
  if (json) return printJson(problem);
  const { guards } = problem;
  print(
    `${state(problem.level)} ${state(problem.severity)} ${problem.check} ${clean(problem.target)} on ${clean(problem.nodeName)}`,
  );
  print(clean(problem.summary, 200));
  print(
    `id ${problem.id} · ${problem.state} · opened ${when(problem.openedAt)}${problem.resolvedAt ? ` · resolved ${when(problem.resolvedAt)} (${problem.resolution})` : ""}`,
  );
  const resets = guards.attemptsResetAt === null ? "" : `, resets ${when(guards.attemptsResetAt)}`;
  print(
    `attempts ${guards.attemptsUsed} of ${guards.attemptsMax} used${resets} · successes today ${guards.successesToday}`,
  );
  if (guards.breakerUntil !== null) print(`breaker open until ${when(guards.breakerUntil)}`);
  const hold = heldBy(problem);
  if (hold !== null) print(`held: ${clean(hold, 200)}`);
  if (problem.state === "open" && RETRIED.includes(guards.hold))
    print(`let it be tried again: cortex problems ${problem.id.slice(-8)} --retry`);
  for (const id of problem.evidence)
    print(`evidence ${id}: cortex problems ${problem.id.slice(-8)} --evidence`);
  for (const event of problem.events) print(`  ${when(event.at)}  ${event.kind}  ${clean(event.text, 120)}`);
}
