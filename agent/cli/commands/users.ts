/** Users: work before the first start and beside a running daemon. */
import { CortexError } from "cortex";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { grantArgs, type GrantArg, grantsFrom, shownGrants, warnOfEmpty } from "../grants.ts";
import { clean, print, printJson, table, when } from "../output.ts";
import { newPassword } from "../password.ts";

interface User {
  id: string;
  name: string;
  grants: GrantArg[];
  emptyScopes: string[];
  disabled: boolean;
  lastLoginAt: string | null;
}

const nameArg = { type: "positional", required: true, description: "The user's name." } as const;
const passwordArg = { type: "boolean", description: "Read the password from standard input." } as const;

async function userByName(client: Client, name: string): Promise<User> {
  const { items } = await client.list<User>("users");
  const user = items.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!user)
    throw new CortexError(
      "cli.user_unknown",
      "not_found",
      `no user is called ${name}; see \`cortex user list\``,
    );
  return user;
}

const create = command({
  name: "user create",
  description: "Create a user.",
  args: { ...connectionArgs, name: nameArg, ...grantArgs, "password-stdin": passwordArg },
  run: async (args, raw) => {
    const grants = grantsFrom(raw);
    if (grants === undefined)
      throw new CortexError(
        "cli.role_needed",
        "invalid",
        "say what the user may do, for example --role viewer",
      );
    const password = await newPassword(args["password-stdin"]);
    return withClient(
      args,
      async (client) => {
        const answer = await client.post<User>("users", { name: args.name, grants, password });
        warnOfEmpty(answer.emptyScopes);
        if (args.json) printJson(answer);
        else print(`User ${args.name} (${shownGrants(grants)}) created.`);
      },
      { mayCreate: true },
    );
  },
});

const list = command({
  name: "user list",
  description: "List users with what they may do.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const { items } = await client.list<User>("users");
      if (args.json) return printJson(items);
      if (items.length === 0) return print("No users yet: `cortex user create NAME --role admin`.");
      const rows = items.map((one) => [
        clean(one.name, 40),
        clean(shownGrants(one.grants, one.emptyScopes), 100),
        one.disabled ? "yes" : "no",
        when(one.lastLoginAt),
      ]);
      print(table(["NAME", "MAY", "DISABLED", "LAST LOGIN"], rows));
    }),
});

const change = command({
  name: "user change",
  description: "Change what a user may do, the password, or shut the user out; ends the user's sessions.",
  args: {
    ...connectionArgs,
    name: nameArg,
    ...grantArgs,
    nothing: { type: "boolean", description: "Take all roles away." },
    disable: { type: "boolean", description: "Let the user log in no more." },
    enable: { type: "boolean", description: "Let the user log in again." },
    "password-stdin": { type: "boolean", description: "Read a new password from standard input." },
  },
  run: async (args, raw) => {
    const grants = args.nothing ? [] : grantsFrom(raw);
    if (args.disable && args.enable)
      throw new CortexError(
        "cli.both",
        "invalid",
        "--disable and --enable can't both hold; give one of them",
      );
    const disabled = args.disable ? true : args.enable ? false : undefined;
    const password = args["password-stdin"] ? await newPassword(true) : undefined;
    if (grants === undefined && disabled === undefined && password === undefined)
      throw new CortexError(
        "cli.no_change",
        "invalid",
        "nothing to change; give --role, --nothing, --disable, --enable or --password-stdin",
      );
    return withClient(args, async (client) => {
      const { id } = await userByName(client, args.name);
      const answer = await client.patch<User>(`users/${encodeURIComponent(id)}`, {
        grants,
        disabled,
        password,
      });
      if (grants !== undefined) warnOfEmpty(answer.emptyScopes);
      if (args.json) return printJson(answer);
      const state = answer.disabled ? "disabled" : shownGrants(answer.grants);
      print(`User ${answer.name} is changed: ${state}. Sessions that were open have ended.`);
    });
  },
});

const remove = command({
  name: "user delete",
  description: "Delete a user and end the user's sessions.",
  args: { ...connectionArgs, name: nameArg },
  run: (args) =>
    withClient(args, async (client) => {
      const { id, name } = await userByName(client, args.name);
      await client.delete(`users/${encodeURIComponent(id)}`);
      if (args.json) printJson({ deleted: name });
      else print(`User ${name} is deleted.`);
    }),
});

const resetFactors = command({
  name: "user reset-factors",
  description:
    "Remove the second factors and passkeys of a user who has lost them; ends the user's sessions.",
  args: { ...connectionArgs, name: nameArg },
  run: (args) =>
    withClient(args, async (client) => {
      const { id, name } = await userByName(client, args.name);
      const { removed } = await client.delete<{ removed: number }>(`users/${encodeURIComponent(id)}/factors`);
      if (args.json) return printJson({ user: name, removed });
      print(
        removed === 0
          ? `User ${name} had no second factor.`
          : `User ${name} has no second factor any more (${removed} removed) and is logged out everywhere.`,
      );
    }),
});

export default group("user", "People who may log in.", {
  create: async () => create,
  list: async () => list,
  change: async () => change,
  delete: async () => remove,
  "reset-factors": async () => resetFactors,
});
