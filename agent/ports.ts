/** The real ports, built once from the configuration and handed down. */
import type { Clock, NodeFacts } from "cortex";
import type { Config } from "../core/config/schema.ts";
import { createRefusedPorts, type GuardedPorts } from "../core/ports/user-plugins/capability.ts";
import { createActs } from "../core/ports/acts/acts.ts";
import { createCleaner } from "../core/ports/files/cleaner.ts";
import { createSystemClock } from "../core/ports/clock.ts";
import { createDaemons } from "../core/ports/processes/daemons.ts";
import { createExec } from "../core/ports/processes/exec.ts";
import { createOutside } from "../core/ports/network/egress.ts";
import { createFetch } from "../core/ports/network/fetch.ts";
import { type HostFacts, readHostFacts } from "../core/ports/host-facts.ts";
import { createHostFs, type SharedHostFs } from "../core/ports/files/host-fs.ts";
import { createNet } from "../core/ports/network/net.ts";
import { createPasswords } from "../core/ports/secrets/password.ts";

export interface SystemPorts extends GuardedPorts {
  clock: Clock;
  fs: SharedHostFs;
  facts: HostFacts;
}

/** `live`: the configuration of today, for what must not wait for a restart. */
export function createSystemPorts(config: Config, live: () => Config = () => config): SystemPorts {
  const clock = createSystemClock();
  const cleaner = createCleaner({
    clock,
    get allowed() {
      return live().policy.clean_roots;
    },
  });
  const facts = readHostFacts(config.host_root);
  const exec = createExec();
  return {
    clock,
    fs: createHostFs(config.host_root),
    facts,
    exec,
    acts: createActs({ exec, isRoot: facts.isRoot, hostRoot: config.host_root }),
    daemons: createDaemons({ clock }),
    cleaner,
    fetch: createFetch(),
    fetchOutside: createFetch({
      policy: createOutside(() => live().egress.allow),
      proxy: () => live().egress.proxy,
    }),
    net: createNet(),
    passwords: createPasswords(),
    // Only beside a Monitor is there anything to sign; agent/monitor-half.ts brings the real ones.
    tokenKeys: createRefusedPorts("of an agent").tokenKeys,
  };
}

/** `given`: the name it was joined with. */
export function nodeFacts(config: Config, facts: HostFacts, id: string, given?: string): NodeFacts {
  return {
    id,
    name: config.node.name ?? given ?? facts.hostname,
    labels: config.node.labels,
    group: config.node.group,
    tags: config.node.tags,
    bootId: facts.bootId,
    uptimeMs: facts.uptimeMs,
    cpuCount: facts.cpuCount,
    isRoot: facts.isRoot,
    tickMs: facts.tickMs,
  };
}
