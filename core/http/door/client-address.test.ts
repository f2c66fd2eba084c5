import { expect, test } from "bun:test";
import { createTestApi } from "../../testing/test-api.ts";
import { clientAddress } from "./client-address.ts";

const of = (peer: string, forwarded: string | null, trusted: string[] = ["10.0.0.0/8", "fd00::/8"]) =>
  clientAddress(peer, new Headers(forwarded === null ? {} : { "x-forwarded-for": forwarded }), trusted);

test("T19 nobody but a trusted proxy says who the client is", () => {
  expect(of("203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
  expect(of("127.0.0.1", "198.51.100.1", [])).toBe("127.0.0.1");
  expect(of("10.0.0.1", "198.51.100.1")).toBe("198.51.100.1");
  expect(of("fd00::1", "2001:db8::7")).toBe("2001:db8::7");
});

test("T19 what a client wrote before the proxies is not believed", () => {
  expect(of("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2")).toBe("198.51.100.1");
  expect(of("10.0.0.1", "10.0.0.9, 198.51.100.1")).toBe("198.51.100.1");
  expect(of("10.0.0.1", `${"1.2.3.4, ".repeat(5000)}198.51.100.1`)).toBe("198.51.100.1");
});

test("T19 a proxy that names nobody, or nonsense, is the client itself", () => {
  for (const header of [null, "", "unknown", "localhost", "1.2.3.4.5", "198.51.100.1;drop", "for=1.2.3.4"])
    expect([header, of("10.0.0.1", header)]).toEqual([header, "10.0.0.1"]);
  expect(of("10.0.0.1", "unknown, 10.0.0.2")).toBe("10.0.0.2");
});

test("addresses with ports and IPv4 written as IPv6 are read", () => {
  expect(of("10.0.0.1", "198.51.100.1:4711")).toBe("198.51.100.1");
  expect(of("10.0.0.1", "[2001:db8::7]:4711")).toBe("2001:db8::7");
  expect(of("10.0.0.1", "::ffff:198.51.100.1")).toBe("198.51.100.1");
});

test("T19 limits and the audit go by the socket's address when a client makes one up", async () => {
  const api = createTestApi();
  const guess = (index: number) =>
    api.send("GET", "/api/v1/nodes", {
      key: "no:secret",
      headers: { "x-forwarded-for": `198.51.100.${index % 250}` },
    });
  let limited = 0;
  for (let index = 0; index < 320; index += 1) if ((await guess(index)).status === 429) limited += 1;
  expect(limited).toBe(20);
  const audited = api.store.ledger.read(0, 10).map((entry) => new TextDecoder().decode(entry.payload!));
  expect(audited[0]).toContain("10.0.0.9");
});

test("clients behind a trusted proxy have a limit each", async () => {
  const api = createTestApi({ server: { trusted_proxies: ["10.0.0.9"] } });
  const guess = (index: number) =>
    api.send("GET", "/api/v1/nodes", {
      key: "no:secret",
      headers: { "x-forwarded-for": `198.51.100.${index % 2}` },
    });
  for (let index = 0; index < 320; index += 1) expect((await guess(index)).status).toBe(401);
});
