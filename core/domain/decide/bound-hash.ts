/** What an approval binds: exactly this repair, on this node, with these parameters and this plan, until then. */
import { canonicalJson, sha256Hex } from "../ledger.ts";

export interface Bound {
  node: string;
  repair: string;
  version: number;
  params: unknown;
  plan: unknown;
  /** Of the proposal, epoch ms. */
  expiresAt: number | null;
}

/** Hex SHA-256 of its canonical JSON; whoever holds the same parts makes the same hash. */
export function hashOf({ node, repair, version, params, plan, expiresAt }: Bound): string {
  return sha256Hex(canonicalJson({ node, repair, version, params, plan, expiresAt }));
}
