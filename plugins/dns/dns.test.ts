import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CortexError, type Net, type Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck, type TestContextOptions } from "../../core/testing/context.ts";
import { createFakeNet, createFakeStore } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock, type TestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin);
goldenCases(plugin, import.meta.dir);

const NAMES = ["a.example.com", "b.example.com", "c.example.com"];
const negative = new CortexError("net.failed", "unavailable", "has no address");

/** Servers by address: milliseconds until they answer, "silent", or the answer for single names. */
function network(
  clock: TestClock,
  servers: Record<string, { ms?: number; silent?: boolean; names?: Record<string, CortexError> }>,
): Net {
  return {
    ...createFakeNet(),
    async resolve(name, timeoutMs, server) {
      const { ms = 5, silent, names } = servers[server!]!;
      if (silent) {
        await clock.sleep(timeoutMs);
        throw new CortexError(
          "net.timeout",
          "timeout",
          `${name} at ${server} did not answer within ${timeoutMs} ms`,
        );
      }
      await clock.sleep(ms);
      if (names?.[name]) throw names[name];
      return ["10.0.0.1"];
    },
  };
}

async function look(
  files: Record<string, string>,
  servers: Parameters<typeof network>[1],
  config: object = { names: NAMES },
  options: Partial<TestContextOptions> = {},
) {
  const root = testFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const clock = createTestClock();
  const ctx = createTestContext({ plugin, root, clock, net: network(clock, servers), ...options });
  const { checks } = plugin.setup(ctx, plugin.config.parse(config));
  let results: Awaited<ReturnType<typeof runCheck>> | null = null;
  const running = runCheck(checks![0]!, ctx).then((value) => (results = value));
  // Files are read in real time, answers come in the clock's; the steps give the reading its turn.
  while (results === null) await clock.advance(500);
  return (await running)[0] as Result;
}

const TWO = { "etc/resolv.conf": "nameserver 10.0.0.2\nnameserver 10.0.0.3\n" };

test("three names found fast are ok", async () => {
  expect(await look(TWO, { "10.0.0.2": { ms: 12 } })).toMatchObject({
    target: "host",
    status: "ok",
    summary: "3 names found in 12 ms",
    dependsOn: ["network:default"],
    metrics: { "dns.latency_seconds": 0.012, "dns.failed_ratio": 0 },
  });
});

test("one name of three that is not found is a warning, none found is critical", async () => {
  const one = await look(TWO, { "10.0.0.2": { names: { "b.example.com": negative } } });
  expect(one).toMatchObject({
    status: "warning",
    summary: "1 of 3 names not found: b.example.com has no address at 10.0.0.2",
  });
  const all = await look(TWO, { "10.0.0.2": { silent: true }, "10.0.0.3": { silent: true } });
  expect(all).toMatchObject({ status: "critical", metrics: { "dns.failed_ratio": 1 } });
  expect(all.summary).toStartWith(
    "3 of 3 names not found: a.example.com at 10.0.0.2 did not answer within 2000 ms, a.example.com at 10.0.0.3",
  );
});

test("a silent first nameserver is told as slow names, since the second one answers", async () => {
  const result = await look(TWO, { "10.0.0.2": { silent: true }, "10.0.0.3": {} });
  expect(result.status).toBe("warning");
  expect(result.summary).toStartWith(
    "3 names found in 2005 ms, after a.example.com at 10.0.0.2 did not answer",
  );
});

test("names that take longer than half a second are a warning", async () => {
  expect((await look(TWO, { "10.0.0.2": { ms: 500 } })).status).toBe("ok");
  expect((await look(TWO, { "10.0.0.2": { ms: 501 } })).status).toBe("warning");
});

test("a resolver on this host is the owner, with its upstreams", async () => {
  const stub = {
    "etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0 trust-ad\n",
    "run/systemd/resolve/resolv.conf": "nameserver 10.0.0.2\n",
  };
  const result = await look(stub, { "127.0.0.53": { silent: true } });
  expect(result).toMatchObject({
    owner: "unit:systemd-resolved.service",
    data: { nameservers: ["127.0.0.53"], upstreams: ["10.0.0.2"] },
  });
  expect(result.dependsOn).toBeUndefined();
  const unbound = {
    "etc/resolv.conf": "nameserver 127.0.0.1\n",
    "etc/systemd/system/multi-user.target.wants/unbound.service": "",
  };
  expect((await look(unbound, { "127.0.0.1": {} })).owner).toBe("unit:unbound.service");
});

test("the host's own name counts only once it has been found", async () => {
  const store = createFakeStore();
  const files = { ...TWO, "etc/hostname": "web1.corp.example.com\n" };
  const absent = { "10.0.0.2": { names: { "web1.corp.example.com": negative } } };
  expect(await look(files, absent, {}, { store })).toEqual({
    skipped: "no names configured, and web1.corp.example.com is not in DNS: set plugins.dns.names",
  } as unknown as Result);
  expect(await look(files, { "10.0.0.2": {} }, {}, { store })).toMatchObject({ status: "ok" });
  expect(await look(files, absent, {}, { store })).toMatchObject({ status: "critical" });
});

test("a nameserver that is silent is a fault even for a name that was never found", async () => {
  const files = { "etc/resolv.conf": "nameserver 10.0.0.2\n", "etc/hostname": "web1.corp.example.com\n" };
  expect(await look(files, { "10.0.0.2": { silent: true } }, {})).toMatchObject({ status: "critical" });
});
