/**
 * How often anybody may ask: per user, key or node for all requests, per address for requests without a principal, and
 * less often for what costs more. The numbers of a minute come with a burst, because pages ask for several things at once.
 */
import { type Clock, type Principal } from "cortex";
import { placeOf } from "../../access/address-ranges.ts";
import { type Buckets, createBuckets } from "../../access/rate-limit.ts";
import { httpErrors } from "../errors.ts";
import type { ServerSettings } from "../services.ts";

/** Enough for a dashboard's own files, not for guessing. */
const ANONYMOUS = { perMinute: 1200, burst: 300 };

const OF_ROUTES = {
  /** A whole chain in one answer. */
  export: { perMinute: 2, burst: 2 },
  /** Hashes every entry again, on nodes too. */
  verify: { perMinute: 20, burst: 10 },
  /** Verdicts on what a node wants to do. */
  approve: { perMinute: 10, burst: 10 },
} as const;
export type RouteRate = keyof typeof OF_ROUTES;

/** Bodies of strangers that are being received from one address at once. */
const STRANGERS_BODIES = 20;

export type Rates = ReturnType<typeof createRates>;

export function createRates(
  clock: Clock,
  server: () => Pick<ServerSettings, "request_rate" | "ingest_rate">,
) {
  const anonymous = createBuckets(clock, ANONYMOUS);
  const ofRoutes = new Map<RouteRate, Buckets>();
  const receiving = new Map<string, number>();
  let configured = "";
  let people = anonymous;
  let nodes = anonymous;

  function refresh(): void {
    const { request_rate: request, ingest_rate: ingest } = server();
    if (configured === `${request} ${ingest}`) return;
    configured = `${request} ${ingest}`;
    people = createBuckets(clock, { perMinute: request * 60, burst: request * 3 });
    nodes = createBuckets(clock, { perMinute: ingest * 60, burst: ingest * 10 });
  }

  function take(buckets: Buckets, key: string): void {
    const waitMs = buckets.take(key);
    if (waitMs > 0)
      throw httpErrors.too_many("too many requests; wait a moment", { details: { retryAfterMs: waitMs } });
  }

  return {
    /** Errors of all three: `http.too_many`. */
    takeAnonymous: (ip: string) => take(anonymous, placeOf(ip)),
    takeOwn(principal: Principal): void {
      if (principal.kind === "local") return;
      refresh();
      take(principal.kind === "node" ? nodes : people, principal.id);
    },
    takeOfRoute(rate: RouteRate, principal: Principal): void {
      if (principal.kind === "local") return;
      const buckets = ofRoutes.get(rate) ?? createBuckets(clock, OF_ROUTES[rate]);
      ofRoutes.set(rate, buckets);
      take(buckets, principal.id);
    },
    /** While `work` runs, one of the places of this address is taken. */
    async whileReceiving<T>(ip: string, work: () => Promise<T>): Promise<T> {
      const place = placeOf(ip);
      const busy = receiving.get(place) ?? 0;
      if (busy >= STRANGERS_BODIES)
        throw httpErrors.too_many("too many requests at once from this address; wait a moment", {
          details: { retryAfterMs: 1000 },
        });
      receiving.set(place, busy + 1);
      try {
        return await work();
      } finally {
        const left = receiving.get(place)! - 1;
        if (left === 0) receiving.delete(place);
        else receiving.set(place, left);
      }
    },
  };
}
