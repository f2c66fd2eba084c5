import { definePlugin } from "cortex";
import * as z from "zod";
import { createRecoveryMethod } from "./auth-recovery.ts";

export default definePlugin({
  name: "auth-recovery",
  version: "1.0.0",
  sdk: 1,
  summary: "Recovery codes: ten single-use codes for when a second factor is lost.",
  config: z.strictObject({}),
  modes: ["monitor"],
  capabilities: [],
  setup: () => ({ authProviders: [{ method: "recovery", factor: createRecoveryMethod() }] }),
});
