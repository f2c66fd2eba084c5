/** What Cortex computes with is named in docs/security/cryptography.md; nothing else is used by having been typed. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

const ROOT = join(import.meta.dir, "../..");
const sources = [...new Glob("{agent,core,plugins}/**/*.ts").scanSync({ cwd: ROOT })]
  .filter((path) => !/\.test\.ts$|\/testing\/|\/testcases\//.test(path))
  .map((path) => readFileSync(join(ROOT, path), "utf8"));
const used = (call: RegExp) =>
  [...new Set(sources.flatMap((text) => [...text.matchAll(call)].map((match) => match[1]!)))].toSorted();

test("digests, message codes and derived keys are SHA-256, whatever they are for", () => {
  expect(used(/\b(?:createHash|createHmac|CryptoHasher|hkdfSync|hkdf|pbkdf2\w*)\(\s*([^,)]+)/g)).toEqual([
    '"sha256"',
  ]);
});

test("texts are sealed with AES-256-GCM alone, and signed with Ed25519", () => {
  expect(used(/\bcreate(?:De)?[cC]ipheriv\(\s*([^,]+),/g)).toEqual(["CIPHER"]);
  expect(used(/\bCIPHER = ([^;]+);/g)).toEqual(['"aes-256-gcm"']);
  // The second one is the key of a certificate that Cortex makes itself; TLS clients know few others.
  expect(used(/\bgenerateKeyPair(?:Sync)?\(\s*([^,)]+)/g)).toEqual(['"ec"', '"ed25519"']);
});
