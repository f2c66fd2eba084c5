/** The agent's store in memory: the "disk" that outlives an agent of a test. */
import type { Clock } from "cortex";
import type { AgentStore } from "../store/agent/agent-store.ts";
import { createAgentStore } from "../store/agent/create-agent-store.ts";

let serial = 0;

/** Ordered like a UUIDv7 of the test's own time: 48 bits of milliseconds, then a counter. */
export function testUuid(now: number): string {
  serial += 1;
  const time = now.toString(16).padStart(12, "0");
  const count = serial.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
}

export function createMemoryStore(clock: Clock): AgentStore {
  return createAgentStore(":memory:", {
    origin: "n_test",
    sign: (message) => Buffer.from(message).toString("base64"),
    verify: (message, signature) => Buffer.from(message).toString("base64") === signature,
    now: () => clock.now(),
    newId: () => testUuid(clock.now()),
  });
}
