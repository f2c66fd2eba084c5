/** What several resources share: query fields, pages, asking a node. */
import { CortexError, defineErrors, type Principal } from "cortex";
import * as z from "zod";
import { actorOf } from "../../access/audit.ts";
import type { NodeScope } from "../../access/node-scope.ts";
import type { Command } from "../../wire/command.ts";
import { fromIso, isoTime, nodeId } from "../../wire/envelope.ts";
import type { Services } from "../services.ts";

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;
const ALL = "*";

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_LIMIT)
    .optional()
    .describe(`Items of one page, at most ${MAX_LIMIT}; default ${DEFAULT_LIMIT}`),
  cursor: z.string().max(400).optional().describe("`next` of the page before"),
};

/** `?state=open,resolved` or `?state=open&state=resolved`. */
export function listOf<const T extends string>(values: readonly T[], what: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(",")))
    .pipe(
      z
        .array(z.enum(values as readonly [T, ...T[]]))
        .min(1)
        .max(50),
    )
    .optional()
    .describe(`${what}; one or several of ${values.join(", ")}, separated by commas`);
}

export const timeQuery = (what: string) =>
  isoTime
    .transform((text) => fromIso(text))
    .optional()
    .describe(`${what}, ISO 8601 UTC`);

export const nodeQuery = nodeId.optional().describe("Only this node");
export const text = (what: string) => z.string().min(1).max(1000).optional().describe(what);

export const idQuery = z.string().min(1).max(36).optional().describe("Its id, or the beginning or end of it");

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe("Cursor of the next page; null at the end"),
  });

export const done = z.strictObject({ ok: z.literal(true) });
export const DONE = { ok: true } as const;

export const routeErrors = defineErrors("api", {
  node_unknown: "not_found",
  node_needed: "invalid",
  not_found: "not_found",
  range: "invalid",
});

/** The one answer for a node that does not exist and for one that is not the caller's to see. */
export const unknownNode = () => routeErrors.node_unknown("no node has this id; see the list of nodes");

/** Node ids that an input names: what routes of scope `objects` declare. */
export const named = (...ids: (string | undefined)[]): string[] =>
  ids.filter((id): id is string => id !== undefined && id !== ALL);

/** A node, or `*` for every node in scope: nothing acts on all nodes because a field was left out. */
export const nodeOrAll = z
  .union([nodeId, z.literal(ALL)])
  .optional()
  .describe("Node id, or * for every connected node; may be left out when there is one node");

/** The named node, all nodes in scope for `*`, or the only one there is. */
export const someNodes = (scope: NodeScope, wanted: string | undefined): string[] =>
  wanted === ALL ? scope.ids() : [oneNode(scope, wanted)];

/** Which nodes an act was about, for the audit chain: `*` only where it really was the whole tree. */
export const namedNodes = (scope: NodeScope, wanted: string | undefined): string | string[] =>
  wanted === ALL && scope.whole ? ALL : someNodes(scope, wanted);

/** The named node, which must be in scope, or the only one there. Never a guess among several. */
export function oneNode(scope: NodeScope, id: string | undefined): string {
  if (id !== undefined) {
    if (!scope.has(id)) throw unknownNode();
    return id;
  }
  const ids = scope.ids();
  if (ids.length === 1) return ids[0]!;
  throw routeErrors.node_needed(`name a node: there are ${ids.length}`);
}

/** Ask a node; what it refuses becomes the answer to the caller. Gives the data of the node's answer. */
export async function ask(services: Services, node: string, command: Command): Promise<unknown> {
  const result = await services.monitor.downlink.send(node, command);
  if (result.ok) return result.data ?? null;
  throw new CortexError(result.code, result.kind, result.message);
}

export const actor = (principal: Principal): string => actorOf(principal);
