import { describe, expect, test } from "bun:test";
import { CortexError } from "cortex";
import { createAgentStore } from "../../store/agent/create-agent-store.ts";
import { createTestClock } from "../../testing/test-clock.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { createOutbox } from "./outbox.ts";

function rig(deliver: (envelopes: Envelope[]) => Promise<{ handled: number }>) {
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
  const clock = createTestClock();
  const store = createAgentStore(":memory:", {
    origin: "n_test",
    sign: () => "",
    verify: () => true,
    now: () => clock.now(),
  });
  let serial = 0;
  const newId = () => `00000000-0000-7000-8000-${String((serial += 1)).padStart(12, "0")}`;
  const make = (epoch: number) =>
    createOutbox({
      store,
      clock,
      log,
      newId,
      nodeId: "n_test",
      epoch: () => epoch,
      random: () => 1,
      redact: (text) => text.replaceAll("hunter2hunter2", "[redacted]"),
      uplink: { deliver, onCommand() {} },
    });
  return { clock, store, make, warnings };
}

describe("outbox", () => {
  test("messages arrive in order, each once, and leave the spool when acknowledged", async () => {
    const got: number[] = [];
    const { store, make } = rig(async (envelopes) => {
      got.push(...envelopes.map((one) => (one.body as { n: number }).n));
      return { handled: envelopes.length };
    });
    const outbox = make(1);
    for (let n = 0; n < 500; n += 1) outbox.publish("report", { n });
    await outbox.flush();
    expect(got).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(store.spool.size().rows).toBe(0);
  });

  test("an unreachable Monitor costs nothing: all is kept and comes later, with the epoch of its own time", async () => {
    let up = false;
    const got: Envelope[] = [];
    const { clock, make } = rig(async (envelopes) => {
      if (!up) throw new CortexError("link.down", "unavailable", "down");
      got.push(...envelopes);
      return { handled: envelopes.length };
    });
    const before = make(1);
    before.publish("problem", { n: 1 });
    await before.flush();
    before.stop();
    const after = make(2);
    after.publish("problem", { n: 2 });
    await after.flush();
    expect(got).toEqual([]);
    up = true;
    await clock.advance(60_000);
    expect(got.map((one) => one.epoch)).toEqual([1, 2]);
    expect(got[0]!.seq).toBeLessThan(got[1]!.seq);
  });

  test("how the link stands is for the link to say: here it is not said again", async () => {
    const { make, warnings, store } = rig(async () => {
      throw new CortexError("link.down", "unavailable", "this node waits for approval");
    });
    const outbox = make(1);
    outbox.publish("problem", { n: 1 });
    await outbox.flush();
    expect(warnings).toEqual([]);
    expect(store.spool.size().rows).toBe(1);
  });

  test("an error on the way is said once, until something arrives again", async () => {
    const { make, warnings } = rig(async () => {
      throw new CortexError("fetch.failed", "unavailable", "connection refused");
    });
    const outbox = make(1);
    outbox.publish("problem", { n: 1 });
    await outbox.flush();
    await outbox.flush();
    expect(warnings).toEqual(["What this node has to say did not arrive; it is kept and sent again."]);
  });

  test("what was not handled is delivered again, what was handled is not", async () => {
    const got: number[] = [];
    let limit = 1;
    const { make } = rig(async (envelopes) => {
      const taken = envelopes.slice(0, limit);
      limit = 100;
      got.push(...taken.map((one) => (one.body as { n: number }).n));
      return { handled: taken.length };
    });
    const outbox = make(1);
    for (const n of [1, 2, 3]) outbox.publish("problem", { n });
    await outbox.flush();
    await outbox.flush();
    expect(got).toEqual([1, 2, 3]);
  });

  test("a message published in a transaction that fails is not sent", async () => {
    const got: Envelope[] = [];
    const { store, make } = rig(async (envelopes) => {
      got.push(...envelopes);
      return { handled: envelopes.length };
    });
    const outbox = make(1);
    expect(() =>
      store.transaction(() => {
        outbox.publish("problem", { n: 1 });
        throw new Error("disk");
      }),
    ).toThrow("disk");
    await outbox.flush();
    expect(got).toEqual([]);
  });

  test("a Monitor that takes nothing is asked again after a wait, not at once for ever", async () => {
    let asked = 0;
    const { clock, make } = rig(async () => {
      asked += 1;
      return { handled: 0 };
    });
    make(1).publish("problem", { n: 1 });
    await clock.advance(0);
    expect(asked).toBe(1);
    await clock.advance(1000);
    expect(asked).toBe(2);
  });

  test("secrets in what programs said stay on the node", async () => {
    const got: Envelope[] = [];
    const { make } = rig(async (envelopes) => {
      got.push(...envelopes);
      return { handled: envelopes.length };
    });
    const outbox = make(1);
    outbox.publish("intent", { outcome: [{ summary: "login with hunter2hunter2 failed" }], n: 7 });
    await outbox.flush();
    expect(got[0]?.body).toEqual({ outcome: [{ summary: "login with [redacted] failed" }], n: 7 });
  });
});
