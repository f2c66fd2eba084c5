import { afterAll, describe, expect, test } from "bun:test";
import { createNet } from "./net.ts";

/** Self-signed for good.test, valid until 2126; made for these tests and trusted by nobody. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUWROxqhaRpNT5bPz11EtkYWN0xhwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZ29vZC50ZXN0MCAXDTI2MTEyMjEwMDI1M1oYDzIxMjYxMDI5
MTAwMjUzWjAUMRIwEAYDVQQDDAlnb29kLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASt1zsOdyTrK4bDEDU3yAM0tGMr8eY7jeWSjn0dyuQ+CTpha9FZXjB5
Dlx93P0fn+2KHqutKIbMMKIjaTBu8zD3o2kwZzAdBgNVHQ4EFgQUPgvDpFyJ1Vud
dIUTMCIYCbbP/McwHwYDVR0jBBgwFoAUPgvDpFyJ1VuddIUTMCIYCbbP/McwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglnb29kLnRlc3QwCgYIKoZIzj0EAwID
RwAwRAIgcyvY9+2dN0Un107aNJI7NFJU6ya9sE+nqhqkkUyU9asCIBotX2R5Q3cx
2k0AfO6foMYnf7m8sE0HLOk5yznWkoji
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnPAhruLffasMnECa
a7Y5t0kaYaDqcWkNLWPlenGgocqhRANCAASt1zsOdyTrK4bDEDU3yAM0tGMr8eY7
jeWSjn0dyuQ+CTpha9FZXjB5Dlx93P0fn+2KHqutKIbMMKIjaTBu8zD3
-----END PRIVATE KEY-----`;

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  tls: { cert: CERT, key: KEY },
  fetch: () => new Response(),
});
/** Accepts and never speaks. */
const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
afterAll(() => {
  silent.stop(true);
  return server.stop(true);
});
const net = createNet();
const port = server.port!;

describe("connect", () => {
  test("says how long the handshake took", async () => {
    const took = await net.connect("127.0.0.1", port, 2000);
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThan(2000);
  });

  test("a closed port refuses", () =>
    expect(net.connect("127.0.0.1", 1, 2000)).rejects.toMatchObject({ code: "net.refused" }));
});

describe("certificate", () => {
  test("describes what is served, and says why it is not trusted", async () => {
    expect(await net.certificate("127.0.0.1", port, "good.test", 2000)).toEqual({
      subject: "good.test",
      issuer: "good.test",
      notBefore: Date.parse("2026-11-22T10:02:53Z"),
      notAfter: Date.parse("2126-10-29T10:02:53Z"),
      trusted: false,
      reason: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });

  test("is trusted for its own name alone", async () => {
    const trusting = createNet({ ca: CERT });
    expect(await trusting.certificate("127.0.0.1", port, "good.test", 2000)).toMatchObject({
      trusted: true,
      reason: null,
    });
    expect(await trusting.certificate("127.0.0.1", port, "bad.test", 2000)).toMatchObject({
      trusted: false,
      reason: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  test("a server that never speaks runs into the time-out", () =>
    expect(net.certificate("127.0.0.1", silent.port, "x.test", 60)).rejects.toMatchObject({
      code: "net.timeout",
    }));
});

/** A DNS server that answers every A question with 192.0.2.7 and has nothing else; null stays silent. */
async function dnsServer(answers: boolean) {
  return Bun.udpSocket({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, query, from, address) {
        if (!answers) return;
        const isA = query.readUInt16BE(query.indexOf(0, 12) + 1) === 1;
        const question = query.subarray(12, query.indexOf(0, 12) + 5);
        const header = Buffer.from([query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
        const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
        socket.send(Buffer.concat([header, question, ...(isA ? [record] : [])]), from, address);
      },
    },
  });
}

describe("resolve", () => {
  test("the system's resolver knows localhost", async () =>
    expect(await net.resolve("localhost", 2000)).toContain("127.0.0.1"));

  test("a given server is asked instead", async () => {
    const dns = await dnsServer(true);
    try {
      expect(await net.resolve("any.test", 2000, `127.0.0.1:${dns.port}`)).toEqual(["192.0.2.7"]);
    } finally {
      dns.close();
    }
  });

  test("a silent server runs into the time-out", async () => {
    const dns = await dnsServer(false);
    try {
      await expect(net.resolve("any.test", 60, `127.0.0.1:${dns.port}`)).rejects.toMatchObject({
        code: "net.timeout",
      });
    } finally {
      dns.close();
    }
  });

  test("a server that is no address fails with a plain sentence", () =>
    expect(net.resolve("any.test", 500, "nonsense")).rejects.toMatchObject({ code: "net.failed" }));
});
