/** What every way of signing in promises: yes to the right proof, and to everything else a plain no. */
import { describe, expect, test } from "bun:test";
import type { AuthDirectory, AuthProvider, PluginDefinition, StoredKey, StoredUser } from "cortex";
import { setupPlugin } from "./plugin.contract.ts";

const nobody: AuthDirectory = { userByName: () => null, keyById: () => null };
const NOISE = ["", " ", "x", "\0", "Bearer", "../../etc/passwd", "💥".repeat(100), "a".repeat(100_000)];
const PASSWORD = "a long enough pass phrase";

export function authContract(plugin: PluginDefinition, validConfig: unknown = {}): void {
  const fresh = (): AuthProvider[] => setupPlugin(plugin, validConfig).hooks.authProviders ?? [];
  describe(`${plugin.name}: auth contract`, () => {
    for (const { method } of fresh()) {
      const provider = () => fresh().find((one) => one.method === method)!;

      test(`${method} is named and can prove something`, () => {
        const one = provider();
        expect(one.method).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
        expect([one.bearer, one.login, one.factor, one.redirect].some((way) => way !== undefined)).toBe(true);
      });

      test(`${method} answers noise with no, never with an error`, async () => {
        const one = provider();
        for (const token of NOISE) {
          expect((await one.bearer?.(token, nobody)) ?? null).toBeNull();
          expect(
            (await one.login?.({ name: token, password: token, code: token }, nobody)) ?? null,
          ).toBeNull();
        }
        for (const odd of [{}, { name: null }, { name: 1, password: {} }, { __proto__: null }])
          expect((await one.login?.(odd, nobody)) ?? null).toBeNull();
      });

      test(`${method} admits what it made, stores no secret, and knows nothing else`, async () => {
        await bearerRoundTrip(provider());
        await loginRoundTrip(provider());
      });
    }
  });
}

async function bearerRoundTrip(provider: AuthProvider): Promise<void> {
  if (provider.bearer === undefined || provider.createKey === undefined) return;
  const { id, secret, secretHash } = await provider.createKey();
  const stored: StoredKey = {
    id,
    name: "ci",
    role: "viewer",
    grants: [{ role: "viewer", scope: "*" }],
    permissions: null,
    secretHash,
    nodeId: null,
    expiresAt: null,
    version: 1,
    former: null,
  };
  const directory: AuthDirectory = { userByName: () => null, keyById: (one) => (one === id ? stored : null) };
  expect(await provider.bearer(secret, directory)).toMatchObject({
    id,
    role: "viewer",
    grants: stored.grants,
  });
  expect(await provider.bearer(secret, nobody)).toBeNull();
  expect(await provider.bearer((await provider.createKey()).secret, directory)).toBeNull();
  expect(secretHash).not.toContain(secret);
  expect(secret.length).toBeGreaterThanOrEqual(43);
}

async function loginRoundTrip(provider: AuthProvider): Promise<void> {
  if (provider.login === undefined || provider.createPasswordHash === undefined) return;
  const passwordHash = await provider.createPasswordHash(PASSWORD);
  const anna: StoredUser = {
    id: "1",
    name: "anna",
    role: "viewer",
    grants: [],
    passwordHash,
    disabled: false,
  };
  const directory: AuthDirectory = {
    userByName: (one) => (one === "anna" ? anna : null),
    keyById: () => null,
  };
  expect(await provider.login({ name: "anna", password: PASSWORD }, directory)).toMatchObject({ id: "1" });
  expect(await provider.login({ name: "anna", password: `${PASSWORD}x` }, directory)).toBeNull();
  expect(await provider.login({ name: "eve", password: PASSWORD }, directory)).toBeNull();
  anna.disabled = true;
  expect(await provider.login({ name: "anna", password: PASSWORD }, directory)).toBeNull();
}
