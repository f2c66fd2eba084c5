import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost } from "../../core/testing/real-host.ts";
import plugin from "./index.ts";

/** A host of its own per look: the shared readings of a tick must not outlive what the test changes. */
async function look(config: unknown): Promise<Result> {
  const { fs } = createRealHost();
  const ctx = createTestContext({ plugin, fs });
  const { checks } = plugin.setup(ctx, plugin.config.parse(config));
  return (await runCheck(checks![0]!, ctx))[0] as Result;
}

test("a real TCP listener is seen, and missed once it is closed", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  expect(await look({ port })).toMatchObject({ status: "ok", target: `tcp:${port}` });
  expect(await look({ port, address: "127.0.0.1" })).toMatchObject({ status: "ok" });
  expect(await look({ port, address: "127.0.0.2" })).toMatchObject({ status: "critical" });
  await new Promise((resolve) => server.close(resolve));
  expect(await look({ port })).toMatchObject({
    status: "critical",
    summary: `nothing listens on tcp port ${port}`,
  });
});

test("a real UDP socket is seen", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  expect(await look({ port, protocol: "udp" })).toMatchObject({ status: "ok" });
  socket.close();
});
