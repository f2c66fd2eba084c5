import { definePlugin } from "cortex";
import { config } from "./config.ts";
import { createInodesCheck } from "./inodes.ts";
import { createMissingCheck } from "./missing.ts";
import { createMountTable } from "./mount-table.ts";
import { createReadonlyCheck } from "./readonly.ts";
import { createSpaceCheck } from "./space.ts";

export default definePlugin({
  name: "filesystems",
  version: "1.0.0",
  sdk: 1,
  summary: "Space, inodes, write access and presence of the host's file systems.",
  config,
  modes: ["agent"],
  capabilities: ["fs-read"],
  setup(ctx, config) {
    const table = createMountTable(ctx.fs, config);
    return {
      checks: [
        ...(config.fs_space.enabled ? [createSpaceCheck(ctx, config, table)] : []),
        ...(config.fs_inodes.enabled ? [createInodesCheck(ctx, config, table)] : []),
        ...(config.fs_readonly.enabled ? [createReadonlyCheck(ctx, config, table)] : []),
        ...(config.mount_missing.enabled ? [createMissingCheck(ctx, config, table)] : []),
      ],
    };
  },
});
