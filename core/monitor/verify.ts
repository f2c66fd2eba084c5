/**
 * Whether the chains hold: the Monitor's own, and those of the nodes, each hashed again where it is kept. A node's answer
 * is compared with the newest head it signed and sent before, so that it can't rewrite or cut its history unnoticed.
 */
import { CortexError } from "cortex";
import * as z from "zod";
import type { NodeScope } from "../access/node-scope.ts";
import type { CheckpointBody } from "../wire/inventory.ts";
import type { Command } from "../wire/command.ts";
import type { Monitor } from "./monitor.ts";

export const ledgerFault = z.strictObject({ origin: z.string(), seq: z.number().int(), reason: z.string() });
type Fault = z.infer<typeof ledgerFault>;

export interface Verification {
  ok: boolean;
  /** Entries that were hashed again, over all chains. */
  entries: number;
  firstBroken: Fault | null;
}

const nodeAnswer = z.object({ entries: z.number(), firstBroken: ledgerFault.nullable().optional() });
const exported = z.object({ entries: z.array(z.object({ seq: z.number(), hash: z.string() })) });

/** Without `node`: the chains of all connected nodes in scope and, for who sees the whole tree, the Monitor's own. */
export async function verifyChains(
  monitor: Monitor,
  actor: string,
  scope: NodeScope,
  node?: string,
): Promise<Verification> {
  const found: Verification[] = [];
  if (node === undefined && scope.whole) {
    const { entries, fault } = await monitor.store.ledger.verify();
    found.push({ ok: fault === null, entries, firstBroken: fault });
  }
  const nodes =
    node === undefined ? monitor.nodes.items(scope).filter((one) => one.connected) : [{ id: node }];
  for (const { id } of nodes) found.push(await verifyNode(monitor, actor, id));
  return {
    ok: found.every((one) => one.ok),
    entries: found.reduce((sum, one) => sum + one.entries, 0),
    firstBroken: found.find((one) => !one.ok)?.firstBroken ?? null,
  };
}

async function verifyNode(monitor: Monitor, actor: string, id: string): Promise<Verification> {
  const { entries, firstBroken } = nodeAnswer.parse(await ask(monitor, id, { type: "ledger.verify", actor }));
  if (firstBroken) return { ok: false, entries, firstBroken };
  const head = monitor.store.inbox.checkpoints(id, 1)[0];
  const broken = head === undefined ? null : await compare(monitor, actor, id, entries, head);
  return { ok: broken === null, entries, firstBroken: broken };
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
