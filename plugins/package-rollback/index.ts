import { definePlugin, duration, PACKAGE_NAME } from "cortex";
import * as z from "zod";
import { testCommand } from "../common/test-command.ts";
import { createDpkg } from "./dpkg.ts";
import { createPackageWorks } from "./package-works.ts";
import { createRollback } from "./rollback.ts";

const folder = z.string().regex(/^\/([^/\0\n]+(\/[^/\0\n]+)*)?$/, { error: "must be an absolute path" });

export default definePlugin({
  name: "package-rollback",
  version: "1.0.0",
  sdk: 1,
  summary:
    "Declared Debian packages that fail their test after an upgrade, and the way back to the version before.",
  config: z.strictObject({
    package: z
      .string()
      .regex(PACKAGE_NAME, { error: "must be the name of one package, without an architecture" })
      .describe("The package."),
    test: testCommand.describe("Command that tells whether it works (exit code 0); no shell."),
    test_timeout: duration("10s").describe("It has failed when it takes longer."),
    archives: z
      .array(folder)
      .min(1)
      .prefault(["/var/cache/apt/archives"])
      .describe("Folders with older versions, as apt names their files; the first that has one is taken."),
    root: folder.prefault("/").describe("Root of the system whose packages are meant: / or a chroot."),
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: ["fs-read", "exec-configured", "act:install_package"],
  setup(ctx, config) {
    const dpkg = createDpkg(ctx, config);
    return { checks: [createPackageWorks(ctx, config, dpkg)], repairs: [createRollback(ctx, config, dpkg)] };
  },
});
