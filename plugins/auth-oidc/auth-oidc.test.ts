import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import type { Fetch } from "cortex";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { authContract } from "../../core/testing/auth.contract.ts";
import { type OidcHouse, startOidcHouse } from "../../core/testing/oidc-house.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { accountName, createOidcMethod, identityOf } from "./auth-oidc.ts";
import { oidcConfig } from "./config.ts";
import plugin from "./index.ts";

const SAMPLE = { issuer: "https://login.example.com", client_id: "cortex" };
pluginContract(plugin, SAMPLE);
authContract(plugin, SAMPLE);

const CALLBACK = "http://localhost:7600/api/v1/auth/oidc/callback";
const GRANTS = [
  { group: "infra", role: "admin" as const },
  { group: "web", role: "operator" as const, scope: "group:web" },
];

describe("at a real provider", () => {
  let house: OidcHouse;
  beforeAll(async () => {
    house = await startOidcHouse([CALLBACK]);
    house.accounts.set("u-1", { name: "anna", groups: ["infra", "web", "other"] });
    house.accounts.set("u-2", { name: "bert", groups: ["other"] });
  });
  afterAll(() => house.stop());

  const warnings: Record<string, unknown>[] = [];
  const methodFor = (change: Record<string, unknown> = {}, checkState = true, fetch = house.fetch) =>
    createOidcMethod(
      oidcConfig.parse({
        issuer: house.issuer,
        client_id: house.clientId,
        client_secret: house.clientSecret,
        scopes: ["openid", "profile", "groups"],
        grants: GRANTS,
        ...change,
      }),
      {
        fetch,
        now: () => 0,
        warn: (_message, fields) => void warnings.push(fields),
        checkState,
      },
    );

  async function signIn(account: string, { fresh = false, change = {}, fetch = house.fetch } = {}) {
    const method = methodFor(change, true, fetch);
    const ticket = crypto.randomUUID();
    const { url, state } = await method.start({ callback: CALLBACK, ticket, fresh });
    const back = await house.visit(url, account);
    return { method, url, back, ticket, state, finish: () => method.finish({ url: back, ticket, state }) };
  }

  test("a person comes back with issuer, subject, name and what their groups mean here", async () => {
    const { finish } = await signIn("u-1");
    expect(await finish()).toEqual({
      issuer: house.issuer,
      subject: "u-1",
      name: "anna",
      grants: [
        { role: "admin", scope: "*" },
        { role: "operator", scope: "group:web" },
      ],
      authAt: null,
      endUrl: null,
    });
  });

  test("nobody of whom no group is listed gets in, unless the configuration says so", async () => {
    expect((await (await signIn("u-2")).finish())?.grants).toBeNull();
    const admitted = await signIn("u-2", { change: { allow_unmapped: true } });
    expect((await admitted.finish())?.grants).toEqual([]);
  });

  test("asked for fresh proof, the provider says when it was given", async () => {
    const { url, finish } = await signIn("u-1", { fresh: true });
    expect(new URL(url).searchParams.get("prompt")).toBe("login");
    expect(Math.abs((await finish())!.authAt! - Date.now())).toBeLessThan(60_000);
  });

  test("the way there has PKCE, state and nonce, and asks for no more than was configured", async () => {
    const { url, ticket, state } = await signIn("u-1");
    const asked = new URL(url).searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("state")).toBe(ticket);
    expect(asked.get("scope")).toBe("openid profile groups");
    expect(asked.get("response_type")).toBe("code");
    expect(url).not.toContain((state as { verifier: string }).verifier);
    expect(url).not.toContain(house.clientSecret);
  });

  test("T59 what was begun elsewhere is not finished here: state, nonce and verifier must be those of the beginning", async () => {
    const mine = await signIn("u-1");
    const other = await signIn("u-2");
    expect(await mine.method.finish({ url: other.back, ticket: mine.ticket, state: mine.state })).toBeNull();
    expect(await mine.method.finish({ url: mine.back, ticket: mine.ticket, state: other.state })).toBeNull();
    const nonceOnly = { ...(mine.state as object), nonce: "another" };
    const third = await signIn("u-1");
    expect(
      await third.method.finish({
        url: third.back,
        ticket: third.ticket,
        state: { ...third.state, ...nonceOnly, verifier: third.state["verifier"] },
      }),
    ).toBeNull();
  });

  test("a code works once; a changed code, a cancelled sign-in and noise are a no", async () => {
    const { method, back, ticket, state, finish } = await signIn("u-1");
    expect(await finish()).not.toBeNull();
    expect(await finish()).toBeNull();
    for (const query of [
      "",
      "?code=x",
      `?state=${ticket}`,
      `?error=access_denied&state=${ticket}`,
      "?code[]=1",
    ])
      expect(await method.finish({ url: CALLBACK + query, ticket, state })).toBeNull();
    expect(await method.finish({ url: back, ticket, state: {} })).toBeNull();
    const mixedUp = new URL(back);
    mixedUp.searchParams.set("iss", "https://another.example");
    expect(await method.finish({ url: mixedUp.href, ticket, state })).toBeNull();
  });

  test("neither codes nor secrets are in what is logged about a failure", async () => {
    warnings.length = 0;
    const { method, back, ticket, state, finish } = await signIn("u-1");
    await finish();
    await method.finish({ url: back, ticket, state });
    expect(warnings.length).toBeGreaterThan(0);
    const logged = JSON.stringify(warnings);
    for (const secret of [house.clientSecret, new URL(back).searchParams.get("code")!, ticket])
      expect(logged).not.toContain(secret);
  });

  test("an ID token that is unsigned, altered, for another client, by another, over or of another sign-in is refused", async () => {
    type Forge = (token: string) => string | Promise<string>;
    const through =
      (forge: Forge): Fetch =>
      async (url, options) => {
        const answer = await house.fetch(url, options);
        if (!url.endsWith("/token")) return answer;
        const body = JSON.parse(answer.body) as { id_token: string };
        return { ...answer, body: JSON.stringify({ ...body, id_token: await forge(body.id_token) }) };
      };
    const signed =
      (change: object, key: CryptoKey = house.signingKey): Forge =>
      (token) =>
        new SignJWT({ ...decodeJwt(token), ...change })
          .setProtectedHeader(decodeProtectedHeader(token) as { alg: string })
          .sign(key);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048 };
    const stranger = await crypto.subtle.generateKey(
      { ...rsa, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"],
    );
    const forgeries: Record<string, Forge> = {
      unsigned: (token) => `${part({ alg: "none" })}.${token.split(".")[1]}.`,
      altered: (token) => token.replace(/\.[^.]+\./, `.${part({ ...decodeJwt(token), sub: "u-2" })}.`),
      "signed by somebody else": signed({}, stranger.privateKey),
      "for another client": signed({ aud: "another" }),
      "by another issuer": signed({ iss: "https://another.example" }),
      over: signed({ iat: 1_700_000_000, exp: 1_700_000_060 }),
      "of another sign-in": signed({ nonce: "another" }),
    };
    for (const [what, forge] of Object.entries(forgeries))
      expect([what, await (await signIn("u-1", { fetch: through(forge) })).finish()]).toEqual([what, null]);
    expect(await (await signIn("u-1", { fetch: through(signed({})) })).finish()).not.toBeNull();
  });

  test("a wrong client secret lets nobody in", async () => {
    const { finish } = await signIn("u-1", { change: { client_secret: "wrong" } });
    expect(await finish()).toBeNull();
  });

  test("logging out there, too, goes to the provider's own address", async () => {
    const { finish } = await signIn("u-1", { change: { end_session: true } });
    const end = new URL((await finish())!.endUrl!);
    expect(end.origin).toBe(house.issuer);
    expect(end.searchParams.get("post_logout_redirect_uri")).toBe("http://localhost:7600/login");
  });

  test("a provider that gives itself another name is refused, and one that is away is said to be away", async () => {
    const other = house.issuer.replace("127.0.0.1", "localhost");
    for (const issuer of [other, "http://127.0.0.1:9"])
      expect(
        async () => await methodFor({ issuer }).start({ callback: CALLBACK, ticket: "t", fresh: false }),
      ).toThrow(expect.objectContaining({ code: "oidc.unreachable", kind: "unavailable" }));
  });
});

