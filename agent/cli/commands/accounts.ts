/** Users and API keys: work before the first start and beside a running daemon. */
import { CortexError } from "cortex";
import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { print, printJson } from "../output.ts";
import { keyList, userList } from "./lists.ts";

const roleArg = {
  type: "string",
  description: "admin, operator or viewer.",
  required: true,
  valueHint: "ROLE",
} as const;
const nameArg = { type: "positional", required: true, description: "Its name." } as const;

const createUser = command({
  name: "user create",
  description: "Create a user.",
  args: {
    ...connectionArgs,
    name: nameArg,
    role: roleArg,
    "password-stdin": { type: "boolean", description: "Read the password from standard input." },
  },
  run: async (args) => {
    const password = args["password-stdin"] ? await readLine() : await askPassword();
    return withClient(args, async (client) => {
      const answer = await client.post("users", { name: args.name, role: args.role, password });
      if (args.json) printJson(answer);
      else print(`User ${args.name} (${args.role}) created.`);
    });
  },
});

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

/** The first line of standard input. */
async function readLine(): Promise<string> {
  const text = await new Response(Bun.stdin.stream()).text();
  const line = text.split("\n", 1)[0] ?? "";
  if (line === "") throw new CortexError("cli.password", "invalid", "no password on standard input");
  return line;
}

/** Typed without echo; refuses where there is no terminal to type at. */
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CortexError(
      "cli.password",
      "invalid",
      "no terminal to ask for a password; use --password-stdin",
    );
  process.stderr.write("Password: ");
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const chunk of process.stdin) {
      for (const char of String(chunk)) {
        if (char === "\r" || char === "\n") return typed;
        if (char === "\u0003") throw new CortexError("cli.interrupted", "invalid", "interrupted");
        typed = char === "\u007f" ? typed.slice(0, -1) : typed + char;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}

export const user = group("user", "People who may sign in.", {
  create: async () => createUser,
  list: async () => userList,
});
export const key = group("key", "API keys for programs and nodes.", {
  create: async () => createKey,
  list: async () => keyList,
  delete: async () => deleteKey,
});
