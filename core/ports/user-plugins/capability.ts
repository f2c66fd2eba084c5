/** A plugin gets the ports that its manifest declares; any other throws on first use, so that a manifest can't lie. */
import { basename } from "node:path";
import { CortexError } from "cortex";
import type {
  Capability,
  Cleaner,
  Daemons,
  Exec,
  Fetch,
  HostActs,
  HostFs,
  HostVerb,
  Net,
  Passwords,
  TokenKeys,
} from "cortex";

export interface GuardedPorts {
  fs: HostFs;
  exec: Exec;
  daemons: Daemons;
  cleaner: Cleaner;
  acts: HostActs;
  fetch: Fetch;
  /** The stricter one, for `fetch-outside`. */
  fetchOutside?: Fetch;
  net: Net;
  passwords: Passwords;
  tokenKeys: TokenKeys;
}

const undeclared = (plugin: string, capability: string) =>
  new CortexError(
    "host.capability",
    "forbidden",
    `plugin ${plugin} does not declare the capability ${capability}`,
    {
      details: { plugin, capability },
    },
  );

/** Every method of the port throws. */
function refused<T extends object>(port: T, error: () => CortexError): T {
  return new Proxy(port, {
    get: (target, key) =>
      typeof Reflect.get(target, key) === "function"
        ? () => {
            throw error();
          }
        : undefined,
    apply: () => {
      throw error();
    },
  });
}

/** Only the programs that are declared. */
export function guardExec(exec: Exec, plugin: string, declared: ReadonlySet<string>): Exec {
  // An operator's own programs are config, checked where the config is read: any name is allowed then.
  if (declared.has("exec-configured")) return exec;
  const check = (program: string) => {
    const capability = `exec:${basename(program)}`;
    if (!declared.has(capability)) throw undeclared(plugin, capability);
  };
  return {
    async run(argv, options) {
      check(argv[0] ?? "");
      return exec.run(argv, options);
    },
    which(name) {
      check(name);
      return exec.which(name);
    },
  };
}

/** Only the verbs that are declared. */
function guardActs(acts: HostActs, plugin: string, declared: ReadonlySet<string>): HostActs {
  const check = (verb: HostVerb) => {
    if (!declared.has(`act:${verb}`)) throw undeclared(plugin, `act:${verb}`);
  };
  return {
    missing(verb) {
      check(verb);
      return acts.missing(verb);
    },
    async run(act, signal) {
      check(act.verb);
      return acts.run(act, signal);
    },
  };
}

/** The ports as one plugin sees them. */
export function guardPorts(
  ports: GuardedPorts,
  plugin: string,
  capabilities: readonly Capability[],
): GuardedPorts {
  const declared = new Set<string>(capabilities);
  const guard = <T extends object>(port: T, capability: Capability): T =>
    declared.has(capability) ? port : refused(port, () => undeclared(plugin, capability));
  // A path that is declared (`fs-read:/srv/orders`) is judged by the port itself.
  if (capabilities.some((one) => one.startsWith("fs-read:"))) declared.add("fs-read");
  return {
    fs: guard(ports.fs, "fs-read"),
    exec: guardExec(ports.exec, plugin, declared),
    daemons: guard(ports.daemons, "daemon"),
    cleaner: guard(ports.cleaner, "fs-clean"),
    acts: guardActs(ports.acts, plugin, declared),
    fetch:
      ports.fetchOutside !== undefined && declared.has("fetch-outside")
        ? ports.fetchOutside
        : guard(ports.fetch, "fetch"),
    net: guard(ports.net, "net"),
    passwords: guard(ports.passwords, "passwords"),
    tokenKeys: guard(ports.tokenKeys, "token-keys"),
  };
}

/** Ports that only the program itself has: every use throws, whatever a plugin declares. */
export function createRefusedPorts(
  who: string,
): Pick<GuardedPorts, "daemons" | "cleaner" | "acts" | "passwords" | "tokenKeys"> {
  const refuse = <T extends object>(capability: string): T =>
    new Proxy({} as T, {
      get: () => () => {
        throw undeclared(who, capability);
      },
    });
  return {
    daemons: refuse("daemon"),
    cleaner: refuse("fs-clean"),
    acts: refuse("act:*"),
    passwords: refuse("passwords"),
    tokenKeys: refuse("token-keys"),
  };
}
