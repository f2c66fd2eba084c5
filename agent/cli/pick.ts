/** How a command finds the one thing that was meant: by its id, by the end of its id as lists show it, a node by its name. */
import { CortexError } from "cortex";

/** As many characters as lists show. With fewer, one slip of a finger would answer for something else. */
export const SHOWN_ID = 8;

/** One item by its whole id or the end of it. Errors: `cli.id_short`, `cli.not_found`, `cli.ambiguous`. */
export function pick<T extends { id: string }>(items: readonly T[], id: string, what: string): T {
  const same = items.find((item) => item.id === id);
  if (same !== undefined) return same;
  if (id.length < SHOWN_ID)
    throw new CortexError(
      "cli.id_short",
      "invalid",
      `${id} is too short for the id of a ${what}: give at least the last ${SHOWN_ID} characters, as the list shows them`,
    );
  const found = items.filter((item) => item.id.endsWith(id));
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new CortexError(
      "cli.not_found",
      "not_found",
      `no ${what} has an id that ends in ${id}; the list shows all ids`,
    );
  throw new CortexError(
    "cli.ambiguous",
    "invalid",
    `${found.length} ${what}s end in ${id}; give more of the id`,
  );
}
