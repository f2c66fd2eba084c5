/** Run by ledger.property.test.ts and killed by it: appends as fast as it can and prints what is durable. */
import { join } from "node:path";
import { loadIdentity } from "../identity.ts";
import { createAgentStore } from "./create-agent-store.ts";

const folder = process.argv[2] ?? ".";
const node = loadIdentity(join(folder, "keys"));
const store = createAgentStore(join(folder, "agent.db"), { ...node, origin: node.nodeId, now: Date.now });

for (;;) {
  const seq = store.transaction(() => {
    const entry = store.ledger.append("note", "writer", { pid: process.pid });
    store.spool.push("intent", `entry-${entry.seq}`, entry.ts, "{}");
    return entry.seq;
  });
  await Bun.write(Bun.stdout, `${seq}\n`);
  if (seq % 20 === 0) store.ledger.checkpoint();
}
