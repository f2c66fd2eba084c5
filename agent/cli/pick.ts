/** How a command finds the one thing that was meant: by its id, by the beginning or the end of its id, a node by its name. */
import { CortexError, isCortexError } from "cortex";

/** As many characters as lists show. With fewer, one slip of a finger would answer for something else. */
const SHOWN_ID = 8;

/** What the help of such an argument says. */
export const ID_HELP = "Its id, or at least 8 characters of its beginning or end.";
export const ID_HELP_TO_READ = "Its id, or enough of its beginning or end to tell it from others.";

/**
 * One item by its whole id, or by the beginning or the end of it (lists show the end). What only is read takes as few characters as
 * tell it from the others; what acts takes 8. Errors: `cli.id_short`, `cli.not_found`, `cli.ambiguous`.
 */
export function pick<T extends { id: string }>(
  items: readonly T[],
  id: string,
  what: string,
  { toRead = false } = {},
): T {
  const same = items.find((item) => item.id === id);
  if (same !== undefined) return same;
  if (id === "" || (!toRead && id.length < SHOWN_ID))
    throw new CortexError(
      "cli.id_short",
      "invalid",
      `${id === "" ? "an empty id" : id} is too short: give at least ${SHOWN_ID} characters of the ${what}'s id, as the list shows them`,
    );
  const found = items.filter((item) => item.id.startsWith(id) || item.id.endsWith(id));
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new CortexError(
      "cli.not_found",
      "not_found",
      `no ${what} has an id that begins or ends with ${id}; the list shows all ids`,
    );
  throw new CortexError(
    "cli.ambiguous",
    "invalid",
    `${found.length} ${what}s have an id that begins or ends with ${id}; give more of it`,
  );
}

/** What a list is asked for so that it need not hold everything: none for a text that is no id, of which `pick` says what is wrong. */
export const idQuery = (id: string): { id?: string } => (/^[0-9a-z-]{1,36}$/i.test(id) ? { id } : {});

const WHOLE_NODE_ID = /^(\*|n_[a-z2-7]{26})$/;
/** The lists leave out who waits and who is out; who names one of them means it. */
const EVERY_STATE = "online,late,degraded,offline,pending,quarantined,revoked";

interface NamedNode {
  id: string;
  name: string;
  state: string;
}

/** Reads what there is to choose from. */
interface NodeLists {
  list(path: string, query?: Record<string, string>): Promise<{ items: NamedNode[] }>;
}

/** One node by its name, before a node that is out, else by its id. Errors: as of `pick`, and `cli.ambiguous`. */
export function pickNode<T extends NamedNode>(nodes: readonly T[], wanted: string): T {
  const named = nodes.filter(({ name }) => name === wanted);
  const inside = named.filter(({ state }) => state !== "revoked");
  const [first, second] = inside.length > 0 ? inside : named;
  if (second !== undefined)
    throw new CortexError(
      "cli.ambiguous",
      "invalid",
      `several nodes are called ${wanted}; give the id of one`,
    );
  if (first !== undefined) return first;
  if (wanted.length < SHOWN_ID)
    throw new CortexError(
      "cli.not_found",
      "not_found",
      `no node is called ${wanted}; see: cortex nodes list`,
    );
  return pick(nodes, wanted, "node");
}

/** The id of a node that was named by its name or id; `*` and a whole id are what they say, without a question. */
export async function nodeIdOf(client: NodeLists, wanted: string): Promise<string> {
  if (WHOLE_NODE_ID.test(wanted)) return wanted;
  try {
    const { items } = await client.list("nodes", { limit: "500", text: wanted, state: EVERY_STATE });
    return pickNode(items, wanted).id;
  } catch (error) {
    // An agent knows no other node than itself, and says so where it matters.
    if (isCortexError(error) && error.code === "agent.no_monitor") return wanted;
    throw error;
  }
}

/** Whether a list has to say of which node each line is: there are several, or the list is of several. */
export async function hasSeveralNodes(
  client: NodeLists,
  items: readonly { node: string }[],
): Promise<boolean> {
  if (new Set(items.map(({ node }) => node)).size > 1) return true;
  // Who may not see the nodes is not told how many there are, and an agent is the only one of its own list.
  const nodes = await client.list("nodes", { limit: "2" }).catch(() => ({ items: [] }));
  return nodes.items.length > 1;
}
