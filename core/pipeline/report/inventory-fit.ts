/**
 * An inventory that its Monitor takes: no more rows than the wire allows and no more bytes than travel at once. What is too
 * much is left out from the end, in the order in which plugins registered it, and is a problem of the node: nothing is lost
 * unsaid, and the rest of the node is seen.
 */
import type { Result } from "cortex";
import { type InventoryBody, MAX_CHECKS, MAX_PLUGINS, MAX_REPAIRS } from "../../wire/inventory.ts";

/** The engine's own check: no plugin stands behind it. */
export const INVENTORY_CHECK = "inventory_size";
/** Below what the uplink sends as one message, with room for the envelope. */
const MAX_BYTES = 800_000;
/** Names of checks and repairs in the rows of plugins, all together. */
const MAX_NAME_BYTES = 200_000;

export interface FittedInventory {
  body: InventoryBody;
  left: { checks: number; repairs: number; plugins: number; names: number };
}

export function fitInventory(full: InventoryBody): FittedInventory {
  const names = firstThatFit(MAX_NAME_BYTES);
  const plugins = full.plugins.slice(0, MAX_PLUGINS).map((one) => ({
    ...one,
    checks: names(one.checks, MAX_CHECKS),
    repairs: names(one.repairs, MAX_REPAIRS),
  }));
  const rows = firstThatFit(MAX_BYTES - sizeOf({ ...full, plugins: [], repairs: [], checks: [] }));
  const fitting = rows(plugins, MAX_PLUGINS);
  const repairs = rows(full.repairs, MAX_REPAIRS);
  const body = { ...full, plugins: fitting, repairs, checks: rows(full.checks, MAX_CHECKS) };
  const namesIn = (list: InventoryBody["plugins"]) =>
    list.reduce((sum, one) => sum + one.checks.length + one.repairs.length, 0);
  return {
    body,
    left: {
      checks: full.checks.length - body.checks.length,
      repairs: full.repairs.length - body.repairs.length,
      plugins: full.plugins.length - body.plugins.length,
      names: namesIn(full.plugins) - namesIn(body.plugins),
    },
  };
}

/** What was left out, as what a check says. */
export function inventoryResult({ body, left }: FittedInventory): Result {
  const parts = (["checks", "repairs", "plugins"] as const)
    .filter((what) => left[what] > 0)
    .map((what) => `${left[what]} of ${left[what] + body[what].length} ${what}`);
  if (parts.length === 0 && left.names > 0) parts.push(`${left.names} names in the list of plugins`);
  return {
    target: "inventory",
    status: parts.length === 0 ? "ok" : "warning",
    type: "inventory.size",
    summary:
      parts.length === 0
        ? "the Monitor is told of everything that runs here"
        : `${parts.join(", ")} are not told to the Monitor: more than one inventory holds; they run all the same`,
  };
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/** Takes from one budget, list after list. */
function firstThatFit(bytes: number): <T>(list: readonly T[], most: number) => T[] {
  let left = bytes;
  return (list, most) => {
    let count = 0;
    for (const one of list.slice(0, most)) {
      const size = sizeOf(one);
      if (size > left) break;
      left -= size;
      count += 1;
    }
    return list.slice(0, count);
  };
}
