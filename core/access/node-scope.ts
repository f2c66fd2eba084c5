/** The nodes on which one principal has one permission: what lists are filtered by and ids are checked against. */
import type { Permission, Principal } from "cortex";
import { covers, type NodePlace, scopesOf, WHOLE_TREE } from "../domain/access.ts";

export interface NodeScope {
  /** Equal for equal scopes. */
  readonly key: string;
  /** The whole tree, also nodes that are still to come. */
  readonly whole: boolean;
  /** False for nodes that are not known, too: unknown and not visible are one answer. */
  has(id: string): boolean;
  /** Ids of the known nodes in it. */
  ids(): string[];
}

export interface NodePlaces {
  place(id: string): NodePlace | null;
  ids(): string[];
}

/** A scope as a filter of lists: undefined for everything, else exactly these. */
export const nodesOf = (scope: NodeScope): string[] | undefined => (scope.whole ? undefined : scope.ids());

/** For what is looked up by its own id: whoever sees the whole tree also sees what nodes that are gone left behind. */
export const sees =
  (scope: NodeScope) =>
  (node: string): boolean =>
    scope.whole || scope.has(node);

export const wholeTree = (nodes: Pick<NodePlaces, "ids">): NodeScope => ({
  key: WHOLE_TREE,
  whole: true,
  has: () => true,
  ids: nodes.ids,
});

export function nodeScopeOf(principal: Principal, permission: Permission, nodes: NodePlaces): NodeScope {
  const scopes = scopesOf(principal, permission);
  const whole = scopes.includes(WHOLE_TREE);
  const has = (id: string): boolean => {
    const place = nodes.place(id);
    return place !== null && (whole || scopes.some((scope) => covers(scope, place)));
  };
  const key = whole ? WHOLE_TREE : JSON.stringify([...new Set(scopes)].toSorted());
  return { key, whole, has, ids: () => (whole ? nodes.ids() : nodes.ids().filter(has)) };
}
