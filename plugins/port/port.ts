/** port_listen: is there a socket on a declared port? The kernel knows, and nobody has to be disturbed by a connection. */
import type { Check, HostFs, PluginContext, Result, Skipped } from "cortex";
import {
  type BoundSocket,
  formatAddress,
  normalizeAddress,
  parseBoundSockets,
} from "../common/proc/net-sockets.parse.ts";
import { networkOf, probeTarget } from "../common/probe.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";

export interface PortConfig {
  port: number;
  protocol: "tcp" | "udp";
  address?: string;
  owner?: string;
}

const WILDCARDS = new Set(["0.0.0.0", "::"]);

/** A socket on `::` takes IPv4 as well, unless it was made for IPv6 only, which /proc does not tell. */
export function serves(socketAddress: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const address = normalizeAddress(wanted);
  if (socketAddress === address) return true;
  return socketAddress === "::" || (socketAddress === "0.0.0.0" && !address.includes(":"));
}

async function readSockets(fs: HostFs, protocol: "tcp" | "udp"): Promise<BoundSocket[] | Skipped> {
  const four = await readOrSkip(
    fs,
    `/proc/net/${protocol}`,
    `no /proc/net/${protocol}: the host's /proc is not mounted below host_root`,
  );
  if (isSkipped(four)) return four;
  // Absent where the kernel runs without IPv6.
  const six = await fs.readTextIfPresent(`/proc/net/${protocol}6`);
  return [four, ...(six === null ? [] : [six])].flatMap((text) => parseBoundSockets(text, protocol));
}

const joined = (address: string, port: number) =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

export function createPortCheck(ctx: PluginContext, config: PortConfig): Check {
  const { port, protocol, address, owner } = config;
  const name = address === undefined ? `port ${port}` : joined(address, port);
  const target = probeTarget(ctx, `${protocol}:${address === undefined ? port : joined(address, port)}`);

  function judge(addresses: string[]): Result {
    const serving = addresses.filter((candidate) => serves(candidate, address));
    const others =
      addresses.length > 0 ? `, only on ${addresses.map((one) => joined(one, port)).join(", ")}` : "";
    return {
      target,
      status: serving.length > 0 ? "ok" : "critical",
      summary:
        serving.length > 0
          ? `${protocol} ${name} is open on ${serving.map((one) => joined(one, port)).join(", ")}`
          : `nothing listens on ${protocol} ${name}${others}${owner === undefined ? "" : `; ${owner} should`}`,
      ...(owner !== undefined && { owner }),
      // An address of its own goes away with its interface; a wildcard does not.
      ...(address !== undefined && !WILDCARDS.has(normalizeAddress(address)) && networkOf(address)),
      metrics: { "port.listening": serving.length },
      data: { port, protocol, ...(address !== undefined && { address }) },
    };
  }

  return {
    name: "port_listen",
    summary: "Declared ports that nobody listens on.",
    type: "port.closed",
    nature: "fact",
    intervalMs: 15_000,
    confirmMs: 30_000,
    async run(): Promise<(Result | Skipped)[]> {
      const sockets = await readSockets(ctx.fs, protocol);
      if (isSkipped(sockets)) return [{ ...sockets, target }];
      const addresses = sockets
        .filter((socket) => socket.port === port)
        .map((socket) => formatAddress(socket.addressHex));
      return [judge([...new Set(addresses)])];
    },
  };
}
