import { expect, test } from "bun:test";
import { CortexError, type Result, type ServedCertificate } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeNet } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import plugin from "./index.ts";

pluginContract(plugin, { host: "shop.example" });
checkContract(plugin, { host: "shop.example" });
goldenCases(plugin, import.meta.dir);

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

async function look(served: Partial<ServedCertificate> | CortexError, config: object = {}): Promise<Result> {
  const good: ServedCertificate = {
    subject: "shop.example",
    issuer: "Let's Encrypt",
    notBefore: NOW - 30 * DAY,
    notAfter: NOW + 60 * DAY,
    trusted: true,
    reason: null,
  };
  const answer = served instanceof Error ? served : { ...good, ...served };
  const net = createFakeNet({ certificate: { "shop.example:443": answer } });
  const ctx = createTestContext({ plugin, net, clock: createTestClock({ now: NOW }) });
  const { checks } = plugin.setup(ctx, plugin.config.parse({ host: "shop.example", ...config }));
  return (await runCheck(checks![0]!, ctx))[0] as Result;
}

test("a certificate is a warning two weeks and critical one week before its end", async () => {
  expect(await look({})).toMatchObject({
    target: "shop.example:443",
    status: "ok",
    summary: "the certificate of shop.example (shop.example:443, by Let's Encrypt) is valid for another 60d",
    dependsOn: ["network:default"],
    metrics: { "tls.left_seconds": 60 * 86_400, "tls.trusted": 1 },
  });
  expect((await look({ notAfter: NOW + 14 * DAY })).status).toBe("warning");
  expect((await look({ notAfter: NOW + 14 * DAY + 1000 })).status).toBe("ok");
  expect((await look({ notAfter: NOW + 7 * DAY })).status).toBe("critical");
});

test("an expired certificate says since when, whatever else is wrong with it", async () => {
  const expired = { notAfter: NOW - DAY, trusted: false, reason: "CERT_HAS_EXPIRED" };
  const result = await look(expired);
  expect(result).toMatchObject({ status: "critical", type: "tls.expiry" });
  expect(result.summary).toEndWith("expired 1d ago");
});

test("a certificate from the future points at the clock", async () => {
  const result = await look({ notBefore: NOW + 3_600_000, trusted: false, reason: "CERT_NOT_YET_VALID" });
  expect(result).toMatchObject({ status: "critical", type: "tls.chain" });
  expect(result.summary).toContain("is valid only in 1h: look at the clock");
});

test("a broken chain is critical, with what to look at", async () => {
  const result = await look({ trusted: false, reason: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  expect(result).toMatchObject({ status: "critical", type: "tls.chain", metrics: { "tls.trusted": 0 } });
  expect(result.summary).toContain("an intermediate certificate is missing");
  expect((await look({ trusted: false, reason: "NEW_REASON" })).summary).toContain("(NEW_REASON)");
});

test("an authority of one's own can be accepted, other names and revocation can not", async () => {
  const own = { verify_chain: false };
  expect((await look({ trusted: false, reason: "DEPTH_ZERO_SELF_SIGNED_CERT" }, own)).status).toBe("ok");
  const wrongName = { trusted: false, reason: "ERR_TLS_CERT_ALTNAME_INVALID" };
  expect((await look(wrongName, own)).status).toBe("critical");
});

test("a server that does not answer gives no verdict on its certificate", async () => {
  const refused = new CortexError("net.refused", "unavailable", "shop.example:443 refused the connection");
  expect(await look(refused)).toMatchObject({
    status: "unknown",
    summary: "shop.example:443 refused the connection",
  });
});

test("what a certificate says of itself can't break the line", async () => {
  const result = await look({ issuer: "Evil\n\u202ECA" });
  expect(result.summary).toContain("by Evil CA)");
});
