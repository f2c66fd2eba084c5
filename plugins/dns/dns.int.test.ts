import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost } from "../../core/testing/real-host.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

/** A loopback address of its own, so that a resolver on this machine is not in the way. Port 53 needs root. */
const SERVER = "127.77.0.53";
const isRoot = process.getuid?.() === 0;
const root = diskFolder();
let server: Socket;

/** Answers every A question with 10.0.0.1, AAAA with nothing, and names that start with "no" with NXDOMAIN. */
function answer(query: Buffer): Buffer {
  const name = query.subarray(12, query.indexOf(0, 12) + 5);
  const isA = name.readUInt16BE(name.length - 4) === 1;
  const known = !query.subarray(13, 15).equals(Buffer.from("no"));
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(known && isA ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1]);
  return Buffer.concat([header, name, ...(known && isA ? [record] : [])]);
}

beforeAll(async () => {
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/resolv.conf"), `nameserver ${SERVER}\n`);
  if (!isRoot) return;
  server = createSocket("udp4");
  server.on("message", (query, from) => server.send(answer(query), from.port, from.address));
  await new Promise<void>((resolve) => server.bind(53, SERVER, resolve));
});
afterAll(() => {
  if (isRoot) server.close();
});

async function look(names: string[]): Promise<Result> {
  const { net, clock } = createRealHost();
  const ctx = createTestContext({ plugin, root, net, clock });
  const { checks } = plugin.setup(ctx, plugin.config.parse({ names, query_timeout: "1s" }));
  return (await runCheck(checks![0]!, ctx))[0] as Result;
}

test.skipIf(!isRoot)("a real nameserver on loopback is asked", async () => {
  expect(await look(["one.example.com", "two.example.com"])).toMatchObject({ status: "ok" });
  expect(await look(["one.example.com", "no.example.com"])).toMatchObject({
    status: "warning",
    summary: `1 of 2 names not found: no.example.com has no address at ${SERVER}`,
  });
});
