import { expect, test } from "bun:test";
import { createAgentStore } from "./create-agent-store.ts";
import { ephemeralIdentity } from "../identity.ts";

test("T52 parameters, plans and outcomes enter the ledger without the secrets in them, and the chain holds", async () => {
  const { nodeId, sign, verify } = ephemeralIdentity();
  const store = createAgentStore(":memory:", {
    origin: nodeId,
    sign,
    verify,
    now: () => 1,
    redact: (text) => text.replaceAll("canary-secret", "[redacted]"),
  });
  store.ledger.append("intent.proposed", "plugin:canary-secret", {
    params: { argv: ["/usr/bin/tool", "--key=canary-secret"], "canary-secret": 1 },
    plan: { summary: "run with canary-secret", steps: [{ env: { KEY: "canary-secret" } }] },
  });
  const [entry] = store.ledger.read(0, 10);
  const text = `${entry!.actor} ${Buffer.from(entry!.payload as unknown as Uint8Array).toString()}`;
  expect(text).not.toContain("canary-secret");
  expect(text).toContain("[redacted]");
  expect((await store.ledger.verify()).fault).toBeNull();
  store.close();
});
