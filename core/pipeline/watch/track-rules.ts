import type { Config } from "../../config/schema.ts";
import type { TrackRules } from "../../domain/track.ts";

/** Where a result comes from; the engine's own checks have no plugin behind them. */
export interface ResultSource {
  check: string;
  instance: string;
  nature: "fact" | "measured";
  intervalMs: number;
  confirmMs: number;
  ownGrace?: boolean;
}

/** What costs something to find out is found out when it matters: most results are fine, and then neither does. */
export function trackRules(
  source: ResultSource,
  deps: { engine: Config["engine"]; uptimeMs: () => number; isUnderRepair: () => boolean },
): TrackRules {
  const { engine } = deps;
  return {
    nature: source.nature,
    intervalMs: source.intervalMs,
    confirmMs: source.confirmMs,
    get inGrace() {
      return source.ownGrace !== true && deps.uptimeMs() < engine.boot_grace;
    },
    get repairInFlight() {
      return deps.isUnderRepair();
    },
    clearBackoffMs: engine.clear_backoff,
    clearFactor: engine.clear_factor,
    clearMaxMs: engine.clear_max,
    flap: { window: engine.flap_window, start: engine.flap_start, end: engine.flap_end },
    staleAfter: engine.stale_after,
  };
}
