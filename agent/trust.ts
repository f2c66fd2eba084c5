/** Whose decisions this node carries out: the keys of Monitors that its owner chose, kept on the node itself. */
import type { TrustStore } from "../core/pipeline/approvals.ts";
import { keyName } from "../core/store/identity.ts";
import { verifySignature } from "../core/store/key-file.ts";

/** `keys`: raw Ed25519 public keys; asked for at each decision, since a node may join while it runs. */
export function createTrust(keys: () => readonly Uint8Array[]): TrustStore {
  return {
    signers: () => keys().map(keyName),
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
  };
}
