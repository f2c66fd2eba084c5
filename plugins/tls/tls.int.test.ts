import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost } from "../../core/testing/real-host.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const dir = diskFolder();
const openssl = Bun.which("openssl");
let server: ReturnType<typeof Bun.serve> | undefined;
let certificate: string;

beforeAll(() => {
  if (openssl === null) return;
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  execFileSync(
    openssl,
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", cert],
    ],
    { stdio: "ignore" },
  );
  certificate = readFileSync(cert, "utf8");
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { key: readFileSync(key, "utf8"), cert: certificate },
    fetch: () => new Response("ok"),
  });
});
afterAll(async () => {
  await server?.stop(true);
});

/** Skipped where openssl is not installed to make a certificate. */
const withCertificate = test.skipIf(openssl === null);

async function look(config: object, ca?: string): Promise<Result> {
  const { net, clock } = createRealHost({ ca });
  const ctx = createTestContext({ plugin, net, clock });
  const { checks } = plugin.setup(
    ctx,
    plugin.config.parse({ host: "127.0.0.1", port: server!.port, ...config }),
  );
  return (await runCheck(checks![0]!, ctx))[0] as Result;
}

withCertificate("a self-signed certificate of a real server is not trusted", async () => {
  const result = await look({ server_name: "localhost" });
  expect(result).toMatchObject({ status: "critical", type: "tls.chain" });
  expect(result.summary).toEndWith("is not trusted: it is self-signed");
});

withCertificate("it is judged by its end alone where its authority is accepted or trusted", async () => {
  const accepted = await look({ server_name: "localhost", verify_chain: false });
  expect(accepted).toMatchObject({ status: "warning", type: "tls.expiry" });
  expect(accepted.metrics!["tls.left_seconds"]).toBeGreaterThan(9 * 86_400);
  const trusted = await look(
    { server_name: "localhost", warning_left: "3d", critical_left: "1d" },
    certificate,
  );
  expect(trusted).toMatchObject({ status: "ok", metrics: { "tls.trusted": 1 } });
});

withCertificate("a certificate for other names is not trusted", async () => {
  const result = await look({ server_name: "shop.example" }, certificate);
  expect(result.summary).toEndWith("is not trusted: it is made for other names");
});

withCertificate("a port without TLS is unknown", async () => {
  const plain = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  expect(await look({ port: plain.port, connect_timeout: "1s" })).toMatchObject({ status: "unknown" });
  await plain.stop(true);
});
