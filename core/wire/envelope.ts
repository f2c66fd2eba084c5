/** What travels between nodes: one envelope, bodies per family. Strict within a version; a new field is a new version. */
import * as z from "zod";

export const WIRE_VERSION = 1;

export const isoTime = z.iso.datetime().describe("ISO 8601, UTC");
export const uuid = z.uuid();
export const nodeId = z
  .string()
  .regex(/^n_[a-z2-7]{26}$/, "is no id of a node (n_ and 26 characters); see the list of nodes")
  .describe("n_ + 26 characters of base32(sha256(Ed25519 public key))");

export const MESSAGE_TYPES = [
  "heartbeat",
  "report",
  "problem",
  "intent",
  "inspection",
  "inventory",
  "checkpoint",
  "gap",
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const envelope = z.strictObject({
  v: z.literal(WIRE_VERSION),
  type: z.enum(MESSAGE_TYPES),
  id: uuid,
  node: nodeId,
  epoch: z.number().int().nonnegative().describe("Counts the starts of the sender; durable before use"),
  seq: z.number().int().positive().describe("Strictly increasing within an epoch"),
  at: isoTime,
  body: z.unknown(),
});
export type Envelope = z.infer<typeof envelope>;

/** Epoch ms → wire. */
export const toIso = (ms: number): string => new Date(ms).toISOString();
export const toIsoOrNull = (ms: number | null): string | null => (ms === null ? null : toIso(ms));
/** Wire → epoch ms. */
export const fromIso = (text: string): number => Date.parse(text);
