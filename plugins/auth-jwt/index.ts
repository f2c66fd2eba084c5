import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createTokenProvider, LONGEST_MS } from "./auth-jwt.ts";

export default definePlugin({
  name: "auth-jwt",
  version: "1.0.0",
  sdk: 1,
  summary: "Short-lived EdDSA tokens (JWT) for programs, made with an API key.",
  config: z.strictObject({
    lifetime: duration("15m")
      .refine((ms) => ms >= 1000 && ms <= LONGEST_MS, "must lie between 1s and 15m")
      .describe("How long a token is taken; at most 15 minutes."),
  }),
  modes: ["monitor"],
  capabilities: ["token-keys"],
  setup: (ctx, { lifetime }) => ({
    authProviders: [createTokenProvider(ctx.tokenKeys, ctx.clock, lifetime)],
  }),
});
