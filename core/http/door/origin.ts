/** Where a request says it comes from and goes to: Host, Origin, fetch metadata, forwarding. */
import type { ServerSettings } from "../services.ts";

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopbackAddress = (ip: string): boolean => ip === "::1" || /^127\.\d+\.\d+\.\d+$/.test(ip);

/** Host name without the port, lower case; null when the header is none. */
export function hostNameOf(host: string): string | null {
  return HOST.exec(host.toLowerCase())?.[1] ?? null;
}

/** Address and port of `server.listen`: `127.0.0.1:7600`, `[::]:7600`, `:7600`. */
export function parseListen(listen: string): { host: string; port: number } | null {
  const match = /^(.*?):(\d{1,5})$/.exec(listen.trim());
  const port = Number(match?.[2]);
  if (!match || port > 65_535) return null;
  return { host: match[1]!.replaceAll(/^\[|\]$/g, "") || "0.0.0.0", port };
}

/**
 * Names by which this server may be addressed. Any other name is a page of a stranger whose DNS answer changed to our
 * address (DNS rebinding). Listening on all addresses admits every literal address: those can't be rebound.
 */
export function createHostCheck(server: () => Pick<ServerSettings, "listen" | "allowed_hosts">) {
  let key = "";
  let names = new Set<string>();
  let anyAddress = false;
  return (host: string): boolean => {
    const { listen, allowed_hosts: allowed } = server();
    const now = `${listen} ${allowed.join(" ")}`;
    if (now !== key) {
      key = now;
      const own = parseListen(listen)?.host ?? "";
      anyAddress = own === "0.0.0.0" || own === "::";
      names = new Set([...LOOPBACK_NAMES, own.includes(":") ? `[${own}]` : own.toLowerCase()]);
      for (const name of allowed) names.add(hostNameOf(name) ?? name.toLowerCase());
    }
    const name = hostNameOf(host);
    if (name === null) return false;
    return names.has(name) || (anyAddress && (IPV4.test(name) || name.startsWith("[")));
  };
}

/** The Host header, or the host of the URL for requests made inside the program; "" where HTTP/1.0 names none. */
export function hostOf(request: Request): string {
  return request.headers.get("host") ?? URL.parse(request.url)?.host ?? "";
}

/** Whether the Origin header names this server. `null` (a string here) and other schemes do not. */
export function isOwnOrigin(origin: string, host: string): boolean {
  const lower = host.toLowerCase();
  return origin === `https://${lower}` || origin === `http://${lower}`;
}

/** Whether a browser says that one of our own pages made the request. Browsers send one of the two on every write. */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== null && site !== "same-origin") return false;
  if (origin !== null) return isOwnOrigin(origin, hostOf(request));
  return site === "same-origin";
}

/** A page that was loaded over plain HTTP from another machine: what it sends can be read on the way. */
export function isPlainRemotePage(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (!origin?.startsWith("http://")) return false;
  const name = hostNameOf(origin.slice("http://".length));
  return name === null || !LOOPBACK_NAMES.has(name);
}

/** A proxy on this machine makes every client look local. */
export const isForwarded = (request: Request): boolean =>
  request.headers.has("forwarded") ||
  request.headers.has("x-forwarded-for") ||
  request.headers.has("x-real-ip");
