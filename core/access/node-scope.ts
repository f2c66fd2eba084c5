/** The nodes on which one principal has one permission: what lists are filtered by and ids are checked against. */
import type { Permission, Principal } from "cortex";
import { can, canOnTree, type NodePlace } from "../domain/access.ts";

export interface NodeScope {
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

export function nodeScopeOf(principal: Principal, permission: Permission, nodes: NodePlaces): NodeScope {
  const whole = canOnTree(principal, permission);
  const has = (id: string): boolean => {
    const place = nodes.place(id);
    return place !== null && (whole || can(principal, permission, place));
  };
  return { whole, has, ids: () => (whole ? nodes.ids() : nodes.ids().filter(has)) };
}
