/** Whose decisions this node carries out: the keys of Monitors that its owner chose, kept on the node itself. */
import type { TrustStore } from "../core/pipeline/approvals.ts";
import { keyName, verifySignature } from "../core/store/identity.ts";

/** `keys`: raw Ed25519 public keys. */
export function createTrust(keys: readonly Uint8Array[]): TrustStore {
  const names = keys.map(keyName);
  return {
    signers: () => names,
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
  };
}
