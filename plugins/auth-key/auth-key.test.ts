import { expect, test } from "bun:test";
import type { AuthDirectory, StoredKey } from "cortex";
import { authContract } from "../../core/testing/auth.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createKeyProvider } from "./auth-key.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);

const provider = createKeyProvider();

async function createDirectory(key: Partial<StoredKey> = {}) {
  const { id, secret, secretHash } = await provider.createKey!();
  const stored: StoredKey = {
    id,
    name: "ci",
    role: "viewer",
    grants: [{ role: "viewer", scope: "*" }],
    permissions: null,
    secretHash,
    nodeId: null,
    expiresAt: null,
    ...key,
  };
  const directory: AuthDirectory = {
    userByName: () => null,
    keyById: (wanted) => (wanted === id ? stored : null),
  };
  return { directory, secret, stored };
}

test("a key names its holder", async () => {
  const { directory, secret, stored } = await createDirectory();
  expect(await provider.bearer!(secret, directory)).toEqual({
    kind: "key",
    id: stored.id,
    name: "ci",
    role: "viewer",
    grants: [{ role: "viewer", scope: "*" }],
  });
});

test("a node's key speaks for its node and no other", async () => {
  const { directory, secret } = await createDirectory({ role: "node", nodeId: "n_a" });
  expect(await provider.bearer!(secret, directory)).toMatchObject({
    kind: "node",
    role: "node",
    nodeId: "n_a",
  });
  const unbound = await createDirectory({ role: "node" });
  expect(await provider.bearer!(unbound.secret, unbound.directory)).toBeNull();
});

test("one changed character, another key's secret and noise are refused", async () => {
  const { directory, secret } = await createDirectory();
  const other = (await provider.createKey!()).secret;
  const changed = secret.slice(0, -1) + (secret.endsWith("A") ? "B" : "A");
  const mixed = secret.slice(0, 13) + other.slice(13);
  for (const token of [changed, other, mixed, "", "cxk_", secret.toUpperCase(), `${secret}x`, ` ${secret}`])
    expect(await provider.bearer!(token, directory)).toBeNull();
});

test("what is stored is not the secret", async () => {
  const { secret, stored } = await createDirectory();
  expect(JSON.stringify(stored)).not.toContain(secret.slice(13));
  expect(stored.secretHash).toMatch(/^[0-9a-f]{64}$/);
});
