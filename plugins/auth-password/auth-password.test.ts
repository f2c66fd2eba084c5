import { expect, test } from "bun:test";
import type { AuthDirectory, StoredUser } from "cortex";
import { authContract } from "../../core/testing/auth.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createPasswordProvider } from "./auth-password.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);

const anna: StoredUser = {
  id: "1",
  name: "anna",
  role: "admin",
  grants: [],
  passwordHash: "hash:right",
  disabled: false,
};
const users: StoredUser[] = [
  anna,
  { ...anna, id: "2", name: "gone", disabled: true },
  { ...anna, id: "3", name: "no-password", passwordHash: null },
];
const directory: AuthDirectory = {
  userByName: (name) => users.find((user) => user.name === name) ?? null,
  keyById: () => null,
};

function createProvider() {
  const verified: string[] = [];
  const provider = createPasswordProvider({
    hash: async (password) => `hash:${password}`,
    verify: async (password, hash) => {
      verified.push(hash);
      return hash === `hash:${password}`;
    },
  });
  return { provider, verified };
}

test("the right password names the user", async () => {
  const { provider } = createProvider();
  expect(await provider.login!({ name: "anna", password: "right" }, directory)).toEqual(anna);
});

test("wrong password, unknown, disabled and password-less accounts all cost one hash and get no", async () => {
  for (const name of ["anna", "nobody", "gone", "no-password"]) {
    const { provider, verified } = createProvider();
    expect(await provider.login!({ name, password: "wrong" }, directory)).toBeNull();
    expect(verified.length).toBe(1);
  }
});

test("a disabled account stays out with the right password", async () => {
  const { provider } = createProvider();
  expect(await provider.login!({ name: "gone", password: "right" }, directory)).toBeNull();
});

test("what is no name and password is a no without hashing", async () => {
  const { provider, verified } = createProvider();
  for (const submitted of [
    {},
    { name: "anna" },
    { name: ["anna"], password: "x" },
    { name: "a", password: "x".repeat(9999) },
  ])
    expect(await provider.login!(submitted, directory)).toBeNull();
  expect(verified).toEqual([]);
});
