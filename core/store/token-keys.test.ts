import { expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../testing/test-folder.ts";
import { createTokenKeys, KEEP_FORMER_MS, ROTATE_MS } from "./token-keys.ts";

const T0 = 1_900_000_000_000;

function keysIn(folder: string, at = T0) {
  const time = { now: at };
  return { time, keys: createTokenKeys(folder, "cortex:n_a", () => time.now) };
}

test("a key is made at the first use, kept for its owner alone, and found again after a restart", async () => {
  const folder = testFolder();
  const { keys } = keysIn(folder);
  expect(await keys.find("anything")).toBeNull();
  const { id, privateKey } = await keys.current();
  expect(statSync(join(folder, "tokens.json")).mode & 0o777).toBe(0o600);
  const again = keysIn(folder).keys;
  expect((await again.current()).id).toBe(id);
  const data = new TextEncoder().encode("signed");
  const signature = await crypto.subtle.sign("Ed25519", privateKey, data);
  expect(await crypto.subtle.verify("Ed25519", (await again.find(id))!, signature, data)).toBe(true);
});

test("after 30 days there is a new key; the one before verifies for an hour and is gone", async () => {
  const folder = testFolder();
  const { keys, time } = keysIn(folder);
  const first = (await keys.current()).id;
  time.now += ROTATE_MS;
  const second = (await keys.current()).id;
  expect(second).not.toBe(first);
  expect(await keys.find(first)).not.toBeNull();
  time.now += KEEP_FORMER_MS;
  expect(await keys.find(first)).toBeNull();
  expect(await keys.find(second)).not.toBeNull();
  expect(readFileSync(join(folder, "tokens.json"), "utf8").match(/pkcs8/g)?.length).toBe(1);
});

test("a clock that goes back a little makes no key", async () => {
  const { keys, time } = keysIn(testFolder());
  const first = (await keys.current()).id;
  time.now -= 86_400_000;
  expect((await keys.current()).id).toBe(first);
});

test("a file that others can read, or that is none, is refused by name", async () => {
  const folder = testFolder();
  const path = join(folder, "tokens.json");
  writeFileSync(path, "{}", { mode: 0o600 });
  await expect(keysIn(folder).keys.current()).rejects.toThrow("tokens.json");
  chmodSync(path, 0o644);
  await expect(keysIn(folder).keys.current()).rejects.toThrow("chmod 600");
});
