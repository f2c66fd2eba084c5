/**
 * Whether the chains hold: the Monitor's own, and those of the nodes, each hashed again where it is kept. A node's answer
 * is compared with the newest head it signed and sent before, so that it can't rewrite or cut its history unnoticed.
 */
import { CortexError, isCortexError } from "cortex";
import * as z from "zod";
import type { NodeScope } from "../access/node-scope.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Command } from "../wire/command.ts";
import { isoTime, toIso } from "../wire/envelope.ts";
import type { CheckpointBody } from "../wire/inventory.ts";
import type { Monitor } from "./monitor.ts";

export const ledgerFault = z.strictObject({ origin: z.string(), seq: z.number().int(), reason: z.string() });
type Fault = z.infer<typeof ledgerFault>;

const signedHead = z.strictObject({ size: z.number().int(), head: z.string(), at: isoTime });

const chain = z.strictObject({
  kind: z
    .enum(["audit", "ledger"])
    .describe("`audit` is the Monitor's own: who did what; `ledger` is what a node did"),
  node: z.string().nullable().describe("Whose ledger; null for the audit"),
  nodeName: z.string().nullable(),
  state: z
    .enum(["holds", "broken", "unverified"])
    .describe("`unverified`: the node that keeps it could not be asked, `reason` says why"),
  entries: z.number().int().nonnegative().nullable().describe("Hashed again; null when unverified"),
  checkpoint: signedHead
    .nullable()
    .describe(
      "The newest signed head that it was compared with: hash of entry `size`; null when none was made yet",
    ),
  broken: ledgerFault.nullable(),
  reason: z.string().nullable(),
});
export type ChainVerdict = z.infer<typeof chain>;

export const verification = z.strictObject({
  ok: z.boolean(),
  entries: z.number().int().nonnegative().describe("Entries that were hashed again, over all chains"),
  firstBroken: ledgerFault.nullable().describe("First broken link found; null when every chain holds"),
  chains: z.array(chain).describe("Each chain by itself"),
});
export type Verification = z.infer<typeof verification>;

const nodeAnswer = z.object({ entries: z.number(), firstBroken: ledgerFault.nullable().optional() });
const exported = z.object({ entries: z.array(z.object({ seq: z.number(), hash: z.string() })) });

/** Without `node`: the chains of all nodes in scope and, for who sees the whole tree, the Monitor's own. */
export async function verifyChains(
  monitor: Monitor,
  actor: string,
  scope: NodeScope,
  node?: string,
): Promise<Verification> {
  const { nameOf } = monitor.nodes;
  if (node !== undefined) return verdictOf([await verifyNode(monitor, actor, node, nameOf(node))]);
  const own = scope.whole ? [verifyOwn(monitor.store.ledger, "audit", null)] : [];
  // All at once: each hashes its own, and those that do not answer cost the time of one.
  const theirs = monitor.nodes.items(scope).flatMap(({ id, name, connected }) => {
    if (connected) return tryNode(monitor, actor, id, name);
    return monitor.nodes.isMember(id) ? unverified(monitor, id, name, "is not connected") : [];
  });
  return verdictOf(await Promise.all([...own, ...theirs]));
}

/** What chains say together. */
export const verdictOf = (chains: ChainVerdict[]): Verification => ({
  ok: chains.every((one) => one.state !== "broken"),
  entries: chains.reduce((sum, one) => sum + (one.entries ?? 0), 0),
  firstBroken: chains.find((one) => one.broken !== null)?.broken ?? null,
  chains,
});

/** The chain that is kept in this process. */
export async function verifyOwn(
  ledger: Pick<MonitorStore["ledger"], "verify" | "checkpoints">,
  kind: ChainVerdict["kind"],
  owner: { node: string; nodeName: string } | null,
): Promise<ChainVerdict> {
  const { entries, fault } = await ledger.verify();
  const newest = ledger.checkpoints().at(-1);
  const checkpoint =
    newest === undefined ? null : { size: newest.size, head: newest.head, at: toIso(newest.at) };
  const { node, nodeName } = owner ?? { node: null, nodeName: null };
  return { kind, node, nodeName, ...stateOf(fault), entries, checkpoint };
}

const stateOf = (broken: Fault | null): Pick<ChainVerdict, "state" | "broken" | "reason"> => ({
  state: broken === null ? "holds" : "broken",
  broken,
  reason: broken?.reason ?? null,
});

/** One node that does not answer must not hide what the others say. */
async function tryNode(monitor: Monitor, actor: string, id: string, name: string): Promise<ChainVerdict> {
  try {
    return await verifyNode(monitor, actor, id, name);
  } catch (error) {
    if (!isCortexError(error)) throw error;
    return unverified(monitor, id, name, error.message);
  }
}

function unverified(monitor: Monitor, node: string, nodeName: string, reason: string): ChainVerdict {
  const checkpoint = newestHead(monitor, node);
  return {
    kind: "ledger",
    node,
    nodeName,
    state: "unverified",
    entries: null,
    checkpoint,
    broken: null,
    reason,
  };
}

async function verifyNode(
  monitor: Monitor,
  actor: string,
  node: string,
  nodeName: string,
): Promise<ChainVerdict> {
  const { entries, firstBroken } = nodeAnswer.parse(
    await ask(monitor, node, { type: "ledger.verify", actor }),
  );
  const head = monitor.store.inbox.checkpoints(node, 1)[0];
  const rewritten =
    firstBroken || head === undefined ? null : await compare(monitor, actor, node, entries, head);
  const checkpoint = newestHead(monitor, node);
  return { kind: "ledger", node, nodeName, ...stateOf(firstBroken ?? rewritten), entries, checkpoint };
}

function newestHead(monitor: Monitor, node: string): ChainVerdict["checkpoint"] {
  const newest = monitor.store.inbox.checkpoints(node, 1)[0];
  return newest === undefined ? null : { size: newest.size, head: newest.head, at: newest.at };
}

async function compare(
  monitor: Monitor,
  actor: string,
  id: string,
  entries: number,
  head: CheckpointBody,
): Promise<Fault | null> {
  if (entries < head.size)
    return {
      origin: id,
      seq: entries + 1,
      reason: `entries ${entries + 1} to ${head.size} were there at ${head.at} and are missing`,
    };
  const data = await ask(monitor, id, { type: "ledger.export", after: head.size - 1, limit: 1, actor });
  const entry = exported.parse(data).entries[0];
  if (entry?.seq === head.size && entry.hash === head.head) return null;
  return {
    origin: id,
    seq: head.size,
    reason: `differs from the head that the node signed at ${head.at}: history was rewritten`,
  };
}

async function ask(monitor: Monitor, node: string, command: Command): Promise<unknown> {
  const result = await monitor.downlink.send(node, command);
  if (result.ok) return result.data;
  throw new CortexError(result.code, result.kind, result.message);
}
