/** One-time codes from an authenticator app (RFC 6238: SHA-1, 30 s, 6 digits, what all apps understand). */
import type { Clock, Factor, FactorMethod } from "cortex";
import { Secret, TOTP } from "otpauth";
import encodeQR from "qr";
import * as z from "zod";

/** `usedStep`: number of the newest 30 s step whose code was accepted; that one and older ones are worth nothing. */
const totpData = z.object({ secret: z.string(), usedStep: z.number() });
const enrolState = z.object({ secret: z.string() });
const codeAnswer = z.object({ code: z.string().max(20) });

const PERIOD_S = 30;
/** A phone's clock may be half a minute off. */
const WINDOW = 1;
/** 160 bits, as RFC 4226 asks for. */
const SECRET_BYTES = 20;

export interface TotpOptions {
  issuer: string;
  /** Off only to show what it guards against. */
  rememberUsed?: boolean;
}

const totpOf = (secret: string, label: string, issuer: string) =>
  new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(secret),
    period: PERIOD_S,
    digits: 6,
    algorithm: "SHA1",
  });

/** The step whose code this is, within the window around now; null for any other text. People type spaces. */
export function stepOf(secret: string, code: string, nowMs: number): number | null {
  const token = code.replaceAll(/[\s-]/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const delta = totpOf(secret, "", "").validate({ token, window: WINDOW, timestamp: nowMs });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

export function createTotpMethod(clock: Clock, { issuer, rememberUsed = true }: TotpOptions): FactorMethod {
  return {
    kind: "second",
    prompt: "code",
    async beginEnrol(owner) {
      const secret = new Secret({ size: SECRET_BYTES }).base32;
      const uri = totpOf(secret, owner.name, issuer).toString();
      return { options: { secret, uri, qr: encodeQR(uri, "svg", { ecc: "medium" }) }, state: { secret } };
    },
    async finishEnrol({ state, answer }) {
      const kept = enrolState.safeParse(state);
      const given = codeAnswer.safeParse(answer);
      if (!kept.success || !given.success) return null;
      const usedStep = stepOf(kept.data.secret, given.data.code, clock.now());
      return usedStep === null ? null : { data: { secret: kept.data.secret, usedStep } };
    },
    async verify(factors, { answer }) {
      const given = codeAnswer.safeParse(answer);
      if (!given.success) return null;
      for (const factor of factors) {
        const data = dataOf(factor);
        const step = data && stepOf(data.secret, given.data.code, clock.now());
        if (data === null || step === null) continue;
        if (rememberUsed && step <= data.usedStep) continue;
        return { factor: factor.id, data: { ...data, usedStep: step } };
      }
      return null;
    },
  };
}

const dataOf = ({ data }: Factor) => totpData.safeParse(data).data ?? null;
