/** The policy that decides in people's place: look, try against the past, put in force. */
import { readFileSync } from "node:fs";
import { CortexError, messageOf, parseDuration } from "cortex";
import { configInvalid } from "../../../core/config/problems.ts";
import { readPolicyText } from "../../../core/decide/policy-text.ts";
import type { PolicyDocument } from "../../../core/domain/decide/policy.ts";
import type { BacktestResult, PolicyVersionItem, RuleProposalItem } from "../../../core/http/types.ts";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, table, when } from "../output.ts";
import { changesOf, indented, printChanges } from "../policy-changes.ts";
import { inForce, type PolicyFile, printBacktest, warnOf, withHead, withoutHead } from "../policy-file.ts";

const file = {
  type: "positional",
  required: true,
  description: "Policy as YAML.",
  valueHint: "FILE",
} as const;
function read(path: string): PolicyFile & { document: PolicyDocument } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CortexError("cli.file", "invalid", `can't read ${path}: ${messageOf(cause)}`, { cause });
  }
  const { document, problems, warnings } = readPolicyText(text, path);
  if (problems !== null) throw configInvalid(problems);
  warnOf(warnings);
  return { ...withoutHead(text), document };
}

const versionOf = async (client: Client, text: string): Promise<PolicyVersionItem> => {
  if (!/^\d{1,9}$/.test(text))
    throw new CortexError("cli.argument", "invalid", `${text} is no version; see \`cortex policy versions\``);
  return client.get<PolicyVersionItem>(`policy/versions/${text}`);
};

const show = command({
  name: "policy show",
  description: "Print the policy in force, or one version of it, as a file to edit and save.",
  args: { ...connectionArgs, version: { type: "string", description: "This version.", valueHint: "N" } },
  run: (args) =>
    withClient(args, async (client) => {
      const one =
        args.version === undefined
          ? await client.get<PolicyVersionItem>("policy")
          : await versionOf(client, args.version);
      if (args.json) return printJson(one);
      print(withHead(one).trimEnd());
    }),
});

const versions = command({
  name: "policy versions",
  description: "List the versions of the policy, newest first.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<PolicyVersionItem>("policy/versions", { limit: "100" });
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No policy was saved yet: every decision is a person's.");
      const rows = items.map((one) => [
        String(one.version),
        when(one.at),
        clean(one.author, 40),
        String(one.document.rules.length),
        clean(one.note, 80),
      ]);
      print(table(["VERSION", "SAVED", "BY", "RULES", "NOTE"], rows));
    }),
});

const save = command({
  name: "policy save",
  description: "Put a file in force as the new policy; nothing changes when somebody saved meanwhile.",
  args: {
    ...connectionArgs,
    file,
    note: { type: "string", description: "Why; kept with the version.", valueHint: "TEXT" },
  },
  run: (args) => {
    const { text, basedOn } = read(args.file);
    return withClient(args, async (client) => {
      const base = basedOn ?? (await client.get<PolicyVersionItem>("policy")).version;
      const body = { text, basedOn: base, ...(args.note === undefined ? {} : { note: args.note }) };
      const saved = await client.post<PolicyVersionItem>("policy", body);
      if (args.json) return printJson(saved);
      print(inForce(saved));
    });
  },
});

const diff = command({
  name: "policy diff",
  description: "Show what changed between two versions, rule by rule.",
  args: {
    ...connectionArgs,
    from: { type: "positional", required: true, description: "Earlier version.", valueHint: "A" },
    to: { type: "positional", required: true, description: "Later version.", valueHint: "B" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const [from, to] = await Promise.all([versionOf(client, args.from), versionOf(client, args.to)]);
      const changes = changesOf(from.document, to.document);
      if (args.json) return printJson(changes);
      printChanges(changes, print);
    }),
});

const test = command({
  name: "policy test",
  description:
    "Say what a file would have decided over the past; exit 1 if it would have allowed what went wrong.",
  args: {
    ...connectionArgs,
    file,
    since: { type: "string", description: "How far back.", default: "90d", valueHint: "DURATION" },
  },
  run: (args) => {
    const { document } = read(args.file);
    const back = parseDuration(args.since);
    if (back === null)
      throw new CortexError(
        "cli.argument",
        "invalid",
        `--since ${args.since} is no duration; write 90d or 12h`,
      );
    return withClient(args, async (client) => {
      const since = new Date(Date.now() - back).toISOString();
      const result = await client.post<BacktestResult>("policy/test", { document, since });
      if (args.json) printJson(result);
      else printBacktest(result);
      return result.summary.ok ? 0 : 1;
    });
  },
});

const proposals = command({
  name: "policy proposals",
  description: "List rules that follow from what people decided again and again.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<RuleProposalItem>("policy/proposals");
      if (args.json) return printJson(items);
      if (items.length === 0)
        return print("No rule is proposed: nothing was decided the same way often enough.");
      for (const { rule: one, cases, test: past } of items) {
        print(
          `${one.id}  follows ${cases.length} decisions; would have allowed ${past.would.allow} of ${past.cases}`,
        );
        print(indented(" ", one));
      }
    }),
});

const answerCommand = (answer: "accept" | "dismiss", description: string) =>
  command({
    name: `policy ${answer}`,
    description,
    args: {
      ...connectionArgs,
      rule: { type: "positional", required: true, description: "Id of a proposed rule.", valueHint: "RULE" },
    },
    run: (args) =>
      withClient(args, async (client) => {
        const saved = await client.post<PolicyVersionItem>(
          `policy/proposals/${encodeURIComponent(args.rule)}`,
          { answer },
        );
        if (args.json) return printJson(saved);
        print(`Version ${saved.version} is in force: ${saved.note}.`);
      }),
  });

export default group("policy", "The rules that decide in people's place.", {
  show: async () => show,
  versions: async () => versions,
  diff: async () => diff,
  test: async () => test,
  edit: async () => (await import("./policy-edit.ts")).default,
  save: async () => save,
  proposals: async () => proposals,
  accept: async () => answerCommand("accept", "Take a proposed rule into the policy."),
  dismiss: async () =>
    answerCommand("dismiss", "Go on deciding; the rule is not proposed again until it would end."),
});
