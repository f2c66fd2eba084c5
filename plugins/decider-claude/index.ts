import { definePlugin } from "cortex";
import { createClaude } from "./claude.ts";
import { claudeConfig } from "./config.ts";

export default definePlugin({
  name: "decider-claude",
  version: "1.0.0",
  sdk: 1,
  summary: "Claude as a judge of proposed repairs, where a rule lets a judge stand in for a person.",
  config: claudeConfig,
  needsConfig: true,
  modes: ["monitor"],
  capabilities: ["fetch"],
  setup: (ctx, config) => ({ deciders: [createClaude(config, ctx.fetch)] }),
});
