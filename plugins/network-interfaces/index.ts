import { definePlugin } from "cortex";
import { config } from "./config.ts";
import { createCounters, createDropsCheck, createErrorsCheck } from "./counters.ts";
import { createCarriers, createInventory } from "./inventory.ts";
import { createLinkCheck } from "./link.ts";

export default definePlugin({
  name: "network-interfaces",
  version: "1.0.0",
  sdk: 1,
  summary: "Links, errors and drops of network hardware and bonds.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup(ctx, config) {
    const read = {
      inventory: createInventory(ctx.fs, config.exclude),
      carriers: createCarriers(ctx.fs, ctx.clock),
      counters: createCounters(ctx.fs),
    };
    return {
      checks: [
        ...(config.nic_link.enabled ? [createLinkCheck(ctx, config.nic_link, read)] : []),
        ...(config.nic_errors.enabled ? [createErrorsCheck(ctx, config.nic_errors, read)] : []),
        ...(config.nic_drops.enabled ? [createDropsCheck(ctx, config.nic_drops, read)] : []),
      ],
    };
  },
});
