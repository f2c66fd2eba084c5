import { definePlugin } from "cortex";
import * as z from "zod";
import { createKeyProvider } from "./auth-key.ts";

export default definePlugin({
  name: "auth-key",
  version: "1.0.0",
  sdk: 1,
  summary: "API keys as bearer tokens; only their SHA-256 is stored.",
  config: z.strictObject({}),
  modes: ["monitor"],
  capabilities: [],
  setup: () => ({ authProviders: [createKeyProvider()] }),
});
