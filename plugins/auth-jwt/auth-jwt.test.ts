import { expect, test } from "bun:test";
import type { AuthDirectory, StoredKey } from "cortex";
import { base64url, exportJWK, exportSPKI, SignJWT } from "jose";
import { authContract } from "../../core/testing/auth.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { createTestTokenKeys } from "../../core/testing/token-keys.ts";
import { createTokenProvider, LONGEST_MS } from "./auth-jwt.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);

const KEY: StoredKey = {
  id: "abcd2345",
  name: "ci",
  role: "operator",
  grants: [{ role: "operator", scope: "group:web" }],
  permissions: ["fleet.read"],
  secretHash: "0".repeat(64),
  nodeId: null,
  expiresAt: null,
  version: 3,
  former: null,
};

function house(lifetimeMs = LONGEST_MS) {
  const clock = createTestClock();
  const keys = createTestTokenKeys();
  const provider = createTokenProvider(keys, clock, lifetimeMs);
  const state: { key: StoredKey | null } = { key: { ...KEY } };
  const directory: AuthDirectory = {
    userByName: () => null,
    keyById: (id) => (id === KEY.id ? state.key : null),
  };
  const bearer = (token: string) => provider.bearer!(token, directory);
  return { clock, keys, provider, state, bearer, make: async () => (await provider.createToken!(KEY)).token };
}

test("a token is its key's holder until it ends", async () => {
  const { bearer, provider, clock } = house();
  const { token, expiresAt } = await provider.createToken!(KEY);
  expect(expiresAt - clock.now()).toBeLessThanOrEqual(LONGEST_MS);
  expect(await bearer(token)).toEqual({
    kind: "key",
    id: KEY.id,
    name: "ci",
    role: "operator",
    grants: KEY.grants,
    permissions: ["fleet.read"],
    version: 3,
    until: expiresAt,
  });
  await clock.advance(LONGEST_MS - 1000);
  expect(await bearer(token)).not.toBeNull();
  await clock.advance(1000);
  expect(await bearer(token)).toBeNull();
});

test("T60 a token ends at once with its key, with its version, and never speaks for a node", async () => {
  const { bearer, make, state } = house();
  const token = await make();
  state.key = { ...KEY, version: 4 };
  expect(await bearer(token)).toBeNull();
  state.key = { ...KEY, role: "node", grants: [], nodeId: "n_a" };
  expect(await bearer(token)).toBeNull();
  state.key = null;
  expect(await bearer(token)).toBeNull();
  state.key = { ...KEY };
  expect(await bearer(token)).not.toBeNull();
});

test("what a key may do is looked up at each request, not read from the token", async () => {
  const { bearer, make, state } = house();
  const token = await make();
  state.key = { ...KEY, grants: [], permissions: [] };
  expect(await bearer(token)).toMatchObject({ grants: [], permissions: [] });
});

test("tokens of the key before are taken after a rotation, until that key is dropped", async () => {
  const { bearer, make, keys } = house();
  const token = await make();
  keys.rotate();
  expect(await bearer(token)).not.toBeNull();
  expect(await bearer(await make())).not.toBeNull();
  keys.drop();
  expect(await bearer(token)).toBeNull();
});

test("a shorter lifetime is kept, a longer one than 15 minutes is refused by the configuration", async () => {
  const { bearer, make, clock } = house(60_000);
  const token = await make();
  await clock.advance(61_000);
  expect(await bearer(token)).toBeNull();
  for (const lifetime of ["16m", "1d", "0", "500ms"])
    expect([lifetime, plugin.config.safeParse({ lifetime }).success]).toEqual([lifetime, false]);
});

