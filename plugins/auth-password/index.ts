import { definePlugin } from "cortex";
import * as z from "zod";
import { createPasswordProvider } from "./auth-password.ts";

export default definePlugin({
  name: "auth-password",
  version: "1.0.0",
  sdk: 1,
  summary: "Login by name and password, kept as argon2id hashes.",
  config: z.strictObject({}),
  modes: ["monitor"],
  capabilities: ["passwords"],
  setup: (ctx) => ({ authProviders: [createPasswordProvider(ctx.passwords)] }),
});