test.each([
  ["anna", "anna"],
  ["anna@example.com", "anna@example.com"],
  ["Anna Lee", "Anna-Lee"],
  ["  <script>", "script-"],
  ["../../etc", "etc"],
  ["李雷", "李雷"],
  ["", "user"],
  ["x".repeat(100), "x".repeat(63)],
])("the name %j becomes %j", (given, name) => expect(accountName(given)).toBe(name));

test("a group claim may be a text or a list; anything else is no group", () => {
  const config = oidcConfig.parse({ ...SAMPLE, grants: GRANTS });
  const grantsOf = (groups: unknown) => identityOf(config, { iss: "i", sub: "s", groups }, null).grants;
  expect(grantsOf("infra")).toEqual([{ role: "admin", scope: "*" }]);
  for (const odd of [undefined, null, {}, [["infra"]], [{ infra: true }], "INFRA", ["infra "]])
    expect(grantsOf(odd)).toBeNull();
});

test("plain HTTP is for loopback only, scopes need openid, and a scope of nodes must be one", () => {
  const fails = (change: object) => !oidcConfig.safeParse({ ...SAMPLE, ...change }).success;
  expect(fails({ issuer: "http://login.example.com" })).toBe(true);
  expect(fails({ issuer: "http://localhost.example.com" })).toBe(true);
  expect(fails({ issuer: "http://localhost:9000" })).toBe(false);
  expect(fails({ scopes: ["profile"] })).toBe(true);
  expect(fails({ grants: [{ group: "a", role: "admin", scope: "everything" }] })).toBe(true);
  expect(fails({ grants: [{ group: "a", role: "root" }] })).toBe(true);
});
