/** What waits for a verdict, with everything one needs to give it. */
import { CortexError } from "cortex";
import type { LadderItem } from "../../../core/http/types.ts";
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { decisionCard, ends, lastWord } from "../decision-card.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { ID_HELP, idQuery } from "../pick.ts";

const id = {
  type: "positional",
  required: true,
  description: ID_HELP,
} as const;
const reason = { type: "string", description: "Why; goes into the ledger.", valueHint: "TEXT" } as const;

export const list = command({
  name: "decisions list",
  description: "List decisions that wait; answered ones with --all.",
  args: {
    ...connectionArgs,
    all: { type: "boolean", description: "Answered and expired ones too." },
    limit: { type: "string", description: "At most this many.", default: "100", valueHint: "N" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const query: Record<string, string> = { limit: args.limit, ...(args.all ? {} : { state: "pending" }) };
      const { items } = await client.list<DecisionItem>("decisions", query);
      if (args.json) return printJson(items);
      // Somebody who sees only a part of the tree is not told how the whole of it decides.
      const ladder = await client.get<LadderItem>("judges").catch(() => null);
      if (items.length === 0) print(args.all ? "No decisions." : "Nothing waits for you.");
      else
        print(
          table(
            ["ID", "STATE", "RISK", "NODE", "REPAIR", "PLAN", args.all ? "ENDS" : "EXPIRES", "WHY"],
            items.map((one) => [
              one.id.slice(-8),
              state(one.state),
              one.risk,
              clean(one.nodeName, 24),
              one.repair,
              clean(one.plan?.summary ?? "", 40),
              ends(one),
              clean(lastWord(one), 50),
            ]),
          ),
        );
      if (ladder !== null && ladder.judges.length > 0) print(whoDecides(ladder));
    }),
});

export const judges = command({
  name: "decisions judges",
  description:
    "Show who decides now: judges, rules, people, and what may still be repaired without a person.",
  args: { ...connectionArgs },
  run: (args) =>
    withClient(args, async (client) => {
      const ladder = await client.get<LadderItem>("judges");
      if (args.json) return printJson(ladder);
      const rows = ladder.judges.map((one) => [
        one.rung,
        one.decider,
        clean(one.models.join(", "), 60),
        judgeState(one),
        clean(whyNot(one), 160),
      ]);
      print(
        table(
          ["RUNG", "WHO", "MODELS", "STATE", "WHY"],
          [...rows, ["rules", "rules and people", "", state("ready"), ""]],
        ),
      );
      print("");
      print(whoDecides(ladder));
      print(withoutPeople(ladder));
      const { spentUsd, capUsd } = ladder.budget;
      if (ladder.judges.length > 0)
        print(`Spent in 24 hours: $${spentUsd.toFixed(4)} of $${capUsd.toFixed(2)} (policy.judge_daily_usd)`);
    }),
});

type Judge = LadderItem["judges"][number];

const judgeState = ({ state: word }: Judge) => (word === "ready" ? state("ready") : word);

/** Why it can't be asked, else how it failed last. */
export function whyNot({ decider, models, state: word, text, failure, restsUntil }: Judge): string {
  if (word === "unproven") return `${text}; run: cortex eval --decider ${decider} --model ${models[0] ?? ""}`;
  if (word === "resting" && failure !== null)
    return `${failure.text}; asked again after ${when(restsUntil ?? failure.at)}`;
  return text !== "" ? text : failure === null ? "" : `its last answer failed: ${failure.text}`;
}

function whoDecides({ rung, judges: all }: LadderItem): string {
  const ready = all.find(({ state: word }) => word === "ready");
  if (ready === undefined) return "Decided by rules and people: no judge can be asked now.";
  const place = {
    primary: "",
    fallback: ", in place of the first judge",
    local: ", on a machine of your own",
  };
  return `Decided by rules, then ${ready.decider}${rung === "rules" ? "" : place[rung]}, then people.`;
}

/** What is safe by itself needs nobody on any rung. */
function withoutPeople({ without: { rules, judged, judgesAnswer } }: LadderItem): string {
  const named = (list: string[]) => clean(list.join(", "), 200);
  const parts = ["what is safe by itself (L1)"];
  if (rules.length > 0) parts.push(`what rules allow (${named(rules)})`);
  if (judged.length > 0 && judgesAnswer) parts.push(`what the judge allows of ${named(judged)}`);
  const waits =
    judged.length > 0 && !judgesAnswer
      ? ` ${named(judged)} would let a judge decide and waits for people.`
      : "";
  return `Repaired without a person: ${parts.join("; ")}.${waits}`;
}

export const show = command({
  name: "decisions show",
  description: "Show one decision: problem, plan, blast radius, and everything that was said.",
  args: { ...connectionArgs, id },
  run: (args) =>
    withClient(args, async (client) => {
      const one = await client.get<DecisionItem & { similar: DecisionItem[] }>(
        `decisions/${(await pick(client, args.id, { toRead: true })).id}`,
      );
      if (args.json) return printJson(one);
      print(decisionCard(one, one.similar));
    }),
});

export const approve = command({
  name: "decisions approve",
  description: "Approve a repair; it runs once, exactly as shown. R3 and R4 are approved on the dashboard.",
  args: { ...connectionArgs, id, reason },
  run: (args) => withClient(args, (client) => vote(client, args, "approve")),
});

export const reject = command({
  name: "decisions reject",
  description: "Reject a repair; it does not run, and the problem is for people.",
  args: { ...connectionArgs, id, reason },
  run: (args) => withClient(args, (client) => vote(client, args, "reject")),
});

async function vote(
  client: Client,
  args: { id: string; reason?: string | undefined; json?: boolean | undefined },
  verdict: "approve" | "reject",
): Promise<void> {
  // Without a daemon nothing would be told to the node; the approval would only expire.
  if (client.via === "offline")
    throw new CortexError(
      "cli.no_daemon",
      "unavailable",
      "no Cortex runs on this data folder; start it with `cortex up`, or name a Monitor with --url and --key",
    );
  const { id: decision } = await pick(client, args.id);
  const body = { verdict, ...(args.reason === undefined ? {} : { reason: args.reason }) };
  const after = await client.post<DecisionItem>(`decisions/${decision}/verdict`, body);
  if (args.json) return printJson(after);
  if (after.coolingUntil !== null && after.state === "pending")
    return print(
      `approved: it runs ${when(after.coolingUntil)}; until then \`cortex decisions reject ${decision.slice(-8)}\` stops it`,
    );
  const more = after.state === "pending" ? `; it takes ${after.peopleNeeded - after.approvals} more` : "";
  print(
    `${verdict === "approve" ? "approved" : "rejected"}: ${clean(after.plan?.summary ?? after.repair, 120)}${more}`,
  );
}

async function pick(
  client: Client,
  wanted: string,
  options: { toRead?: boolean } = {},
): Promise<DecisionItem> {
  const { items } = await client.list<DecisionItem>("decisions", { ...idQuery(wanted), limit: "500" });
  return client.pick(items, wanted, "decision", options);
}
