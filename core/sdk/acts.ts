/**
 * Changes at host level as typed data: no shell text, no free arguments. Whoever carries one out (this process as root, or a
 * helper that is) checks it again on its own, so an act says what it expects to find.
 */
import * as z from "zod";
import type { ApplyOutcome } from "./repair.ts";

const absolute = z
  .string()
  .max(4096)
  .regex(/^\/[^\0\n]*$/, { error: "must be an absolute path" });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: "must be a SHA-256 in hex" });

/** Debian Policy 5.6.1; the architecture is not part of it. */
export const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]{1,99}$/;
/** Debian Policy 5.6.12. */
export const PACKAGE_VERSION = /^[0-9][A-Za-z0-9.+~:-]{0,99}$/;
const packageVersion = z.string().regex(PACKAGE_VERSION, { error: "must be a version of a Debian package" });

/** Largest configuration file that is replaced, in UTF-16 units. */
export const MAX_FILE_TEXT = 1_000_000;

export const hostAct = z.discriminatedUnion("verb", [
  /** Write access for a mounted file system, given back or taken again; all its other options stay. */
  z.strictObject({
    verb: z.literal("remount"),
    path: absolute,
    access: z.enum(["rw", "ro"]),
    device: z
      .string()
      .regex(/^\d+:\d+$/)
      .describe("major:minor of what must be mounted there, as in /proc/self/mountinfo"),
  }),
  /** Another text for one existing file, with its owner and mode. */
  z.strictObject({
    verb: z.literal("replace_file"),
    path: absolute,
    expect: sha256.describe("SHA-256 of the text that must be there now"),
    text: z.string().max(MAX_FILE_TEXT),
    test: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(100)
      .nullable()
      .describe(
        "Program with its arguments that must accept the new text first, {file} for its place; null: what was there comes back",
      ),
    dry: z.boolean().describe("Only the test; the file stays as it is"),
  }),
  /** One Debian package from one local file. */
  z.strictObject({
    verb: z.literal("install_package"),
    file: absolute,
    sha256,
    name: z.string().regex(PACKAGE_NAME),
    version: packageVersion,
    from: packageVersion.describe("Version that must be installed now"),
    root: absolute.describe("Root of the system whose packages are meant: /"),
  }),
  z.strictObject({
    verb: z.literal("reboot"),
    command: z.array(z.string().min(1).max(4096)).min(1).max(50),
  }),
]);
export type HostAct = z.infer<typeof hostAct>;
export type HostVerb = HostAct["verb"];
export type HostActOf<V extends HostVerb> = Extract<HostAct, { verb: V }>;

/** Errors: `acts.invalid` for what does not fit its schema. What the host refuses is an outcome, not an error. */
export interface HostActs {
  /** Null where this node may do it; else what is missing and what to do, in one line. */
  missing(verb: HostVerb): string | null;
  run(act: HostAct, signal: AbortSignal): Promise<ApplyOutcome>;
}
