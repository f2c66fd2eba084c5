import { definePlugin } from "cortex";
import * as z from "zod";
import { createPasskeyMethod } from "./auth-passkey.ts";

export default definePlugin({
  name: "auth-passkey",
  version: "1.0.0",
  sdk: 1,
  summary: "Passkeys: instead of name and password, or as a second factor.",
  config: z.strictObject({
    rp_id: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, "must be a host name in lower case")
      .nullable()
      .default(null)
      .describe(
        "Name that passkeys are bound to: the host name of the dashboard or a domain above it; null takes the name in the browser. Changing it makes the passkeys of the old name useless.",
      ),
  }),
  modes: ["monitor"],
  capabilities: [],
  setup: (_ctx, config) => ({
    authProviders: [{ method: "passkey", factor: createPasskeyMethod({ rpId: config.rp_id }) }],
  }),
});
