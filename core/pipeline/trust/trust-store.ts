/** The keys this node lets decide, from its own folder. */
export interface TrustStore {
  /** base64url of raw Ed25519 public keys. */
  signers(): readonly string[];
  verify(signer: string, message: string, signature: string): boolean;
}