/** Everything that ever got past some verifier of tokens: each a change of a token that is right. */
async function corpus(h: ReturnType<typeof house>): Promise<Record<string, string>> {
  const { clock, keys } = h;
  const good = await h.make();
  const [head, body, signature] = good.split(".") as [string, string, string];
  const { id: kid, privateKey } = await keys.current();
  const publicKey = (await keys.find(kid))!;
  const claims = JSON.parse(new TextDecoder().decode(base64url.decode(body))) as Record<string, unknown>;
  const pem = new TextEncoder().encode(await exportSPKI(publicKey));
  const raw = base64url.decode((await exportJWK(publicKey)).x!);
  const own = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const ownJwk = await exportJWK(own.publicKey);
  const now = Math.floor(clock.now() / 1000);
  const part = (value: unknown) => base64url.encode(JSON.stringify(value));
  const usual = { alg: "EdDSA", typ: "at+jwt", kid };
  const sign = (change: object, more: object = {}, by: CryptoKey | Uint8Array = privateKey) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ ...usual, ...more } as never).sign(by);
  const bySigner = async (change: object, more: object = {}): Promise<string> => {
    // Values that the library would refuse to write: signed by hand.
    const text = `${part({ ...usual, ...more })}.${part({ ...claims, ...change })}`;
    const bytes = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(text));
    return `${text}.${base64url.encode(new Uint8Array(bytes))}`;
  };
  const without = (name: string) => {
    const { [name]: _gone, ...rest } = claims;
    return bySigner(Object.fromEntries(Object.keys(claims).map((key) => [key, rest[key]])));
  };
  return {
    "alg none": `${part({ ...usual, alg: "none" })}.${body}.`,
    "alg none, signed": `${part({ ...usual, alg: "none" })}.${body}.${signature}`,
    "alg NoNe": `${part({ ...usual, alg: "NoNe" })}.${body}.${signature}`,
    "HS256 with the public key as PEM": await sign({}, { alg: "HS256" }, pem),
    "HS256 with the public key's bytes": await sign({}, { alg: "HS256" }, raw),
    "another spelling of the algorithm": await bySigner({}, { alg: "Ed25519" }),
    "lower case algorithm": await bySigner({}, { alg: "eddsa" }),
    "typ JWT": await sign({}, { typ: "JWT" }),
    "typ of an id token": await sign({}, { typ: "id+jwt" }),
    "no typ": await bySigner({}, { typ: undefined }),
    "typ with its media type": await sign({}, { typ: "application/at+jwt" }),
    "kid ../": await bySigner({}, { kid: "../../etc/passwd" }),
    "kid of nobody": await bySigner({}, { kid: "AAAAAAAAAAAAAAAAAAAAAA" }),
    "kid with a quote": await bySigner({}, { kid: "x' OR '1'='1" }),
    "kid of an object's own": await bySigner({}, { kid: "__proto__" }),
    "kid as a list": await bySigner({}, { kid: [kid] }),
    "no kid": await bySigner({}, { kid: undefined }),
    "own key in jwk": await sign({}, { jwk: ownJwk }, own.privateKey),
    "own key behind jku": await sign({}, { jku: "http://127.0.0.1/keys" }, own.privateKey),
    "own certificate behind x5u": await sign({}, { x5u: "http://127.0.0.1/x" }, own.privateKey),
    "own certificate in x5c": await bySigner({}, { x5c: ["MIIB"] }),
    "right signature, with a jwk beside it": await bySigner({}, { jwk: ownJwk }),
    "an unknown critical header": await bySigner({}, { crit: ["exp2"], exp2: 1 }),
    "payload not encoded": await bySigner({}, { b64: false, crit: ["b64"] }),
    "somebody else's key under our kid": await sign({}, {}, own.privateKey),
    "aud as a list": await sign({ aud: ["cortex-api"] }),
    "aud of another": await sign({ aud: "other" }),
    "no aud": await without("aud"),
    "iss of another": await sign({ iss: "cortex:n_other" }),
    "no iss": await without("iss"),
    "exp as text": await bySigner({ exp: String(now + 600) }),
    "exp in the past": await sign({ exp: now - 1, iat: now - 60 }),
    "exp now": await sign({ exp: now }),
    "exp in a year": await sign({ exp: now + 31_536_000 }),
    "exp without an end": await bySigner({ exp: 1e308 }),
    "no exp": await without("exp"),
    "no iat": await without("iat"),
    "iat in the future": await sign({ iat: now + 300, exp: now + 600 }),
    "iat long ago": await sign({ iat: now - 3600, exp: now + 600 }),
    "nbf in the future": await sign({ nbf: now + 300 }),
    "no jti": await without("jti"),
    "no sid": await without("sid"),
    "no sub": await without("sub"),
    "sub of another key": await sign({ sub: "zzzz2345" }),
    "sub as an object": await bySigner({ sub: { id: KEY.id } }),
    "another version": await sign({ role_version: 2 }),
    "version as text": await bySigner({ role_version: "3" }),
    "no version": await without("role_version"),
    "a role of one's own": await sign({ role: "admin" }),
    "grants of one's own": await sign({ grants: [{ role: "admin", scope: "*" }] }),
    "changed payload": `${head}.${part({ ...claims, sub: "zzzz2345" })}.${signature}`,
    "no signature": `${head}.${body}.`,
    "signature of zeros": `${head}.${body}.${base64url.encode(new Uint8Array(64))}`,
    "signature of another token": `${head}.${body}.${(await sign({ sub: "x" })).split(".")[2]}`,
    "two parts": `${head}.${body}`,
    "four parts": `${good}.${signature}`,
    "five parts, as if encrypted": `${head}.${body}.${body}.${body}.${signature}`,
    "another spelling of the same signature": respelled(good),
    "padded base64": `${head}.${body}.${signature}==`,
    "a blank before": ` ${good}`,
    "a line end after": `${good}\n`,
    "header of another JSON type": `${part(["EdDSA"])}.${body}.${signature}`,
    "body is no JSON": `${head}.${base64url.encode("{")}.${signature}`,
    "a megabyte": `${head}.${"A".repeat(1_000_000)}.${signature}`,
    "the key's own spelling": `cxk_${KEY.id}_${"A".repeat(43)}`,
  };
}

/** The last character of a signature of 64 bytes has four bits that mean nothing. */
function respelled(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const at = alphabet.indexOf(token.at(-1)!);
  return token.slice(0, -1) + alphabet[at ^ 1];
}

test("T61 no forged, altered, foreign or oddly written token is taken", async () => {
  const h = house();
  const all = await corpus(h);
  expect(Object.keys(all).length).toBeGreaterThan(60);
  const taken: string[] = [];
  for (const [what, token] of Object.entries(all)) if ((await h.bearer(token)) !== null) taken.push(what);
  expect(taken).toEqual([]);
  expect(await h.bearer(await h.make())).not.toBeNull();
});
