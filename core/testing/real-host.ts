/** The real ports on this host, for integration tests (`*.int.test.ts`) that start processes and listen on loopback. */
import type { Clock } from "cortex";
import { createActs } from "../ports/acts/acts.ts";
import { createCleaner } from "../ports/files/cleaner.ts";
import { createSystemClock } from "../ports/clock.ts";
import { createDaemons } from "../ports/processes/daemons.ts";
import { createExec } from "../ports/processes/exec.ts";
import { createFetch } from "../ports/network/fetch.ts";
import { createHostFs } from "../ports/files/host-fs.ts";
import { readHostFacts } from "../ports/host-facts.ts";
import { createNet } from "../ports/network/net.ts";

/** `ca`: a root in PEM that certificates are verified against, instead of the system's. */
export function createRealHost(options: { ca?: string } = {}) {
  const clock = createSystemClock();
  const facts = readHostFacts();
  const exec = createExec();
  return {
    clock,
    fs: createHostFs(),
    exec,
    acts: createActs({ exec, isRoot: facts.isRoot, hostRoot: "/" }),
    fetch: createFetch(),
    net: createNet(options),
    daemons: createDaemons({ clock, pollMs: 20 }),
    node: {
      bootId: facts.bootId,
      tickMs: facts.tickMs,
      isRoot: facts.isRoot,
      uptimeMs: () => clock.monotonic(),
    },
  };
}

/** The real cleaner, allowed to work below these folders only. */
export const createRealCleaner = (clock: Clock, allowed: string[]) => createCleaner({ clock, allowed });

/** Wait for a condition in real time; integration tests can't turn the clock. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 8000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not reached within ${limitMs} ms: ${what}`);
    await Bun.sleep(10);
  }
}
