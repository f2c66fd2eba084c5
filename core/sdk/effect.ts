/**
 * What an act does to the world, as typed data beside a plan's prose. The gate and its invariants look at these and at
 * nothing else, so a repair that leaves one out is not judged, but given to a person.
 */
import * as z from "zod";

const name = z.string().min(1).max(200);
const path = z.string().min(1).max(4096);

export const effect = z.discriminatedUnion("kind", [
  /** A unit or another supervised service. */
  z.strictObject({
    kind: z.literal("service"),
    verb: z.enum(["start", "stop", "restart", "reload"]),
    name: name.describe("Exact name as its manager knows it: nginx.service, demo"),
  }),
  z.strictObject({
    kind: z.literal("process"),
    verb: z.enum(["start", "end"]),
    name,
    pids: z.array(z.number().int().positive()).max(1000).optional(),
  }),
  /** Removal of files below one root; `paths` as far as they are listed. */
  z.strictObject({
    kind: z.literal("delete"),
    what: z.enum(["files", "logs", "cache", "images", "snapshots", "backups", "data"]),
    root: path,
    count: z.number().int().nonnegative(),
    keeps: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe("How many are left of what is kept in generations"),
  }),
  z.strictObject({ kind: z.literal("write"), file: path }),
  z.strictObject({ kind: z.literal("mount"), verb: z.enum(["mount", "remount", "unmount"]), path }),
  z.strictObject({
    kind: z.literal("network"),
    verb: z.enum(["open", "close", "ban"]),
    cidr: z.string().min(1).max(50),
    port: z.number().int().min(0).max(65_535),
  }),
  z.strictObject({
    kind: z.literal("package"),
    verb: z.enum(["install", "remove", "rollback", "clean"]),
    name,
    version: z.string().max(200).optional(),
  }),
  z.strictObject({ kind: z.literal("setting"), name, value: z.string().max(1000) }),
  z.strictObject({ kind: z.literal("account"), verb: z.enum(["add", "remove", "change"]), name }),
  z.strictObject({ kind: z.literal("host"), verb: z.enum(["reboot", "shutdown", "fence", "recreate"]) }),
  /** A program that only reads, with its arguments; the gate knows which ones do. */
  z.strictObject({ kind: z.literal("exec"), argv: z.array(z.string().max(4096)).min(1).max(100) }),
  /** Nothing but reading. */
  z.strictObject({ kind: z.literal("read"), what: z.string().max(1000) }),
]);
export type Effect = z.infer<typeof effect>;
