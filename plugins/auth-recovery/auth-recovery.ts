/** Recovery codes: ten secrets on paper that each stand in once for a second factor that is lost. */
import type { Factor, FactorMethod } from "cortex";
import * as z from "zod";

const COUNT = 10;
/** Crockford's alphabet: nothing that is read as something else. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 120 random bits each: with at least 112, a plain SHA-256 is enough (ASVS 5.0, 6.5.2). */
const LENGTH = 24;

const recoveryData = z.object({ hashes: z.array(z.string()), total: z.number() });
const codeAnswer = z.object({ code: z.string().max(100) });

function createCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  // 256 is a multiple of 32, so each character is as likely as any other.
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]!).join("");
}

const grouped = (code: string) => code.replaceAll(/.{4}(?!$)/g, "$&-");

/** What people read from paper: case, spaces and hyphens do not matter, o is 0, i and l are 1. */
export const normalizeCode = (typed: string): string =>
  typed.toLowerCase().replaceAll(/[\s-]/g, "").replaceAll("o", "0").replaceAll(/[il]/g, "1");

async function hashOf(code: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(`cortex.recovery.v1\0${code}`),
  );
  return new Uint8Array(digest).toHex();
}

export function createRecoveryMethod(): FactorMethod {
  return {
    kind: "backup",
    prompt: "code",
    single: true,
    async beginEnrol() {
      const codes = Array.from({ length: COUNT }, createCode);
      return {
        options: { codes: codes.map(grouped) },
        state: { hashes: await Promise.all(codes.map(hashOf)), total: COUNT },
      };
    },
    /** The answer says that the person has put them somewhere. */
    async finishEnrol({ state, answer }) {
      const kept = recoveryData.safeParse(state);
      const saved = z.object({ saved: z.literal(true) }).safeParse(answer).success;
      return kept.success && saved ? { data: kept.data } : null;
    },
    async verify(factors, { answer }) {
      const given = codeAnswer.safeParse(answer);
      if (!given.success) return null;
      const hash = await hashOf(normalizeCode(given.data.code));
      for (const factor of factors) {
        const data = dataOf(factor);
        // Hashes of 120 random bits: which one it is near to tells nothing about the others.
        const left = data?.hashes.filter((one) => one !== hash);
        if (data && left && left.length < data.hashes.length)
          return { factor: factor.id, data: { ...data, hashes: left } };
      }
      return null;
    },
    describe: (factor) => ({ left: dataOf(factor)?.hashes.length ?? 0, total: dataOf(factor)?.total ?? 0 }),
  };
}

const dataOf = ({ data }: Factor) => recoveryData.safeParse(data).data ?? null;
