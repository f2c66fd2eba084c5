import { definePlugin } from "cortex";
import * as z from "zod";
import { createDeclaredPath } from "../common/declared-path.ts";
import { testCommand } from "../common/test-command.ts";
import { createConfigFile } from "./config-file.ts";
import { createCopies } from "./copies.ts";
import { createRestore } from "./restore.ts";

export default definePlugin({
  name: "config-restore",
  version: "1.0.0",
  sdk: 1,
  summary: "Declared configuration files: copies of what passed its test, and the way back to the last one.",
  config: z.strictObject({
    file: z
      .string()
      .max(4096)
      .regex(/^(\/[^/\0\n]+)+$/, { error: "must be the absolute path of a file" })
      .describe("The configuration file. Links are followed once, when Cortex starts."),
    test: testCommand
      .refine((words) => words.some((word) => word.includes("{file}")), {
        error: "must name the file to test as {file}",
      })
      .describe("Command that tests it (exit code 0: good), with {file} for its place; no shell."),
    owner: z
      .string()
      .regex(/^[a-z][a-z0-9_-]*:\S+$/, {
        error: 'must be an owner such as "unit:nginx.service" or "process:web"',
      })
      .nullable()
      .prefault(null)
      .describe("Whose configuration it is; null: the file stands for itself."),
    keep: z.number().int().min(1).max(20).prefault(5).describe("How many good copies are kept."),
    show_lines: z
      .boolean()
      .prefault(true)
      .describe(
        "Whether plans show the lines that differ, without what looks like a secret; false: only how many.",
      ),
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fs-read", "exec-configured", "act:replace_file"],
  setup(ctx, config) {
    const declared = createDeclaredPath(ctx, config.file);
    const copies = createCopies(ctx.store, config.keep);
    const replaced = createCopies(ctx.store, 1, "replaced");
    return {
      checks: [createConfigFile(ctx, config, declared.real, copies)],
      repairs: [createRestore(ctx, config, declared.real, { copies, replaced })],
      start: async () => void (await declared.real()),
    };
  },
});
