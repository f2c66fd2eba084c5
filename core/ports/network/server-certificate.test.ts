import { expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modeOf, testFolder } from "../../testing/test-folder.ts";
import { createSelfSigned } from "./self-signed.ts";
import { loadServerCertificate } from "./server-certificate.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-26T12:00:00Z");
const SELF = { self_signed: true };
const files = (folder: string, cert: string, key: string) => {
  writeFileSync(join(folder, "a.crt"), cert);
  writeFileSync(join(folder, "a.key"), key, { mode: 0o640 });
  return { cert: join(folder, "a.crt"), key: join(folder, "a.key"), self_signed: false };
};
const make = (name: string) => createSelfSigned({ names: [name], notBefore: NOW, notAfter: NOW + 90 * DAY });

test("without settings there is no TLS", async () => {
  const options = { folder: testFolder(), names: [], now: NOW };
  expect(await loadServerCertificate({ self_signed: false }, options)).toBeNull();
});

test("the one made here is kept, only for its owner, and renewed in time with the same key", async () => {
  const folder = testFolder();
  const load = (now: number, names = ["mon.test", "127.0.0.1", "::1"]) =>
    loadServerCertificate(SELF, { folder, names, now });
  const first = (await load(NOW))!;
  expect([modeOf(statSync(join(folder, "tls.key"))), modeOf(statSync(join(folder, "tls.crt")))]).toEqual([
    "600",
    "600",
  ]);
  expect((await load(NOW + 700 * DAY))!.fingerprint).toBe(first.fingerprint);
  const renewed = (await load(NOW + 790 * DAY))!;
  expect(renewed.fingerprint).not.toBe(first.fingerprint);
  expect(renewed.publicKeyFingerprint).toBe(first.publicKeyFingerprint);
  // A name that it is not for yet.
  const named = (await load(NOW + 790 * DAY, ["mon.test", "other.test"]))!;
  expect([named.fingerprint === renewed.fingerprint, named.publicKeyFingerprint]).toEqual([
    false,
    first.publicKeyFingerprint,
  ]);
});

test("files that don't fit are refused with what is wrong", async () => {
  const folder = testFolder();
  const [a, b] = [await make("a.test"), await make("b.test")];
  const refused = async (settings: Parameters<typeof loadServerCertificate>[0], says: RegExp) =>
    expect(loadServerCertificate(settings, { folder, names: [], now: NOW })).rejects.toMatchObject({
      code: "config.tls",
      message: expect.stringMatching(says),
    });
  const good = files(folder, a.certificate, a.key);
  expect(await loadServerCertificate(good, { folder, names: [], now: NOW })).toMatchObject({
    selfSigned: false,
  });
  await refused({ ...good, self_signed: true }, /not both/);
  await refused({ cert: good.cert, self_signed: false }, /go together/);
  await refused({ ...good, cert: join(folder, "none") }, /server.tls.cert: .*can't be read/);
  await refused(files(folder, a.certificate, b.key), /not the one of the certificate/);
  await refused(files(folder, "text", a.key), /no certificate/);
  await refused(files(folder, a.certificate, "text"), /no private key/);
  chmodSync(files(folder, a.certificate, a.key).key, 0o644);
  await refused(good, /chmod o=/);
  expect(readFileSync(good.cert, "utf8")).toBe(a.certificate);
});
