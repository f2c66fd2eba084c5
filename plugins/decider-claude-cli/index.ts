import { definePlugin } from "cortex";
import { createClaudeCli } from "./claude-cli.ts";
import { claudeCliConfig } from "./config.ts";

export default definePlugin({
  name: "decider-claude-cli",
  version: "1.0.0",
  sdk: 1,
  summary: "The program `claude`, asked without tools and for reading only, as a judge of proposed repairs.",
  config: claudeCliConfig,
  needsConfig: true,
  modes: ["monitor"],
  capabilities: ["exec:claude"],
  setup: (ctx, config) => ({ deciders: [createClaudeCli(config, ctx.exec)] }),
});
