/** Real Ed25519 keys that are kept nowhere; `rotate` makes the next one current, `drop` forgets all before it. */
import type { TokenKey, TokenKeys } from "cortex";

export interface TestTokenKeys extends TokenKeys {
  rotate(): void;
  drop(): void;
}

export function createTestTokenKeys(issuer = "cortex:test"): TestTokenKeys {
  const made: Promise<TokenKey & { publicKey: CryptoKey }>[] = [];
  async function make(id: string) {
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    return { id, privateKey: pair.privateKey, publicKey: pair.publicKey };
  }
  let count = 0;
  const rotate = () => void made.unshift(make(`test-key-${String((count += 1)).padStart(7, "0")}`));
  return {
    issuer,
    current() {
      if (made.length === 0) rotate();
      return made[0]!;
    },
    async find(id) {
      for (const one of made) if ((await one).id === id) return (await one).publicKey;
      return null;
    },
    rotate,
    drop: () => void made.splice(1),
  };
}
