/**
 * Whom this machine believes is changed by its own people alone: on the socket that only they can open, by the program that holds the
 * ledger, or, while none runs, by the command itself under the folder's lock.
 */
import { CortexError, type Log } from "cortex";
import { actorOf } from "../core/access/audit.ts";
import { type Api, LOCAL } from "../core/http/app.ts";
import { errorResponse } from "../core/http/errors.ts";
import type { Beliefs } from "../core/uplink/beliefs.ts";
import { carryOutTrust, trustWish, type TrustWish } from "../core/uplink/trust-wish.ts";

export const TRUST_PATH = "trust";
export const TRUST_ACTOR = actorOf(LOCAL);

export interface OwnTrustDeps {
  beliefs: Beliefs;
  log: Log;
  newId: () => string;
  /** The Monitor is another one, or none: what runs here still speaks to the one before. */
  moved: () => void;
}

/** In front of an API: `POST /api/v1/trust` exists only for who stands on the machine. */
export function withOwnTrust(api: Api, deps: OwnTrustDeps): Api {
  function obey(raw: unknown) {
    const wish = trustWish.safeParse(raw);
    if (!wish.success)
      throw new CortexError("trust.wish", "invalid", "no change of trust that is known here");
    const answer = carryOutTrust(deps.beliefs, wish.data satisfies TrustWish, TRUST_ACTOR);
    if (wish.data.act !== "remove") deps.moved();
    return answer;
  }

  return {
    ...api,
    async handle(request, source) {
      const isAsked = request.method === "POST" && new URL(request.url).pathname === `/api/v1/${TRUST_PATH}`;
      if (!isAsked || source?.principal?.kind !== "local") return api.handle(request, source);
      try {
        return Response.json(obey(await request.json().catch(() => null)));
      } catch (error) {
        return errorResponse(error, deps.newId(), deps.log);
      }
    },
  };
}
