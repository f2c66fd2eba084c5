import { definePlugin } from "cortex";
import { config } from "./config.ts";
import { createHttpCheck } from "./http.ts";

export default definePlugin({
  name: "http",
  version: "1.0.0",
  sdk: 1,
  summary: "Declared URLs that must give good answers, as fast as usual.",
  config,
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fetch"],
  setup: (ctx, config) => ({ checks: [createHttpCheck(ctx, config)] }),
});
