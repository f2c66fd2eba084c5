/**
 * Tokens for programs: JWTs as in RFC 9068, signed by the Monitor that takes them. A token says which key it was made with
 * and nothing about what that key may do: each request looks the key up, so a token ends with its key, at once.
 */
import { type AuthProvider, type Clock, principalOfKey, type TokenKeys } from "cortex";
import { base64url, jwtVerify, SignJWT } from "jose";
import * as z from "zod";

/** ASVS 9.2.1 and the OAuth best practice: short enough that a stolen one is soon worth nothing. */
export const LONGEST_MS = 900_000;

const ALGORITHM = "EdDSA";
const TYPE = "at+jwt";
const AUDIENCE = "cortex-api";
/** Far above what this plugin makes. */
const LONGEST_TOKEN = 2000;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Nothing else may be in there: no `jku`, `x5u`, `jwk`, `crit` is ever read, let alone obeyed. */
const header = z.strictObject({
  alg: z.literal(ALGORITHM),
  typ: z.literal(TYPE),
  kid: z.string().regex(/^[A-Za-z0-9_-]{16,43}$/),
});

const seconds = z.number().int().positive();
const payload = z.strictObject({
  iss: z.string(),
  aud: z.literal(AUDIENCE),
  sub: z.string().min(1).max(100).describe("Id of the API key"),
  sid: z.string().min(1).max(100).describe("Id of this token's session: one token, one session"),
  jti: z.string().min(1).max(100),
  role_version: z.number().int().positive().describe("Version of the key when the token was made"),
  iat: seconds,
  exp: seconds,
});
type Payload = z.infer<typeof payload>;

const randomId = () => base64url.encode(crypto.getRandomValues(new Uint8Array(16)));

export function createTokenProvider(keys: TokenKeys, clock: Clock, lifetimeMs: number): AuthProvider {
  /** The content of a token that this Monitor made and that has not ended; null for everything else. */
  async function verified(token: string): Promise<Payload | null> {
    if (token.length > LONGEST_TOKEN || !COMPACT.test(token) || !isCanonical(token)) return null;
    try {
      const result = await jwtVerify(
        token,
        async (given) => {
          const { kid } = header.parse(given);
          const key = await keys.find(kid);
          if (key === null) throw new Error("no key of this Monitor has this id");
          return key;
        },
        {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: keys.issuer,
          audience: AUDIENCE,
          currentDate: new Date(clock.now()),
          maxTokenAge: LONGEST_MS / 1000,
          clockTolerance: 0,
        },
      );
      const parsed = payload.safeParse(result.payload);
      return parsed.success && parsed.data.exp - parsed.data.iat <= LONGEST_MS / 1000 ? parsed.data : null;
    } catch {
      return null;
    }
  }

  return {
    method: "jwt",
    async bearer(token, directory) {
      const claims = await verified(token);
      const key = claims && directory.keyById(claims.sub);
      if (!key || key.role === "node" || key.version !== claims.role_version) return null;
      return principalOfKey(key, claims.exp * 1000);
    },
    async createToken(key) {
      const { id: kid, privateKey } = await keys.current();
      const id = randomId();
      const iat = Math.floor(clock.now() / 1000);
      const exp = iat + Math.floor(lifetimeMs / 1000);
      const token = await new SignJWT({ sid: id, role_version: key.version })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(keys.issuer)
        .setAudience(AUDIENCE)
        .setSubject(key.id)
        .setJti(id)
        .setIssuedAt(iat)
        .setExpirationTime(exp)
        .sign(privateKey);
      return { token, id, expiresAt: exp * 1000 };
    },
  };
}

/** One token has one spelling: unused bits at the end of a part are zero. */
const isCanonical = (token: string): boolean =>
  token.split(".").every((part) => base64url.encode(base64url.decode(part)) === part);
