import { expect, test } from "bun:test";
import type { AuthDirectory, AuthProvider, Principal, StoredKey } from "cortex";
import { createTestClock } from "../testing/test-clock.ts";
import { createTokens } from "./tokens.ts";

const KEY = { id: "k", name: "ci", role: "viewer", version: 1 } as StoredKey;
const PRINCIPAL: Principal = { kind: "key", id: "k", name: "ci", role: "viewer", grants: [] };

function house() {
  const clock = createTestClock();
  const written: unknown[] = [];
  let made = 0;
  const provider: AuthProvider = {
    method: "jwt",
    createToken: async () => ({
      token: `t${(made += 1)}`,
      id: `id${made}`,
      expiresAt: clock.now() + 900_000,
    }),
  };
  const directory: AuthDirectory = { userByName: () => null, keyById: (id) => (id === "k" ? KEY : null) };
  const tokens = createTokens({
    clock,
    providers: () => [provider],
    directory,
    audit: (kind, actor, payload) => void written.push([kind, actor, payload]),
  });
  return { clock, tokens, written };
}

test("who made a token is written down, the token is not", async () => {
  const { tokens, written } = house();
  expect((await tokens.create(PRINCIPAL)).token).toBe("t1");
  expect(written).toEqual([["token.created", "key:ci", { key: "k", token: "id1" }]]);
});

test("a token makes no token, and neither does a key that is gone", async () => {
  const { tokens, clock } = house();
  await expect(tokens.create({ ...PRINCIPAL, until: clock.now() + 1 })).rejects.toThrow("API key");
  await expect(tokens.create({ ...PRINCIPAL, id: "gone" })).rejects.toThrow("API key");
  await expect(tokens.create({ ...PRINCIPAL, kind: "user" })).rejects.toThrow("API key");
});

test("who asks for a token at every request is told to keep it", async () => {
  const { tokens, clock } = house();
  for (let at = 0; at < 10; at += 1) await tokens.create(PRINCIPAL);
  await expect(tokens.create(PRINCIPAL)).rejects.toThrow("keep it");
  await clock.advance(6000);
  await tokens.create(PRINCIPAL);
});
