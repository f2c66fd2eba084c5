/** What node and Monitor say to each other over HTTPS: first contact, enrolment, and the link. */
import * as z from "zod";
import { isoTime, nodeId, uuid } from "./envelope.ts";

/** Scheme of the Authorization header of a signed request. */
export const SIGNATURE_SCHEME = "Cortex-Ed25519";
/** Signature of an answer, and the time it was made (epoch ms). */
export const ANSWER_SIGNATURE = "cortex-signature";
export const ANSWER_TIME = "cortex-time";

export const keyId = z
  .string()
  .regex(/^k_[a-z2-7]{26}$/)
  .describe("k_ + 26 characters of base32(sha256(Ed25519 public key))");
export const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/)
  .describe("Raw Ed25519 public key, base64");
const signature = z.string().regex(/^[A-Za-z0-9+/]{86}==$/);
const random = z.string().regex(/^[\w-]{43}$/);

export const helloAnswer = z.strictObject({
  publicKey,
  key: keyId,
  /** Echo of the asker's own nonce. */
  clientNonce: random,
  nonce: random.describe("For one enrolment, good for two minutes"),
  at: isoTime,
  signature: signature.describe("By the Monitor's key over key, both nonces and the time"),
});
export type HelloAnswer = z.infer<typeof helloAnswer>;

export const enrolRequest = z.strictObject({
  token: random,
  publicKey,
  nonce: random,
  signature: signature.describe("By the node's key over the nonce, the Monitor's key and the token's digest"),
  facts: z.strictObject({
    name: z.string().min(1).max(255),
    os: z.string().max(200),
    arch: z.string().max(50),
    version: z.string().max(50),
  }),
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

export const enrolAnswer = z.strictObject({
  node: nodeId.describe("The id to use from now on; another one than the key's own after a recovery"),
  state: z.enum(["pending", "active"]),
  words: z.string().describe("Fingerprint of the node's key"),
});
export type EnrolAnswer = z.infer<typeof enrolAnswer>;

export const connectRequest = z.strictObject({
  session: random.nullable().describe("Nonce of the last session; null in the first one"),
  version: z.string().max(50),
});
export const connectAnswer = z.strictObject({
  session: random.describe("To be kept on disk and shown with each message and at the next connect"),
  decisionKey: publicKey.describe("Whose decisions to carry out; the node keeps the first it was told"),
});

const commandResult = z.union([
  z.strictObject({ ok: z.literal(true), data: z.unknown().optional() }),
  z.strictObject({
    ok: z.literal(false),
    code: z.string().max(100),
    kind: z.enum(["invalid", "not_found", "conflict", "forbidden", "unavailable", "internal"]),
    message: z.string().max(10_000),
  }),
]);

/** Messages of one request; more are sent in the next one. */
export const MAX_ENVELOPES = 200;
/** A long poll ends at the latest after this time, below what proxies allow. */
export const MAX_WAIT_SECONDS = 30;

export const linkRequest = z.strictObject({
  session: random,
  /** Each is checked on its own: one that can't be understood does not stop the others. */
  envelopes: z.array(z.unknown()).max(MAX_ENVELOPES),
  answers: z.array(z.strictObject({ id: uuid, result: commandResult })).max(50),
  running: z.array(uuid).max(200).describe("Commands that were received and are not answered yet"),
  waitSeconds: z.number().int().min(0).max(MAX_WAIT_SECONDS).describe("How long to wait for commands"),
});
export type LinkRequest = z.infer<typeof linkRequest>;

export const linkAnswer = z.strictObject({
  handled: z.number().int().nonnegative().describe("How many of the envelopes are done with"),
  /** The node itself judges each: one of a later version must not cost the others. */
  commands: z.array(z.strictObject({ id: uuid, command: z.unknown() })),
});
export type LinkAnswer = z.infer<typeof linkAnswer>;

export const rotateRequest = z.strictObject({
  session: random,
  publicKey: publicKey.describe("The new key"),
  signature: signature.describe("By the new key over node, old and new key id"),
});
