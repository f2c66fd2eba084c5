/** What a node in this folder believes, changed as the program does it; without a ledger until it is given one. */
import { createTrustNotes } from "../store/trust-notes.ts";
import { createUpstreamFiles } from "../store/upstream.ts";
import { createBeliefs } from "../uplink/beliefs.ts";

export const createTestBeliefs = (keysDir: string, now: () => number = () => 0) =>
  createBeliefs({
    files: createUpstreamFiles(keysDir),
    notes: createTrustNotes(keysDir),
    now,
    newId: () => crypto.randomUUID(),
  });
