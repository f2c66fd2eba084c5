/** Whose decisions this node carries out: the keys of Monitors that its owner chose, kept on the node itself. */
import type { TrustStore } from "../core/pipeline/trust/trust-store.ts";
import { verifySignature } from "../core/store/key-file.ts";

/** `signers`: asked at each decision, since a node may join, and its Monitor take a new key, while it runs. */
export function createTrust(signers: TrustStore["signers"]): TrustStore {
  return {
    signers,
    verify: (signer, message, signature) =>
      verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
  };
}
