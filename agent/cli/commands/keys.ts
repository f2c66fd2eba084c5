/** API keys: work before the first start and beside a running daemon. */
import { CortexError, parseDuration } from "cortex";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { grantArgs, type GrantArg, grantsFrom, shownGrants, warnOfEmpty } from "../grants.ts";
import { clean, print, printJson, table, when } from "../output.ts";
import { nodeIdOf } from "../pick.ts";

interface KeyItem {
  id: string;
  name: string;
  role: string;
  grants: GrantArg[];
  emptyScopes: string[];
  expiresAt: string | null;
  lastUsedAt: string | null;
  addresses: string[] | null;
  lastAddress: string | null;
}

const listOf = (text: string | undefined): string[] | undefined =>
  text === undefined || text === "" ? undefined : text.split(",").map((one) => one.trim());

/** `90d`, `12h`, `never`, or an ISO 8601 time; undefined leaves it to the Monitor (a year). */
function expiryOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  if (text === "never") return null;
  const lasts = parseDuration(text);
  const at = lasts === null ? Date.parse(text) : Date.now() + lasts;
  if (Number.isNaN(at))
    throw new CortexError(
      "cli.expires",
      "invalid",
      `--expires ${text} is no time; write 90d, 12h, never or 2030-01-31T00:00:00Z`,
    );
  return new Date(at).toISOString();
}

const create = command({
  name: "key create",
  description: "Create an API key and print it, once.",
  args: {
    ...connectionArgs,
    name: { type: "positional", required: true, description: "Its name." },
    ...grantArgs,
    role: { ...grantArgs.role, description: "admin, operator, viewer or node; may be repeated." },
    permissions: {
      type: "string",
      description: "Of what the role allows, only these, separated by commas.",
      valueHint: "LIST",
    },
    expires: {
      type: "string",
      description: "90d, 12h, never or a time; default a year from now.",
      valueHint: "WHEN",
    },
    from: {
      type: "string",
      description: "Taken only from these address ranges: 192.0.2.0/24,2001:db8::/32.",
      valueHint: "LIST",
    },
    node: {
      type: "string",
      description: "For role node: the node it speaks for, by name or id.",
      valueHint: "NODE",
    },
  },
  run(args, raw) {
    const grants = grantsFrom(raw);
    if (grants === undefined)
      throw new CortexError(
        "cli.role_needed",
        "invalid",
        "say what the key may do, for example --role viewer",
      );
    const body = {
      name: args.name,
      ...(grants.some(({ role }) => role === "node") ? { role: "node" } : { grants }),
      permissions: listOf(args.permissions),
      addresses: listOf(args.from),
      expiresAt: expiryOf(args.expires),
    };
    return withClient(
      args,
      async (client) => {
        const answer = await client.post<KeyItem & { secret: string }>("keys", {
          ...body,
          ...(args.node && { node: await nodeIdOf(client, args.node) }),
        });
        warnOfEmpty(answer.emptyScopes);
        if (args.json) printJson(answer);
        else print(answer.secret);
      },
      { mayCreate: true },
    );
  },
});

const list = command({
  name: "key list",
  description: "List API keys; their secrets are not stored.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<KeyItem>("keys");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No keys yet: `cortex key create NAME --role viewer`.");
      print(
        table(
          ["ID", "NAME", "MAY", "ONLY FROM", "ENDS", "LAST USED", "USED FROM"],
          items.map((one) => [
            one.id,
            clean(one.name, 40),
            clean(one.role === "node" ? "node" : shownGrants(one.grants, one.emptyScopes), 50),
            one.addresses?.join(" ") ?? "anywhere",
            one.expiresAt === null ? "never" : one.expiresAt.slice(0, 10),
            when(one.lastUsedAt),
            one.lastAddress ?? "–",
          ]),
        ),
      );
    }),
});

const rotate = command({
  name: "key rotate",
  description: "Give a key a new secret and print it, once.",
  args: {
    ...connectionArgs,
    id: { type: "positional", required: true, description: "Its id, as in `cortex key list`." },
    grace: {
      type: "string",
      description: "How long the old secret is still taken, at most 24h; default it ends at once.",
      valueHint: "DURATION",
    },
  },
  run(args) {
    const graceMs = args.grace === undefined ? 0 : parseDuration(args.grace);
    if (graceMs === null)
      throw new CortexError("cli.grace", "invalid", `--grace ${args.grace} is no duration; write 1h or 30m`);
    return withClient(args, async (client) => {
      const answer = await client.post<{ secret: string }>(`keys/${encodeURIComponent(args.id)}/rotate`, {
        graceSeconds: Math.round(graceMs / 1000),
      });
      if (args.json) printJson(answer);
      else print(answer.secret);
    });
  },
});

const remove = command({
  name: "key delete",
  description: "Revoke an API key at once.",
  args: {
    ...connectionArgs,
    id: { type: "positional", required: true, description: "Its id, as in `cortex key list`." },
  },
  run: (args) =>
    withClient(args, async (client) => {
      await client.delete(`keys/${encodeURIComponent(args.id)}`);
      if (args.json) printJson({ deleted: args.id });
      else print(`Key ${args.id} is revoked.`);
    }),
});

export default group("key", "API keys for programs and nodes.", {
  create: async () => create,
  list: async () => list,
  rotate: async () => rotate,
  delete: async () => remove,
});
