/** API keys as bearer tokens: `cxk_<id8>_<43 characters of base64url>`, of which only the SHA-256 is stored. */
import { type AuthProvider, principalOfKey } from "cortex";

const TOKEN = /^cxk_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$/;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** Compared with when there is no such key, so that both cases do the same work. */
const NO_KEY = "0".repeat(64);

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}

/** Always looks at every character, so that the time does not tell how many of them are right. */
export function sameHash(a: string, b: string): boolean {
  let different = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1)
    different |= a.charCodeAt(index) ^ b.charCodeAt(index % Math.max(1, b.length));
  return different === 0;
}

const randomId = () =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => ALPHABET[byte & 31]).join("");

export function createKeyProvider(): AuthProvider {
  return {
    method: "key",
    async bearer(token, directory) {
      const id = TOKEN.exec(token)?.[1];
      if (id === undefined) return null;
      const key = directory.keyById(id);
      const digest = await sha256(token);
      const isCurrent = sameHash(digest, key?.secretHash ?? NO_KEY);
      const isFormer = sameHash(digest, key?.former?.secretHash ?? NO_KEY);
      if (key === null || !(isCurrent || isFormer) || (key.role === "node" && key.nodeId === null))
        return null;
      return principalOfKey(key, isCurrent ? undefined : key.former?.until);
    },
    async createKey(id = randomId()) {
      const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      const secret = `cxk_${id}_${random}`;
      return { id, secret, secretHash: await sha256(secret) };
    },
  };
}
