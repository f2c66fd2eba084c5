import { bytes, duration } from "cortex";
import * as z from "zod";

const entry = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^/]+(\/[^/]+)*$/, { error: "must be an absolute path without a trailing slash" })
    .describe("Folder; it must lie below policy.clean_roots."),
  age: duration("10d").describe("Only files not written, changed or read for this long."),
  exclude: z
    .array(z.string().regex(/^[^/]+$/))
    .prefault([])
    .describe("Names directly below the folder that are left alone."),
});

export const config = z.strictObject({
  paths: z
    .array(entry)
    .prefault([
      { path: "/tmp", age: "10d" },
      { path: "/var/tmp", age: "30d" },
    ])
    .describe("Folders for temporary files."),
  max_files: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .prefault(50_000)
    .describe("Most files that one run deletes, per folder."),
  max_bytes: bytes("10GiB").describe("Most bytes that one run deletes, per folder."),
});
export type Config = z.infer<typeof config>;
