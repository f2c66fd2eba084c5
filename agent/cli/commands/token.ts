/** Join tokens: one line that lets a machine ask to join this Monitor. */
import { CortexError, parseDuration } from "cortex";
import type { TokenItem } from "../../../core/http/routes/tokens.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { ID_HELP, nodeIdOf } from "../pick.ts";

const DEFAULT_TTL = "1h";

function labelsFrom(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of text?.split(",") ?? []) {
    const at = part.indexOf("=");
    if (at < 1)
      throw new CortexError(
        "cli.label",
        "invalid",
        `--label ${part} is no label; write --label site=fra,rack=7`,
      );
    labels[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return labels;
}

const DAY_MS = 86_400_000;

function secondsFrom(text: string): number {
  const ms = parseDuration(text);
  if (ms === null)
    throw new CortexError("cli.ttl", "invalid", `--ttl ${text} is no time; write 30m, 1h or 24h`);
  if (ms < 60_000 || ms > DAY_MS)
    throw new CortexError("cli.ttl", "invalid", `--ttl ${text}: a token lives between 1m and 24h`);
  return Math.round(ms / 1000);
}

function usesFrom(text: string): number {
  const uses = Number(text);
  if (!Number.isSafeInteger(uses) || uses < 1)
    throw new CortexError("cli.uses", "invalid", `--uses ${text} is no number of joins; write --uses 1`);
  return uses;
}

const create = command({
  name: "token create",
  description: "Make a join token and print the command to run on the machine that shall join.",
  args: {
    ...connectionArgs,
    ttl: {
      type: "string",
      description: "How long it is good for, at most 24h.",
      default: DEFAULT_TTL,
      valueHint: "TIME",
    },
    uses: {
      type: "string",
      description: "How many machines may join with it.",
      default: "1",
      valueHint: "N",
    },
    name: { type: "string", description: "Name of the node, instead of its host name.", valueHint: "NAME" },
    label: {
      type: "string",
      description: "Labels it gets: key=value, several with commas.",
      valueHint: "K=V",
    },
    group: { type: "string", description: "Redundancy group it gets.", valueHint: "NAME" },
    "auto-approve": { type: "boolean", description: "Let it in without anybody comparing the words." },
    node: {
      type: "string",
      description: "Recovery: a new key for this node, which lost its own; by name or id.",
      valueHint: "NODE",
    },
    address: {
      type: "string",
      description: "How the machine reaches this Monitor; default server.public_url.",
      valueHint: "URL",
    },
    fingerprint: {
      type: "string",
      description:
        "SHA-256 of the certificate or key of a proxy in front, where no public authority signed it.",
      valueHint: "SHA256",
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const { name, group: group_, node, address: url } = args;
      const made = await client.post<TokenItem & { command: string }>("tokens", {
        ttlSeconds: secondsFrom(args.ttl),
        uses: usesFrom(args.uses),
        ...(args.label !== undefined && { labels: labelsFrom(args.label) }),
        ...(args["auto-approve"] && { autoApprove: true }),
        ...(name && { name }),
        ...(group_ && { group: group_ }),
        ...(node && { node: await nodeIdOf(client, node) }),
        ...(url && { url }),
        ...(args.fingerprint && { fingerprint: args.fingerprint }),
      });
      if (args.json) return printJson(made);
      const identity = await client.get<{ words: string }>("identity");
      print(made.command);
      process.stderr.write(
        `\nRun this on the machine that shall join; good for ${args.uses === "1" ? "one machine" : `${args.uses} machines`} until ${when(made.expiresAt)}, shown only now.\n` +
          `It will name this Monitor's key: ${identity.words}\n` +
          (made.autoApprove ? "" : "Then compare its own words and let it in: cortex nodes approve NAME\n"),
      );
    }),
});

const list = command({
  name: "token list",
  description: "List join tokens; their secrets are not stored.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<TokenItem>("tokens");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No tokens: `cortex token create` makes one.");
      print(
        table(
          ["ID", "STATE", "USED", "EXPIRES", "FOR", "APPROVAL", "BY"],
          items.map((one) => [
            one.id,
            state(one.state),
            `${one.used} of ${one.uses}`,
            when(one.expiresAt),
            clean(one.node ?? one.name ?? one.group ?? "–", 30),
            one.autoApprove ? "automatic" : "by hand",
            clean(one.createdBy, 30),
          ]),
        ),
      );
    }),
});

const revoke = command({
  name: "token revoke",
  description: "Revoke a join token at once.",
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
      const { items } = await client.list<TokenItem>("tokens");
      const token = client.pick(items, args.id, "token");
      await client.delete(`tokens/${token.id}`);
      if (args.json) printJson({ revoked: token.id });
      else print(`Token ${token.id} is revoked.`);
    }),
});

export default group("token", "Join tokens for new nodes.", {
  create: async () => create,
  list: async () => list,
  revoke: async () => revoke,
});
