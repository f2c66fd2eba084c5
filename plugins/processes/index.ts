import { definePlugin } from "cortex";
import * as z from "zod";
import { createZombies, zombiesConfig } from "./zombies.ts";

export default definePlugin({
  name: "processes",
  version: "1.0.0",
  sdk: 1,
  summary: "Processes in states that they should not stay in.",
  config: z.strictObject({ zombies: zombiesConfig }),
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup: (ctx, config) => ({
    checks: config.zombies.enabled ? [createZombies(ctx, config.zombies)] : [],
  }),
});
