import { afterAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { createFetch } from "./fetch.ts";
import { createSelfSigned, type SelfSigned } from "./self-signed.ts";
import { parseFingerprint, printsOf } from "./server-trust.ts";

const DAY = 86_400_000;
const NOW = Date.now();
const good = await createSelfSigned({
  names: ["shop.test", "127.0.0.1"],
  notBefore: NOW - DAY,
  notAfter: NOW + DAY,
});
const other = await createSelfSigned({
  names: ["shop.test", "127.0.0.1"],
  notBefore: NOW - DAY,
  notAfter: NOW + DAY,
});
const elsewhere = await createSelfSigned({ names: ["else.test"], notBefore: NOW - DAY, notAfter: NOW + DAY });
const expired = await createSelfSigned({
  names: ["shop.test"],
  notBefore: NOW - 9 * DAY,
  notAfter: NOW - DAY,
});
const renewed = await createSelfSigned({
  names: ["shop.test"],
  notBefore: NOW - DAY,
  notAfter: NOW + 9 * DAY,
  key: good.key,
});

/** Every byte of a request counts: nothing may be said to a server that is not the right one. */
let heard: string[] = [];
const servers: Bun.Server<undefined>[] = [];
function serve({ certificate, key }: SelfSigned): number {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: certificate, key },
    fetch: async (request) => (
      heard.push(`${request.headers.get("authorization")} ${await request.text()}`),
      new Response("hi")
    ),
  });
  servers.push(server);
  return server.port!;
}
afterAll(() => void Promise.all(servers.map((server) => server.stop(true))));
const fetch = createFetch({ resolve: async () => ["127.0.0.1"] });
const prints = (one: SelfSigned) => printsOf(new X509Certificate(one.certificate));
const SECRET = { method: "POST", headers: { authorization: "Bearer s3cret" }, body: "s3cret" } as const;

test("T18 a server of an unknown authority, expired, or for another name hears not one byte of the request", async () => {
  heard = [];
  const reasons: [SelfSigned, object, RegExp][] = [
    [good, {}, /give its fingerprint/],
    [good, { ca: other.certificate }, /no known authority/],
    [expired, { ca: expired.certificate }, /has expired/],
    [elsewhere, { ca: elsewhere.certificate }, /for another name/],
    [other, { fingerprint: prints(good).certificate }, /another certificate/],
    [other, { fingerprint: prints(good).publicKey }, /another certificate/],
    [expired, { fingerprint: prints(expired).certificate }, /has expired/],
    [good, { fingerprint: "00".repeat(32) }, /another certificate/],
    [good, { fingerprint: "not hex" }, /another certificate/],
  ];
  for (const [server, trust, reason] of reasons) {
    const answer = fetch(`https://shop.test:${serve(server)}/`, { ...SECRET, trust });
    await expect(answer).rejects.toMatchObject({
      code: "fetch.untrusted",
      message: expect.stringMatching(reason),
    });
  }
  expect(heard).toEqual([]);
});

test("T18 a self-signed server is believed by the fingerprint of its certificate or key, under any name", async () => {
  const port = serve(elsewhere);
  for (const fingerprint of Object.values(prints(elsewhere))) {
    const plain = fingerprint.replaceAll(":", "").toLowerCase();
    for (const url of [`https://shop.test:${port}/`, `https://127.0.0.1:${port}/`])
      expect((await fetch(url, { ...SECRET, trust: { fingerprint: plain } })).body).toBe("hi");
  }
});

test("a renewed certificate keeps the fingerprint of its key, not its own", async () => {
  const trust = { fingerprint: prints(good).publicKey };
  expect((await fetch(`https://shop.test:${serve(renewed)}/`, { trust })).status).toBe(200);
  expect(prints(renewed).certificate).not.toBe(prints(good).certificate);
});

test("a given authority is believed for the names it signed", async () => {
  const port = serve(good);
  expect((await fetch(`https://shop.test:${port}/`, { trust: { ca: good.certificate } })).body).toBe("hi");
});

test("T84 neither trust nor headers nor a body follow a redirect to another origin or to plain http", async () => {
  heard = [];
  const inner = serve(good);
  const at = { to: "" };
  const redirects = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: good.certificate, key: good.key },
    fetch: () => new Response(null, { status: 307, headers: { location: at.to } }),
  });
  servers.push(redirects);
  const trust = { fingerprint: prints(good).certificate };
  const url = `https://shop.test:${redirects.port}/`;
  at.to = `https://shop.test:${inner}/`;
  // With a body the redirect is the answer; without one it is followed, but nothing vouches for the other server.
  expect((await fetch(url, { ...SECRET, trust, maxRedirects: 2 })).status).toBe(307);
  await expect(fetch(url, { trust, maxRedirects: 2 })).rejects.toMatchObject({ code: "fetch.untrusted" });
  at.to = `http://shop.test:${inner}/`;
  expect((await fetch(url, { trust, maxRedirects: 2 })).status).toBe(307);
  expect(heard).toEqual([]);
});

test("a server that accepts and never shakes hands runs into the time-out", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const trust = { fingerprint: prints(good).certificate };
  await expect(fetch(`https://shop.test:${silent.port}/`, { trust, timeoutMs: 100 })).rejects.toMatchObject({
    code: "fetch.timeout",
  });
  silent.stop(true);
});

test("fingerprints are read with and without colons, in either case", () => {
  const print = prints(good).certificate;
  expect(parseFingerprint(print.toLowerCase())).toBe(print);
  expect(parseFingerprint(print.replaceAll(":", ""))).toBe(print);
  expect(parseFingerprint(print.slice(3))).toBeNull();
});
