/** The authenticator app of a test. */
import { Secret, TOTP } from "otpauth";

export const codeAt = (secret: string, nowMs: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: nowMs });
