import { expect, test } from "bun:test";
import type { AuthDirectory, StoredKey } from "cortex";
import { authContract } from "../../core/testing/auth.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createKeyProvider, sameHash } from "./auth-key.ts";
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
    version: 1,
    former: null,
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
    version: 1,
  });
});

test("after a rotation the new secret counts, and the old one until its time", async () => {
  const { directory, secret: old, stored } = await createDirectory();
  const next = await provider.createKey!(stored.id);
  expect(next.id).toBe(stored.id);
  stored.former = { secretHash: stored.secretHash, until: 5000 };
  stored.secretHash = next.secretHash;
  expect(await provider.bearer!(next.secret, directory)).not.toHaveProperty("until");
  expect(await provider.bearer!(old, directory)).toMatchObject({ id: stored.id, until: 5000 });
  stored.former = null;
  expect(await provider.bearer!(old, directory)).toBeNull();
});

test("T64 digests are compared to the last character, however early they differ", () => {
  const looked = (a: string, b: string) => {
    let count = 0;
    const counting = { length: a.length, charCodeAt: (at: number) => ((count += 1), a.charCodeAt(at)) };
    expect(sameHash(counting as unknown as string, b)).toBe(a === b);
    return count;
  };
  const hash = "ab".repeat(32);
  expect(looked(hash, hash)).toBe(64);
  expect(looked(`x${hash.slice(1)}`, hash)).toBe(64);
  expect(looked(`${hash.slice(0, -1)}x`, hash)).toBe(64);
  expect(looked(hash, "")).toBe(64);
});

test("T64 an unknown key costs the same digest and comparison as a known one", async () => {
  const { secret } = await createDirectory();
  const asked: string[] = [];
  const directory: AuthDirectory = {
    userByName: () => null,
    keyById: (id) => (asked.push(id), null),
  };
  expect(await provider.bearer!(secret, directory)).toBeNull();
  expect(asked.length).toBe(1);
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

test("T66 what is stored is not the secret, and can't be turned into it", async () => {
  const { secret, stored } = await createDirectory();
  expect(JSON.stringify(stored)).not.toContain(secret.slice(13));
  expect(stored.secretHash).toMatch(/^[0-9a-f]{64}$/);
});
