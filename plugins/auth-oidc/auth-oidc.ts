/**
 * Sign-in at an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE, state and nonce). The account hangs on issuer
 * and subject; names and mail addresses can be given to somebody else. What a person may do follows from their groups and
 * is worked out anew at each sign-in.
 */
import { defineErrors, type ExternalIdentity, type Fetch, type Grant, type RedirectMethod } from "cortex";
import type * as client from "openid-client";
import * as z from "zod";
import type { OidcConfig } from "./config.ts";

const errors = defineErrors("oidc", { unreachable: "unavailable" });

const flowState = z.object({ verifier: z.string(), nonce: z.string(), fresh: z.boolean() });

/** Loaded at the first sign-in. */
const library = () => import("openid-client");

/** Keys and addresses of a provider are asked for again after this time. */
const DISCOVERY_MS = 3_600_000;
const MAX_ANSWER = 1024 * 1024;

export interface OidcDeps {
  fetch: Fetch;
  /** Epoch ms. */
  now(): number;
  /** Why a sign-in failed; people are only told that it did. */
  warn(message: string, fields: Record<string, unknown>): void;
  /** Off only to show what it guards against. */
  checkState?: boolean;
}

export function createOidcMethod(config: OidcConfig, deps: OidcDeps): RedirectMethod {
  let discovered: { at: number; provider: client.Configuration } | null = null;

  async function discover(oidc: typeof client): Promise<client.Configuration> {
    if (discovered !== null && deps.now() - discovered.at < DISCOVERY_MS) return discovered.provider;
    const secret = config.client_secret ?? "";
    const insecure = config.issuer.startsWith("http:");
    const provider = await oidc
      .discovery(
        new URL(config.issuer),
        config.client_id,
        secret === "" ? undefined : secret,
        secret === "" ? oidc.None() : oidc.ClientSecretBasic(secret),
        {
          [oidc.customFetch]: throughPort(deps.fetch),
          // Signatures of ID tokens are checked although they come straight from the provider.
          execute: [oidc.enableNonRepudiationChecks, ...(insecure ? [oidc.allowInsecureRequests] : [])],
          timeout: 10,
        },
      )
      .catch((error: unknown) => {
        deps.warn("the OpenID provider could not be asked for its configuration", {
          issuer: config.issuer,
          error: reasonOf(error),
        });
        throw errors.unreachable(
          `${config.label} can't be reached at the moment; try again, or log in another way`,
        );
      });
    discovered = { at: deps.now(), provider };
    return provider;
  }

  return {
    label: config.label,
    async start({ callback, ticket, fresh }) {
      const oidc = await library();
      const provider = await discover(oidc);
      const state = { verifier: oidc.randomPKCECodeVerifier(), nonce: oidc.randomNonce(), fresh };
      const url = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: callback,
        scope: config.scopes.join(" "),
        code_challenge: await oidc.calculatePKCECodeChallenge(state.verifier),
        code_challenge_method: "S256",
        state: ticket,
        nonce: state.nonce,
        ...(fresh ? { max_age: "0", prompt: "login" } : {}),
      });
      return { url: url.href, state };
    },
    async finish({ url, ticket, state }) {
      const oidc = await library();
      const kept = flowState.safeParse(state);
      if (!kept.success) return null;
      const provider = await discover(oidc);
      const { verifier, nonce, fresh } = kept.data;
      try {
        const tokens = await oidc.authorizationCodeGrant(provider, new URL(url), {
          pkceCodeVerifier: verifier,
          expectedNonce: nonce,
          expectedState: deps.checkState === false ? oidc.skipStateCheck : ticket,
          idTokenExpected: true,
          // A minute for the way back and for clocks that differ.
          ...(fresh ? { maxAge: 60 } : {}),
        });
        const claims = tokens.claims()!;
        const more = await moreClaims(oidc, provider, tokens.access_token, claims);
        return identityOf(config, { ...more, ...claims }, endUrlOf(oidc, provider, tokens.id_token, url));
      } catch (error) {
        deps.warn("the OpenID provider did not vouch for anybody", {
          issuer: config.issuer,
          error: reasonOf(error),
        });
        return null;
      }
    },
  };

  /** Many providers put groups and names into the user info only. */
  async function moreClaims(
    oidc: typeof client,
    provider: client.Configuration,
    accessToken: string,
    claims: client.IDToken,
  ): Promise<Record<string, unknown>> {
    const complete = claims[config.groups_claim] !== undefined && claims[config.name_claim] !== undefined;
    if (complete || provider.serverMetadata().userinfo_endpoint === undefined) return {};
    return { ...(await oidc.fetchUserInfo(provider, accessToken, claims.sub)) };
  }

  function endUrlOf(
    oidc: typeof client,
    provider: client.Configuration,
    idToken: string | undefined,
    callback: string,
  ): string | null {
    if (!config.end_session || provider.serverMetadata().end_session_endpoint === undefined) return null;
    return oidc.buildEndSessionUrl(provider, {
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      post_logout_redirect_uri: new URL("/login", callback).href,
    }).href;
  }
}

/** What the claims of a person mean here. */
export function identityOf(
  config: Pick<OidcConfig, "grants" | "groups_claim" | "name_claim" | "allow_unmapped">,
  claims: Record<string, unknown> & { iss: string; sub: string },
  endUrl: string | null,
): ExternalIdentity {
  const given = claims[config.groups_claim];
  const groups = new Set((Array.isArray(given) ? given : [given]).filter((one) => typeof one === "string"));
  const grants: Grant[] = config.grants
    .filter(({ group }) => groups.has(group))
    .map(({ role, scope }) => ({ role, scope }));
  const name = claims[config.name_claim];
  return {
    issuer: claims.iss,
    subject: claims.sub,
    name: accountName(typeof name === "string" && name !== "" ? name : claims.sub),
    grants: grants.length > 0 || config.allow_unmapped ? grants : null,
    authAt: typeof claims["auth_time"] === "number" ? claims["auth_time"] * 1000 : null,
    endUrl,
  };
}

/** Other people's names in the form that accounts have here. */
export function accountName(text: string): string {
  const clean = text
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}._@+-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "");
  return [...clean].slice(0, 63).join("") || "user";
}

/** The library's requests on the one way out: bounded, no redirects. */
function throughPort(fetch: Fetch): client.CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const answer = await fetch(url, {
      method: method === "POST" ? "POST" : "GET",
      headers: { ...headers },
      ...(body === undefined || body === null ? {} : { body: body.toString() }),
      ...(signal === undefined ? {} : { signal }),
      maxBytes: MAX_ANSWER,
    });
    const type = answer.headers["content-type"];
    return new Response(answer.body, {
      status: answer.status,
      headers: type === undefined ? {} : { "content-type": type },
    });
  };
}

/** `OAUTH_…` codes and the provider's own error word; never tokens. */
function reasonOf(error: unknown): string {
  const { code, error: word, message } = error as { code?: unknown; error?: unknown; message?: unknown };
  return [code, word, message]
    .filter((part) => typeof part === "string")
    .join(": ")
    .slice(0, 300);
}
