/** Changes at host level, carried out by this process: one file for each verb, each of which looks again before it acts. */
import { defineErrors, type HostAct, hostAct, type HostActs, type HostVerb } from "cortex";
import type { ApplyOutcome } from "cortex";
import { type ActDeps, type Carry, refused } from "./carry.ts";
import { createInstallPackage } from "./install-package.ts";
import { createReboot } from "./reboot.ts";
import { createRemount } from "./remount.ts";
import { createReplaceFile } from "./replace-file.ts";

const errors = defineErrors("acts", { invalid: "invalid" });

export interface ActsOptions extends ActDeps {
  isRoot: boolean;
  /** Where the inspected host is mounted; changes are made only to the one that Cortex itself runs on. */
  hostRoot: string;
}

/** Root alone may do it, and only here. A file can belong to whoever Cortex runs as: there the attempt tells. */
const AS_ROOT: readonly HostVerb[] = ["remount", "install_package"];
const HERE_ONLY: readonly HostVerb[] = ["remount", "install_package", "replace_file"];

export function createActs({ isRoot, hostRoot, ...deps }: ActsOptions): HostActs {
  const carry: { [V in HostVerb]: Carry<V> } = {
    remount: createRemount(deps),
    replace_file: createReplaceFile(deps),
    install_package: createInstallPackage(deps),
    reboot: createReboot(deps),
  };

  function missing(verb: HostVerb): string | null {
    if (hostRoot !== "/" && HERE_ONLY.includes(verb))
      return `host_root is ${hostRoot}: this is done by a Cortex that runs on that host itself`;
    return !isRoot && AS_ROOT.includes(verb)
      ? "Cortex does not run as root; do it by hand, or run it as root"
      : null;
  }

  return {
    missing,
    async run(act, signal) {
      const parsed = hostAct.safeParse(act);
      if (!parsed.success)
        throw errors.invalid(`${act.verb}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
      const lacks = missing(act.verb);
      if (lacks !== null) return refused(lacks);
      return (carry[act.verb] as (one: HostAct, stop: AbortSignal) => Promise<ApplyOutcome>)(
        parsed.data,
        signal,
      );
    },
  };
}
