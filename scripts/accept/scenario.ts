/** What an acceptance scenario is. A file of `scripts/accept/AREA/` default-exports one of these, or an array of them. */
import type { Rig } from "./lib/rig.ts";

export interface Scenario {
  /** What it is, in kebab-case; unique within its area. */
  name: string;
  /** Part of the quick tier; `rig.quick` tells `run` that this tier was asked for, so that it can shrink. */
  quick: boolean;
  /** Default 60 s. */
  timeoutMs?: number;
  /** Debian packages; installed on demand as root, else the scenario fails and names them. */
  needs?: string[];
  /** Threats of docs/security/threats.yaml that it proves something about. */
  threats?: string[];
  /** Resolves with the figure that is printed; throws (see `ensure` in lib/ensure.ts) when it does not hold. */
  run(rig: Rig): Promise<string>;
  /**
   * The same test with the guard off. It must end in an `ensure` that does not hold: then the test can see what it is
   * there to see. Any other error is a broken control.
   */
  control?(rig: Rig): Promise<string>;
}
