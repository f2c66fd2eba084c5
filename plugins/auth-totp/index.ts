import { definePlugin } from "cortex";
import * as z from "zod";
import { createTotpMethod } from "./auth-totp.ts";

export default definePlugin({
  name: "auth-totp",
  version: "1.0.0",
  sdk: 1,
  summary: "Second factor: one-time codes from an authenticator app.",
  config: z.strictObject({
    issuer: z
      .string()
      .min(1)
      .max(60)
      .regex(/^[^:]*$/, "may not contain a colon")
      .default("Cortex")
      .describe("Name under which an authenticator app lists the account."),
  }),
  modes: ["monitor"],
  capabilities: [],
  setup: (ctx, config) => ({
    authProviders: [{ method: "totp", factor: createTotpMethod(ctx.clock, config) }],
  }),
});
