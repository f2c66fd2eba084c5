import { afterEach, expect, test } from "bun:test";
import { connect } from "node:tls";
import { createSelfSigned } from "../ports/network/self-signed.ts";
import { createTestApi } from "../testing/test-api.ts";
import { thrown } from "../testing/thrown.ts";
import { assertSafeTransport, serve, type Served } from "./serve.ts";

const running: Served[] = [];
afterEach(async () => void (await Promise.all(running.splice(0).map((server) => server.stop(0)))));
const make = async (name: string) => {
  const now = Date.now();
  const made = await createSelfSigned({
    names: [name, "localhost", "127.0.0.1"],
    notBefore: now - 1000,
    notAfter: now + 864e5,
  });
  return { cert: made.certificate, key: made.key };
};
async function start(tls: { cert: string; key: string }) {
  const api = createTestApi();
  const server = await serve(api.api, { listen: "127.0.0.1:0", socket: null, tls });
  running.push(server);
  return { api, server };
}
/** Common name of the certificate that a new connection sees. */
const nameAt = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("T17 plain HTTP beyond loopback does not start unless somebody wrote that it may", () => {
  const plain = { tls: { self_signed: false }, allow_insecure_http: false };
  for (const listen of ["10.0.0.1:7600", "0.0.0.0:7600", "[::]:7600", ":7600", "mon.example:7600"]) {
    expect(thrown(() => assertSafeTransport({ listen, ...plain }))).toMatchObject({
      code: "config.insecure_http",
      message: expect.stringContaining("server.tls"),
    });
    assertSafeTransport({ listen, ...plain, allow_insecure_http: true });
    assertSafeTransport({ listen, ...plain, tls: { self_signed: true } });
  }
  for (const listen of ["127.0.0.1:7600", "[::1]:7600", "localhost:0"])
    assertSafeTransport({ listen, ...plain });
});

test("T17 the settings say when what is sent can be read on the way", async () => {
  const api = createTestApi();
  const answer = await api.send("GET", "/api/v1/settings", { key: await api.createKey("viewer") });
  expect(answer.json).toMatchObject({ transport: { tls: null, insecure: false } });
});

test("T17 TLS 1.2 and 1.3 are spoken, what is older is refused", async () => {
  const { server } = await start(await make("a.test"));
  const spoken = (version: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
    new Promise<string>((resolve) => {
      const only = { minVersion: version, maxVersion: version, rejectUnauthorized: false };
      const socket = connect({ port: server.port, host: "127.0.0.1", ...only }, () => {
        resolve(String(socket.getProtocol()));
        socket.destroy();
      });
      socket.on("error", ({ message }) => resolve(message));
    });
  expect(await spoken("TLSv1.2")).toBe("TLSv1.2");
  expect(await spoken("TLSv1.3")).toBe("TLSv1.3");
  for (const old of ["TLSv1", "TLSv1.1"] as const) expect(await spoken(old)).toContain("PROTOCOL_VERSION");
});

test("HSTS is said over TLS on every answer, and never in plain text", async () => {
  const tls = await make("a.test");
  const { server } = await start(tls);
  for (const path of ["/healthz", "/api/v1/nodes", "/nothing-here"]) {
    const answer = await fetch(`${server.url}${path}`, { tls: { ca: tls.cert } });
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
  }
  const plain = await createTestApi().send("GET", "/healthz");
  expect(plain.headers.get("strict-transport-security")).toBeNull();
});

test("a new certificate is served to new connections while requests and sockets that stand go on", async () => {
  const [a, b] = [await make("a.test"), await make("b.test")];
  const { server, api } = await start(a);
  const key = await api.createKey("viewer");
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/live`, {
    headers: { authorization: `Bearer ${key}` },
    tls: { ca: a.cert },
  } as never);
  await new Promise((resolve) => (socket.onopen = resolve));
  expect(await nameAt(server.port)).toBe("a.test");
  server.replaceTls(b);
  // For a moment both answer, until what waited at the former is taken.
  while ((await nameAt(server.port)) !== "b.test");
  const answered = new Promise<string>((resolve) => (socket.onmessage = ({ data }) => resolve(String(data))));
  socket.send(JSON.stringify({ subscribe: ["nodes"] }));
  expect(await answered).toContain("snapshot");
  socket.close();
});

test("a port that is served with TLS is not shared with a second daemon", async () => {
  const tls = await make("a.test");
  const { server } = await start(tls);
  for (const second of [tls, null]) {
    const other = serve(createTestApi().api, {
      listen: `127.0.0.1:${server.port}`,
      socket: null,
      tls: second,
    });
    await expect(other).rejects.toMatchObject({ code: "http.port_in_use" });
  }
});
