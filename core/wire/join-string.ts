/** The join string: `cxj1.` and base64url of `{ u, k, t, x, c? }`. Whoever has it may ask to join, once, until it expires. */
import * as z from "zod";

const PREFIX = "cxj1.";

const content = z.strictObject({
  u: z.url().max(500).describe("Address of the Monitor"),
  k: z
    .string()
    .regex(/^[\w-]{43}$/)
    .describe("sha256 of the Monitor's Ed25519 key, base64url"),
  t: z
    .string()
    .regex(/^[\w-]{43}$/)
    .describe("The secret, 32 bytes, base64url"),
  x: z.number().int().nonnegative().describe("Expiry, epoch ms"),
  c: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe("sha256 of the server's certificate or public key, hex: where no public authority signed it"),
});

export interface JoinString {
  url: string;
  keyHash: string;
  secret: string;
  /** Epoch ms. */
  expiresAt: number;
  /** Fingerprint of the server. */
  server: string | null;
}

export function encodeJoinString(join: JoinString): string {
  const { url: u, keyHash: k, secret: t, expiresAt: x, server } = join;
  const value: z.infer<typeof content> = { u, k, t, x, ...(server === null ? {} : { c: server }) };
  return PREFIX + base64url(JSON.stringify(value));
}

/** null for text that is none: cut off, wrapped over lines, or something else. */
export function parseJoinString(text: string): JoinString | null {
  if (!text.startsWith(PREFIX)) return null;
  try {
    const parsed = content.safeParse(JSON.parse(fromBase64url(text.slice(PREFIX.length))));
    if (!parsed.success) return null;
    const { u: url, k: keyHash, t: secret, x: expiresAt, c } = parsed.data;
    return { url, keyHash, secret, expiresAt, server: c ?? null };
  } catch {
    return null;
  }
}

const base64url = (text: string): string =>
  btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase64url = (text: string): string => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
