/** T61: changes of a token that is right, each of which some verifier somewhere took. Signed here with keys of our own or not at all. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const read = (text: string) =>
  JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;

/** By what is wrong with each. `publicKey`: the raw 32 bytes with which the right one is verified. */
export async function forgedTokens(good: string, publicKey: Uint8Array): Promise<Record<string, string>> {
  const [head, body, signature] = good.split(".") as [string, string, string];
  const [header, claims] = [read(head), read(body)];
  const own = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(own.publicKey);
  const signed = (more: object, by: Parameters<SignJWT["sign"]>[0] = own.privateKey, change: object = {}) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ ...header, ...more } as never).sign(by);
  const pem = [
    "-----BEGIN PUBLIC KEY-----",
    Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]).toString("base64"),
    "-----END PUBLIC KEY-----\n",
  ].join("\n");
  const altered = (change: object) => `${head}.${part({ ...claims, ...change })}.${signature}`;
  const headed = (more: object) => `${part({ ...header, ...more })}.${body}.${signature}`;
  const hmac = (key: Uint8Array) => signed({ alg: "HS256" }, key);
  return {
    "alg none": `${part({ ...header, alg: "none" })}.${body}.`,
    "alg none, with a signature": headed({ alg: "none" }),
    "alg nOnE": `${part({ ...header, alg: "nOnE" })}.${body}.`,
    "no alg": headed({ alg: undefined }),
    "HS256 with the public key's bytes": await hmac(publicKey),
    "HS256 with the public key as PEM": await hmac(new TextEncoder().encode(pem)),
    "our own key under their kid": await signed({}),
    "our own key in jwk": await signed({ jwk }),
    "our own key behind jku": await signed({ jku: "http://127.0.0.1:9/keys" }),
    "our own certificate behind x5u": await signed({ x5u: "http://127.0.0.1:9/x" }),
    "kid ../": await signed({ kid: "../../../../dev/null" }),
    "kid of a database": await signed({ kid: "x' UNION SELECT 'AA" }),
    "kid of an object": await signed({ kid: "__proto__" }),
    "no kid": await signed({ kid: undefined }),
    "typ JWT": headed({ typ: "JWT" }),
    "a critical header": headed({ crit: ["b64"], b64: false }),
    "another role": altered({ role: "admin" }),
    "grants of our own": altered({ grants: [{ role: "admin", scope: "*" }] }),
    "another key's id": altered({ sub: "aaaaaaaa" }),
    "another version": altered({ role_version: 2 }),
    "exp in a year": altered({ exp: Number(claims.exp) + 31_536_000 }),
    "exp as text": altered({ exp: String(claims.exp) }),
    "no exp": altered({ exp: undefined }),
    "aud as a list": altered({ aud: [claims.aud] }),
    "another iss": altered({ iss: "cortex:n_other" }),
    "no signature": `${head}.${body}.`,
    "a signature of zeros": `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`,
    "two parts": `${head}.${body}`,
    "five parts": `${head}.${body}.${body}.${body}.${signature}`,
    padded: `${good}==`,
    "a long one": `${head}.${"A".repeat(6000)}.${signature}`,
  };
}
