/**
 * Every node holds the document that fits it today, or is told it until it does. Documents live a week and are renewed at
 * half of that: so long a node that is cut off goes on acting by what its repairs have earned.
 */
import { type Clock, type Log, messageOf } from "cortex";
import {
  MAX_STANDING_MS,
  type Standing,
  standingBytes,
  type StandingEntry,
} from "../domain/decide/standing.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { StandingRow } from "../store/monitor/autonomy.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Downlink } from "../wire/link.ts";
import type { AutonomyGrants } from "./autonomy.ts";
import type { DecisionSigner } from "./records.ts";

export interface StandingDelivery {
  /** Grants changed: look at all nodes now. */
  refresh(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface StandingDeliveryDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  nodes: Nodes;
  downlink: Downlink;
  signer: DecisionSigner;
  isKeyToldTo: (node: string) => boolean;
  grants: Pick<AutonomyGrants, "current" | "entriesOf" | "expire">;
}

const TICK_MS = 2000;
const LIFE_MS = Math.min(7 * 86_400_000, MAX_STANDING_MS);
/** Labels and groups change, and a node may have been restored from an older copy: told again now and then, it knows. */
const LOOK_EVERY_MS = 60_000;
const TELL_AGAIN_MS = 3_600_000;

export function createStandingDelivery(deps: StandingDeliveryDeps): StandingDelivery {
  const { clock, store, nodes } = deps;
  const repository = store.autonomy.standings;
  const telling = new Map<string, Promise<void>>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let cancelTick = () => {};
  let stopped = false;

  function renew(id: string): void {
    const place = nodes.place(id);
    if (place === null) return;
    const entries = deps.grants.entriesOf(place);
    const row = repository.get(id);
    if (row === null ? entries.length === 0 : !isOutdated(row.document, entries)) return;
    repository.put({ nodeId: id, document: signed(id, entries, row), toldAt: null, refusal: null });
  }

  const isOutdated = (document: Standing, entries: StandingEntry[]): boolean =>
    document.signer !== deps.signer.name ||
    JSON.stringify(document.entries) !== JSON.stringify(entries) ||
    (entries.length > 0 && document.expiresAt - clock.now() < LIFE_MS / 2);

  function signed(node: string, entries: StandingEntry[], before: StandingRow | null): Standing {
    const now = clock.now();
    const unsigned: Standing = {
      v: 1,
      type: "cortex.standing",
      node,
      serial: Math.max(now, (before?.document.serial ?? 0) + 1),
      notBefore: now,
      expiresAt: now + LIFE_MS,
      entries,
      signer: deps.signer.name,
      signature: "",
    };
    return { ...unsigned, signature: deps.signer.sign(standingBytes(unsigned)) };
  }

  async function tell({ nodeId, document }: StandingRow): Promise<void> {
    const result = await deps.downlink.send(nodeId, { type: "standing.set", document, actor: "monitor" });
    if (!result.ok && (result.kind === "unavailable" || result.kind === "internal")) return;
    const now = repository.get(nodeId);
    // It may have been replaced while it was on the way.
    if (now?.document.signature !== document.signature) return;
    const refusal = result.ok ? null : result.message.slice(0, 500);
    if (refusal !== null)
      deps.log.warn("A node does not take a standing approval.", { node: nodeId, refusal });
    repository.put({ ...now, toldAt: clock.now(), refusal });
  }

  function tellAll(): void {
    const due = clock.now() - TELL_AGAIN_MS;
    for (const row of repository.all()) {
      const { nodeId, toldAt } = row;
      if (!deps.isKeyToldTo(nodeId)) continue;
      if (telling.has(nodeId) || (toldAt !== null && toldAt > due) || nodes.item(nodeId)?.connected !== true)
        continue;
      const work = tell(row)
        .catch((error: unknown) =>
          deps.log.debug("A standing approval could not be delivered yet.", {
            node: nodeId,
            reason: messageOf(error),
          }),
        )
        .finally(() => telling.delete(nodeId));
      telling.set(nodeId, work);
    }
  }

  function look(): void {
    if (stopped) return;
    if (clock.monotonic() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = clock.monotonic();
      deps.grants.expire();
      if (deps.grants.current().length > 0 || repository.all().length > 0)
        store.transaction(() => nodes.ids().forEach(renew));
    }
    tellAll();
  }

  function tick(): void {
    look();
    cancelTick = clock.after(TICK_MS, tick);
  }

  return {
    refresh() {
      lookedAt = Number.NEGATIVE_INFINITY;
      look();
    },
    start: tick,
    async stop() {
      stopped = true;
      cancelTick();
      await Promise.allSettled([...telling.values()]);
    },
  };
}
