import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { isAllowEntry } from "./egress.ts";
import { kindOfAddress } from "./address.ts";
import { createOutside } from "./egress.ts";
import { createFetch } from "./fetch.ts";

/** A listener that must never hear anything. */
let hits = 0;
const canary = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => ((hits += 1), new Response("hit")) });
const port = canary.port!;
/** Stands for the Internet: names that lead to it are allowed by name. */
const outside = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: ({ url }) =>
    new Response(null, { status: 302, headers: { location: new URL(url).searchParams.get("to")! } }),
});
afterAll(() => void Promise.all([canary.stop(true), outside.stop(true)]));
beforeEach(() => void (hits = 0));

const NAMES: Record<string, string[]> = {
  "public.test": ["127.0.0.1"],
  "private.test": ["10.1.2.3"],
  "loop.test": ["127.0.0.1"],
  "both.test": ["93.184.215.14", "127.0.0.1"],
  "mapped.test": ["::ffff:127.0.0.1"],
};
function guarded(...allow: string[]) {
  let lookups = 0;
  const resolve = async (host: string) => {
    lookups += 1;
    // A name server that changes its mind: harmless when first asked, this machine from then on.
    if (host === "rebind.test") return [lookups === 1 ? "127.0.0.2" : "127.0.0.1"];
    return NAMES[host.replace(/\.$/, "")] ?? [];
  };
  const fetch = createFetch({ policy: createOutside(() => allow), resolve });
  return { fetch, lookups: () => lookups };
}

test("T83 no spelling of an inner address reaches a listener there", async () => {
  const { fetch } = guarded();
  for (const host of [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.0.0.1.",
    "①②⑦.⓪.⓪.①",
    "0",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "loop.test",
    "loop.test.",
    "LOOP.test",
    "both.test",
    "mapped.test",
    "private.test",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001::1]",
  ])
    await expect(fetch(`http://${host}:${port}/`)).rejects.toMatchObject({ code: "fetch.refused" });
  for (const url of [
    `file:///proc/self/environ`,
    "data:,x",
    "s3://b/k",
    "unix:/run/x.sock",
    `http+unix://x`,
    `ws://127.0.0.1:${port}`,
  ])
    await expect(fetch(url)).rejects.toMatchObject({ code: "fetch.refused" });
  expect(hits).toBe(0);
});

test("T83 a redirect to an inner address ends at the door", async () => {
  const { fetch } = guarded(`public.test:${outside.port}`);
  for (const to of [
    `http://127.0.0.1:${port}/`,
    `http://loop.test:${port}/`,
    `//0:${port}/`,
    "file:///etc/passwd",
  ]) {
    const url = `http://public.test:${outside.port}/?to=${encodeURIComponent(to)}`;
    await expect(fetch(url, { maxRedirects: 3 })).rejects.toMatchObject({ code: "fetch.refused" });
  }
  expect(hits).toBe(0);
});

test("T83 a name server that changes its answer is asked once per request, and that answer is connected to", async () => {
  const { fetch, lookups } = guarded("127.0.0.2");
  await fetch(`http://rebind.test:${port}/`, { timeoutMs: 300 }).catch(() => undefined);
  expect([lookups(), hits]).toEqual([1, 0]);
});

describe("egress.allow", () => {
  test("opens the address, range or name that it says, and no other", async () => {
    for (const allow of [
      "127.0.0.1",
      "127.0.0.0/8",
      "loop.test",
      "*.test",
      `127.0.0.1:${port}`,
      `loop.test:${port}`,
    ])
      expect((await guarded(allow).fetch(`http://loop.test:${port}/`)).body).toBe("hit");
    for (const allow of ["127.0.0.2", "10.0.0.0/8", "oop.test", "*.loop.test", "127.0.0.1:1", "::1"])
      await expect(guarded(allow).fetch(`http://loop.test:${port}/`)).rejects.toMatchObject({
        code: "fetch.refused",
      });
  });

  test("T83 never opens a metadata service", async () => {
    const { fetch } = guarded("169.254.0.0/16", "169.254.169.254", "0.0.0.0/0", "100.100.100.200");
    for (const host of ["169.254.169.254", "100.100.100.200", "[::ffff:a9fe:a9fe]"])
      await expect(fetch(`http://${host}/`)).rejects.toMatchObject({ code: "fetch.refused" });
  });

  test("takes what can be understood", () => {
    for (const text of [
      "10.0.0.0/8",
      "fd00::/8",
      "fd00::1",
      "[fd00::1]:8443",
      "a.example",
      "*.a.example:443",
    ])
      expect(isAllowEntry(text)).toBe(true);
    for (const text of ["", "10.0.0.0/64", "http://a", "a b", "*", "*.*"])
      expect(isAllowEntry(text)).toBe(false);
  });
});

test("T83 ports of other protocols are refused, also on the Internet", async () => {
  const fetch = createFetch({ policy: createOutside(() => []), resolve: async () => ["93.184.215.14"] });
  for (const other of [22, 25, 53, 143, 465, 587, 6667])
    await expect(fetch(`http://mail.test:${other}/`)).rejects.toThrow(/belongs to another protocol/);
});

test("an address is of one kind", () => {
  const kinds: Record<string, string[]> = {
    public: ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1"],
    loopback: ["127.9.9.9", "::1", "0.0.0.0", "::", "0.1.2.3"],
    private: ["10.0.0.1", "172.31.255.255", "192.168.1.1", "100.127.0.1", "fd12::1"],
    link_local: ["fe80::1%eth0"],
    metadata: ["169.254.1.1", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"],
    multicast: ["224.0.0.251", "239.1.1.1", "255.255.255.255", "ff05::2"],
    special: [
      "192.0.2.1",
      "198.51.100.1",
      "203.0.113.1",
      "240.0.0.1",
      "2001:db8::1",
      "100::1",
      "nonsense",
      "",
    ],
  };
  for (const [kind, addresses] of Object.entries(kinds))
    for (const address of addresses) expect([address, kindOfAddress(address)]).toEqual([address, kind]);
});

describe("a proxy", () => {
  test("is asked when it is configured, for names; inner addresses are refused before", async () => {
    const asked: string[] = [];
    const proxy = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) => (asked.push(url), new Response("by proxy")),
    });
    const fetch = createFetch({
      policy: createOutside(() => []),
      resolve: async () => [],
      proxy: () => `http://127.0.0.1:${proxy.port}`,
    });
    expect((await fetch("http://hooks.test/x")).body).toBe("by proxy");
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "fetch.refused" });
    await expect(
      fetch("https://hooks.test/", { trust: { fingerprint: "0".repeat(64) } }),
    ).rejects.toMatchObject({ code: "fetch.refused" });
    await proxy.stop(true);
    expect([asked, hits]).toEqual([["http://hooks.test/x"], 0]);
  });
});
