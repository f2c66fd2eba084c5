/** Telling the nodes what was decided, until they have heard it or it is over. What is due is in the database. */
import { type Clock, type Log, messageOf } from "cortex";
import type { Decision } from "../domain/decide/decision.ts";
import { REASONS } from "../domain/decide/reasons.ts";
import { failpoint } from "../ports/failpoint.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { Downlink } from "../wire/link.ts";

export interface Delivery {
  /** Begin to tell one; more calls than needed do no harm. */
  begin(id: string): void;
  /** All that are due, after a start and again and again. */
  beginAll(): void;
  stop(): Promise<void>;
}

export interface DeliveryDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  downlink: Downlink;
  /** Whether this node has the key that signs, so that it can believe what it is told. */
  isKeyToldTo: (node: string) => boolean;
  changed: (decision: Decision) => void;
}

export function createDelivery({
  clock,
  log,
  store,
  downlink,
  isKeyToldTo,
  changed,
}: DeliveryDeps): Delivery {
  const repository = store.decisions;
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  async function deliver(id: string): Promise<void> {
    const decision = repository.get(id);
    if (decision?.delivery?.state !== "due") return;
    if (clock.now() >= (decision.approval?.expiresAt ?? decision.expiresAt))
      return settle(decision, { state: "refused", text: "the node could not be reached in time" });
    if (!isKeyToldTo(decision.node)) return;
    const last = decision.voices.at(-1);
    await failpoint("decision.sending");
    const result = await downlink.send(decision.node, {
      type: "decision",
      intent: decision.intentId,
      verdict: decision.state === "approved" ? "approve" : "reject",
      approval: decision.approval,
      reason: last === undefined ? "" : sentence(last.reason, last.detail),
      actor: last?.by ?? "policy",
    });
    await failpoint("decision.sent");
    if (result.ok) return settle(decision, { state: "told", text: "the node has it" });
    // Out of reach is tried again; a no of the node is an answer.
    if (result.kind === "unavailable" || result.kind === "internal") return;
    settle(decision, { state: "refused", text: result.message.slice(0, 500) });
  }

  function settle(decision: Decision, delivery: NonNullable<Decision["delivery"]>): void {
    const next = { ...decision, delivery };
    store.transaction(() => {
      repository.change(next, decision.state);
      if (delivery.state === "refused")
        store.ledger.append("decision.refused", `node:${decision.node}`, {
          id: decision.id,
          text: delivery.text,
        });
    });
    changed(next);
  }

  function begin(id: string): void {
    if (stopped || running.has(id)) return;
    const work = deliver(id)
      .catch((error: unknown) =>
        log.debug("A decision could not be delivered yet.", { id, reason: messageOf(error) }),
      )
      .finally(() => running.delete(id));
    running.set(id, work);
  }

  return {
    begin,
    beginAll() {
      for (const { id } of repository.undelivered()) begin(id);
    },
    async stop() {
      stopped = true;
      await Promise.allSettled([...running.values()]);
    },
  };
}

const sentence = (reason: keyof typeof REASONS, detail: string): string =>
  `${REASONS[reason].text}${detail === "" ? "" : `: ${detail}`}`;
