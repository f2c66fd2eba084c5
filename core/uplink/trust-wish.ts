/** What people ask for on the machine itself about whom it believes: join a Monitor, leave it, believe a key no more. */
import { CortexError } from "cortex";
import * as z from "zod";
import { upstream } from "../store/upstream.ts";
import { type Beliefs, deciderName } from "./beliefs.ts";

export const trustWish = z.discriminatedUnion("act", [
  z.strictObject({ act: z.literal("join"), upstream }),
  z.strictObject({ act: z.literal("leave") }),
  z.strictObject({ act: z.literal("remove"), key: z.string().max(100) }),
]);
export type TrustWish = z.infer<typeof trustWish>;

export interface TrustAnswer {
  /** Address of the Monitor that was left; null where there was none, or nobody can tell. */
  previous: string | null;
  /** The key that is believed no more, base64url. */
  removed: string | null;
}

/** With fewer characters one slip would take another key away. */
const LEAST_OF_KEY = 4;

/** Errors: `join.none`, `trust.own`, `trust.unknown`, those of the store. */
export function carryOutTrust(beliefs: Beliefs, wish: TrustWish, actor: string): TrustAnswer {
  switch (wish.act) {
    case "join": {
      const previous = addressOf(beliefs);
      const { url, publicKey } = wish.upstream;
      const data = { monitor: url, key: deciderName(publicKey), previous };
      beliefs.change({ kind: "upstream.joined", actor, data }, wish.upstream);
      return { previous, removed: null };
    }
    case "leave": {
      const previous = addressOf(beliefs);
      if (previous === null && !isDamaged(beliefs))
        throw new CortexError(
          "join.none",
          "conflict",
          "this node has joined no Monitor; there is nothing to leave",
        );
      beliefs.change({ kind: "upstream.left", actor, data: { monitor: previous } }, null);
      return { previous, removed: null };
    }
    case "remove":
      return { previous: null, removed: removeKey(beliefs, wish.key, actor) };
  }
}

function removeKey(beliefs: Beliefs, wanted: string, actor: string): string {
  const joined = beliefs.read();
  if (joined === null)
    throw new CortexError(
      "trust.own",
      "conflict",
      "this Monitor decides for its own node; there is no key to take away",
    );
  const { decisionKey, refusedKeys = [], replacedKeys = [] } = joined;
  const known = [decisionKey, ...replacedKeys.map(({ key }) => key)].filter((key) => key !== null);
  const taken = known.find((key) => !refusedKeys.includes(key) && deciderName(key).startsWith(wanted));
  if (taken === undefined || wanted.length < LEAST_OF_KEY)
    throw new CortexError(
      "trust.unknown",
      "not_found",
      `no trusted key begins with ${wanted}; see \`cortex trust list\``,
    );
  beliefs.change(
    { kind: "trust.removed", actor, data: { key: deciderName(taken), monitor: joined.url } },
    {
      ...joined,
      decisionKey: taken === decisionKey ? null : decisionKey,
      refusedKeys: [...refusedKeys, taken],
    },
  );
  return deciderName(taken);
}

/** A damaged file must not keep anybody from leaving, or from joining anew. */
function addressOf(beliefs: Beliefs): string | null {
  try {
    return beliefs.read()?.url ?? null;
  } catch {
    return null;
  }
}

function isDamaged(beliefs: Beliefs): boolean {
  try {
    beliefs.read();
    return false;
  } catch {
    return true;
  }
}
