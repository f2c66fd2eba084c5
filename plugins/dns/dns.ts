/** dns_resolve: does this host find names by the nameservers of its /etc/resolv.conf, and how fast? */
import {
  type Check,
  type HostFs,
  isCortexError,
  messageOf,
  oneLine,
  type PluginContext,
  type Result,
  type Skipped,
  type Status,
} from "cortex";
import { isLoopbackHost } from "../common/probe.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { parseNameservers, parseOwnName } from "./resolv.parse.ts";

export interface DnsConfig {
  names: string[];
  query_timeout: number;
  latency_warning: number;
}

/** What asking for one name came to. `negative`: a server answered, and the answer is that there is no such address. */
interface Lookup {
  name: string;
  outcome: "found" | "negative" | "failed";
  /** Until an answer, silent servers before it included: what a program waits. */
  tookMs: number;
  /** Which server answered. */
  server: string | null;
  /** What went wrong at the servers that gave no answer. */
  faults: string[];
}

const TARGET = "host";
const CHECK_SLACK_MS = 2000;
const RESOLVED_STUB = /^127\.0\.0\.5[34]$/;
const LOCAL_RESOLVERS = ["unbound", "dnsmasq", "named", "bind9", "pdns-recursor", "kresd@1"];

/** The unit behind a nameserver on this host, by what is enabled to start. */
async function localResolver(fs: HostFs, server: string): Promise<string | null> {
  if (RESOLVED_STUB.test(server)) return "unit:systemd-resolved.service";
  if (!isLoopbackHost(server)) return null;
  for (const name of LOCAL_RESOLVERS)
    if (await fs.exists(`/etc/systemd/system/multi-user.target.wants/${name}.service`))
      return `unit:${name}.service`;
  return null;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export function createDnsCheck(ctx: PluginContext, config: DnsConfig): Check {
  const { fs, net, clock, store } = ctx;

  /** As libc asks: one server after the other, until one answers, be the answer yes or no. */
  async function lookUp(name: string, servers: readonly string[]): Promise<Lookup> {
    const started = clock.monotonic();
    const faults: string[] = [];
    const done = (outcome: Lookup["outcome"], server: string | null): Lookup => ({
      name,
      outcome,
      tookMs: clock.monotonic() - started,
      server,
      faults,
    });
    for (const server of servers) {
      try {
        await net.resolve(name, config.query_timeout, server);
        return done("found", server);
      } catch (error) {
        // Only an error without a system reason is the server's own "no such name".
        const negative =
          isCortexError(error) && error.code === "net.failed" && error.details?.["reason"] === undefined;
        if (negative) return done("negative", server);
        faults.push(messageOf(error));
      }
    }
    return done("failed", null);
  }

  /** The host's own name is asked for as well, because its answer leaves no trace anywhere else. */
  async function ownName(): Promise<string | null> {
    const hostname = (await fs.readTextIfPresent("/etc/hostname")) ?? "";
    return parseOwnName(hostname, (await fs.readTextIfPresent("/etc/hosts")) ?? "");
  }

  /** Many hosts have a full name that is not in DNS; it counts once it has been found. */
  function counts(lookup: Lookup): boolean {
    if (config.names.includes(lookup.name)) return true;
    const key = `found:${lookup.name}`;
    if (lookup.outcome === "found" && store.get(key) === null) store.set(key, true);
    return lookup.outcome !== "negative" || store.get(key) !== null;
  }

  function describe(lookups: readonly Lookup[], slowMs: number): { status: Status; summary: string } {
    const lost = lookups.filter(({ outcome }) => outcome !== "found");
    const words = lost.map(({ name, outcome, server, faults }) =>
      outcome === "negative" ? `${name} has no address at ${server}` : faults.join(", "),
    );
    const found = lookups.length - lost.length;
    if (lost.length > 0)
      return {
        status: found === 0 ? "critical" : "warning",
        summary: `${lost.length} of ${lookups.length} names not found: ${words.join("; ")}`,
      };
    const silent = [...new Set(lookups.flatMap(({ faults }) => faults))];
    const slow = slowMs > config.latency_warning;
    const speed = `${found === 1 ? "1 name" : `${found} names`} found in ${Math.round(slowMs)} ms`;
    return {
      status: slow ? "warning" : "ok",
      summary: silent.length === 0 ? speed : `${speed}, after ${silent.join(", ")}`,
    };
  }

  async function judge(lookups: readonly Lookup[], servers: readonly string[]): Promise<Result> {
    const slowMs = median(lookups.map(({ tookMs }) => tookMs));
    const { status, summary } = describe(lookups, slowMs);
    const owner = await localResolver(fs, servers[0]!);
    const upstream = owner === null ? null : await fs.readTextIfPresent("/run/systemd/resolve/resolv.conf");
    return {
      target: TARGET,
      status,
      summary: oneLine(summary),
      ...(owner !== null && { owner }),
      ...(servers.every((server) => !isLoopbackHost(server)) && { dependsOn: ["network:default"] }),
      metrics: {
        "dns.latency_seconds": slowMs / 1000,
        "dns.failed_ratio": lookups.filter(({ outcome }) => outcome !== "found").length / lookups.length,
      },
      data: {
        nameservers: [...servers],
        upstreams: upstream === null ? [] : parseNameservers(upstream),
        names: lookups.map(({ name }) => name),
      },
    };
  }

  return {
    name: "dns_resolve",
    summary: "Names that the nameservers of this host do not find, or find slowly.",
    type: "dns.resolve",
    nature: "fact",
    intervalMs: 60_000,
    confirmMs: 60_000,
    timeoutMs: 3 * config.query_timeout + CHECK_SLACK_MS,
    async run(): Promise<(Result | Skipped)[]> {
      const text = await readOrSkip(fs, "/etc/resolv.conf", "no /etc/resolv.conf");
      if (isSkipped(text)) return [text];
      const servers = parseNameservers(text);
      if (servers.length === 0) return [{ skipped: "no nameserver in /etc/resolv.conf" }];
      const own = await ownName();
      const names = [...new Set([...config.names, ...(own === null ? [] : [own])])];
      if (names.length === 0) return [{ skipped: "no names configured, and the host has no full name" }];
      const asked = await Promise.all(names.map((name) => lookUp(name, servers)));
      const counted = asked.filter(counts);
      if (counted.length === 0)
        return [{ skipped: `no names configured, and ${own} is not in DNS: set plugins.dns.names` }];
      return [await judge(counted, servers)];
    },
  };
}
