/** The key by which a Monitor is known to its nodes. */
export interface MonitorKey {
  /** `k_…`. */
  id: string;
  /** Raw, 32 bytes. */
  publicKey: Uint8Array;
  /** Base64 Ed25519 signature. */
  sign(message: Uint8Array): string;
}
