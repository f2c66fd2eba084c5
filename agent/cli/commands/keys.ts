/** API keys: work before the first start and beside a running daemon. */
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { print, printJson } from "../output.ts";
import { keyList } from "./lists.ts";

const roleArg = {
  type: "string",
  description: "admin, operator or viewer.",
  required: true,
  valueHint: "ROLE",
} as const;
const nameArg = { type: "positional", required: true, description: "Its name." } as const;

const createKey = command({
  name: "key create",
  description: "Create an API key and print it, once.",
  args: {
    ...connectionArgs,
    name: nameArg,
    role: { ...roleArg, description: "admin, operator, viewer or node." },
    node: { type: "string", description: "For role node: the node it speaks for.", valueHint: "ID" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const { name, role, node } = args;
      const answer = await client.post<{ secret: string }>("keys", { name, role, ...(node && { node }) });
      if (args.json) printJson(answer);
      else print(answer.secret);
    }),
});

const deleteKey = command({
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
  create: async () => createKey,
  list: async () => keyList,
  delete: async () => deleteKey,
});
