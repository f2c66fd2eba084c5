import { definePlugin } from "cortex";
import { openaiCompatibleConfig } from "./config.ts";
import { createOpenaiCompatible } from "./openai-compatible.ts";

export default definePlugin({
  name: "decider-openai-compatible",
  version: "1.0.0",
  sdk: 1,
  summary: "A model of one's own (Ollama, vLLM, llama.cpp) as a judge of proposed repairs.",
  config: openaiCompatibleConfig,
  needsConfig: true,
  modes: ["monitor"],
  capabilities: ["fetch"],
  setup: (ctx, config) => ({ deciders: [createOpenaiCompatible(config, ctx.fetch)] }),
});
