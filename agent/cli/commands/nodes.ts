/** Nodes: the fleet, who waits to be let in, and who is sent away. */
import { CortexError } from "cortex";
import type { IdentityItem } from "../../../core/http/routes/node-identity.ts";
import { confirmed } from "../ask.ts";
import { type Client, withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";
import { pickNode } from "../pick.ts";
import { nodes as list } from "./lists.ts";

const nodeArg = {
  type: "positional",
  required: true,
  description: "Its name or id, or at least 8 characters of the id's beginning or end.",
} as const;

async function find(client: Client, wanted: string): Promise<IdentityItem> {
  const { items } = await client.list<IdentityItem>("identities");
  return pickNode(items, wanted);
}

/** One command about one node: what it sends, what it says afterwards. */
function act(
  name: string,
  description: string,
  send: (client: Client, node: IdentityItem) => Promise<unknown>,
  done: (node: IdentityItem) => string,
) {
  return command({
    name: `nodes ${name}`,
    description,
    args: { ...connectionArgs, node: nodeArg },
    run: (args) =>
      withClient(args, async (client) => {
        const node = await find(client, args.node);
        await send(client, node);
        if (args.json)
          printJson(await client.get(`nodes/${node.id}/identity`).catch(() => ({ id: node.id })));
        else print(done(node));
      }),
  });
}

const pending = command({
  name: "nodes pending",
  description: "Nodes that wait to be let in, with the words of their keys.",
  args: connectionArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const items = (await client.list<IdentityItem>("identities")).items.filter(
        (one) => one.state === "pending",
      );
      if (args.json) return printJson(items);
      if (items.length === 0) return print("Nobody waits: `cortex token create` lets a machine ask.");
      print(
        table(
          ["NODE", "FROM", "SINCE", "SYSTEM", "WORDS", "ID"],
          items.map((one) => [
            clean(one.name, 40),
            one.ip,
            when(one.requestedAt),
            clean(one.os, 30),
            one.words,
            one.id,
          ]),
        ),
      );
    }),
});

const show = command({
  name: "nodes show",
  description: "Who a node is: its key, how it joined, who let it in.",
  args: { ...connectionArgs, node: nodeArg },
  run: (args) =>
    withClient(args, async (client) => {
      const one = await find(client, args.node);
      if (args.json) return printJson(one);
      print(
        `${clean(one.name)} ${state(one.state)}${one.reason === null ? "" : `: ${clean(one.reason, 200)}`}`,
      );
      print(`words ${one.words}`);
      print(
        `id ${one.id} · key ${one.key ?? "none"} since ${when(one.keySince)} · recovered ${one.recoveries} times`,
      );
      print(`asked ${when(one.requestedAt)} from ${one.ip} with token ${one.token}`);
      if (one.decidedAt !== null) print(`decided ${when(one.decidedAt)} by ${clean(one.decidedBy ?? "")}`);
    }),
});

const approve = command({
  name: "nodes approve",
  description: "Let a waiting node in, after comparing the words with those it shows.",
  args: {
    ...connectionArgs,
    node: nodeArg,
    name: { type: "string", description: "Another name than its own.", valueHint: "NAME" },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const node = await find(client, args.node);
      await client.post(`nodes/${node.id}/approve`, args.name === undefined ? {} : { name: args.name });
      if (args.json) return printJson(await client.get(`nodes/${node.id}/identity`));
      print(`${clean(args.name ?? node.name)} is in. Words of its key: ${node.words}`);
    }),
});

const revoke = command({
  name: "nodes revoke",
  description: "Shut a node out, at once and for ever.",
  args: {
    ...connectionArgs,
    node: nodeArg,
    reason: {
      type: "string",
      description: "Why; for the audit.",
      default: "revoked by hand",
      valueHint: "TEXT",
    },
    yes: { type: "boolean", description: "Don't ask." },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const node = await find(client, args.node);
      if (!args.yes && !(await confirmed(`Revoke ${clean(node.name)} (${node.id}) for ever?`)))
        throw new CortexError(
          "cli.not_confirmed",
          "invalid",
          "nothing was revoked; say --yes to revoke it without being asked",
        );
      await client.post(`nodes/${node.id}/revoke`, { reason: args.reason });
      if (args.json) return printJson(await client.get(`nodes/${node.id}/identity`));
      print(`${clean(node.name)} is revoked; its id and key never come back.`);
    }),
});

const rotate = command({
  name: "nodes rotate",
  description: "Give a node a new key; on the node itself without a name.",
  args: { ...connectionArgs, node: { ...nodeArg, required: false } },
  run: (args) =>
    withClient(args, async (client) => {
      if (args.node === undefined) {
        const answer = await client
          .post<{ data: { key: string } }>("link/rotate", {})
          .catch((error: unknown) => {
            throw error instanceof CortexError && error.code.startsWith("http.")
              ? new CortexError("cli.node", "invalid", "name the node, or run this on the node itself")
              : error;
          });
        if (args.json) return printJson(answer.data);
        return print(`This node has a new key: ${answer.data.key}`);
      }
      const node = await find(client, args.node);
      await client.post(`nodes/${node.id}/rotate`, undefined);
      const now = await client.get<IdentityItem>(`nodes/${node.id}/identity`);
      if (args.json) return printJson(now);
      print(
        `${clean(node.name)} has a new key. Its words from now on are on its page, and here: cortex nodes show ${node.id}`,
      );
    }),
});

export default group("nodes", "The fleet, and who may belong to it.", {
  list: async () => list,
  pending: async () => pending,
  show: async () => show,
  approve: async () => approve,
  reject: async () =>
    act(
      "reject",
      "Turn a waiting node away.",
      (client, node) => client.post(`nodes/${node.id}/reject`, undefined),
      (node) => `${clean(node.name)} is turned away.`,
    ),
  revoke: async () => revoke,
  release: async () =>
    act(
      "release",
      "Take a node out of quarantine, after the second host with its key was stopped.",
      (client, node) => client.post(`nodes/${node.id}/release`, undefined),
      (node) => `${clean(node.name)} is released; consider a new key for it: cortex nodes rotate ${node.id}`,
    ),
  rotate: async () => rotate,
});
