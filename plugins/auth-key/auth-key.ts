/** API keys as bearer tokens: `cxk_<id8>_<43 characters of base64url>`, of which only the SHA-256 is stored. */
import type { AuthProvider, Principal, StoredKey } from "cortex";

const TOKEN = /^cxk_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$/;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** Compared with when there is no such key, so that both cases do the same work. */
const NO_KEY = "0".repeat(64);

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}

/** Always looks at every character, so that the time does not tell how many of them are right. */
function sameHash(a: string, b: string): boolean {
  let different = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1)
    different |= a.charCodeAt(index) ^ b.charCodeAt(index % Math.max(1, b.length));
  return different === 0;
}

function principalOf(key: StoredKey): Principal {
  const { id, name, role, grants, permissions, nodeId } = key;
  if (role !== "node") return { kind: "key", id, name, role, grants, permissions: permissions ?? undefined };
  return { kind: "node", id, name, role, grants: [], nodeId: nodeId ?? undefined };
}

export function createKeyProvider(): AuthProvider {
  return {
    method: "key",
    async bearer(token, directory) {
      const id = TOKEN.exec(token)?.[1];
      if (id === undefined) return null;
      const key = directory.keyById(id);
      const matches = sameHash(await sha256(token), key?.secretHash ?? NO_KEY);
      if (key === null || !matches || (key.role === "node" && key.nodeId === null)) return null;
      return principalOf(key);
    },
    async createKey() {
      const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => ALPHABET[byte & 31]).join("");
      const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      const secret = `cxk_${id}_${random}`;
      return { id, secret, secretHash: await sha256(secret) };
    },
  };
}
