import { definePlugin } from "cortex";
import { createOidcMethod } from "./auth-oidc.ts";
import { oidcConfig } from "./config.ts";

export default definePlugin({
  name: "auth-oidc",
  version: "1.0.0",
  sdk: 1,
  summary: "Login at OpenID providers, with roles that follow from groups there.",
  config: oidcConfig,
  needsConfig: true,
  modes: ["monitor"],
  capabilities: ["fetch"],
  setup: (ctx, config) => ({
    authProviders: [
      {
        method: methodOf(ctx.instance),
        redirect: createOidcMethod(config, {
          fetch: ctx.fetch,
          now: ctx.clock.now,
          warn: (message, fields) => ctx.log.warn(message, fields),
        }),
      },
    ],
  }),
});

/** Part of the callback's address, which is registered at the provider. */
const methodOf = (instance: string): string =>
  instance === "default" ? "oidc" : `oidc_${instance.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")}`;
