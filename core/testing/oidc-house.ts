/**
 * A real OpenID provider on loopback (the library oidc-provider) with a login form, and the few steps that a browser takes
 * there. Accounts and their groups are changed by the test while it runs.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fetch } from "cortex";
import { createFetch } from "../ports/network/fetch.ts";

export interface OidcAccount {
  /** Claim preferred_username; default the account's id. */
  name?: string;
  groups?: string[];
}

export interface OidcHouse {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What it signs ID tokens with, for tests that forge one. */
  signingKey: CryptoKey;
  accounts: Map<string, OidcAccount>;
  /** The port through which plugins reach it. */
  fetch: Fetch;
  /** What a browser does from the authorization URL on: log in as `account`, and come back with the callback's URL. */
  visit(url: string, account: string): Promise<string>;
  stop(): Promise<void>;
}

const SCOPES = ["openid", "profile", "groups"];
const FORM = `<!doctype html><meta charset="utf-8"><title>Provider</title><form method="post">
<label>Account <input name="login" autofocus></label> <button>Sign in</button></form>`;

export async function startOidcHouse(redirectUris: string[]): Promise<OidcHouse> {
  // It has something to say when it is loaded.
  const { default: Provider } = await import("oidc-provider");
  const accounts = new Map<string, OidcAccount>();
  const [clientId, clientSecret] = ["cortex", crypto.randomUUID() + crypto.randomUUID()];
  // The issuer holds the port, so the port must be known first.
  let handle: ((request: unknown, response: unknown) => void) | null = null;
  const server = createServer((request, response) => handle!(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirectUris,
        post_logout_redirect_uris: redirectUris.map((uri) => new URL("/login", uri).href),
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
    scopes: SCOPES,
    // Without `key_ops`: as published, the public half would be for signing.
    jwks: {
      keys: [{ ...(await crypto.subtle.exportKey("jwk", privateKey)), key_ops: undefined, use: "sig" }],
    },
    cookies: { keys: [crypto.randomUUID()] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, id: string) => {
      const account = accounts.get(id);
      if (account === undefined) return undefined;
      return {
        accountId: id,
        claims: () => ({ sub: id, preferred_username: account.name ?? id, groups: account.groups ?? [] }),
      };
    },
    // Nobody is asked whether Cortex may know their groups.
    async loadExistingGrant(ctx: { oidc: { client: { clientId: string }; session: { accountId: string } } }) {
      const grant = new provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope(SCOPES.join(" "));
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith("/interaction/")) return next();
    if (ctx.method === "GET") {
      ctx.type = "html";
      ctx.body = FORM;
      return;
    }
    let body = "";
    for await (const chunk of ctx.req) body += String(chunk);
    const login = { accountId: new URLSearchParams(body).get("login") ?? "" };
    await provider.interactionFinished(ctx.req, ctx.res, { login });
    ctx.respond = false;
  });
  handle = provider.callback();

  return {
    issuer,
    clientId,
    clientSecret,
    signingKey: privateKey,
    accounts,
    fetch: createFetch(),
    visit: (url, account) => visit(url, account, redirectUris),
    stop: () => stopServer(server),
  };
}

/** A browser with a jar of its own: follows redirects, fills in the form, stops at the first address that is ours. */
async function visit(start: string, account: string, ours: string[]): Promise<string> {
  const jar = new Map<string, string>();
  let url = start;
  let form: string | null = null;
  for (let step = 0; step < 10; step += 1) {
    if (ours.some((one) => url.startsWith(one))) return url;
    const response: Response = await fetch(url, {
      method: form === null ? "GET" : "POST",
      redirect: "manual",
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      ...(form === null ? {} : { body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined) jar.set(name, value!);
    }
    const location: string | null = response.headers.get("location");
    if (location === null && response.status !== 200)
      throw new Error(`the provider answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    if (location !== null) url = new URL(location, url).href;
    form = location === null ? new URLSearchParams({ login: account }).toString() : null;
  }
  throw new Error("the provider never came back");
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
