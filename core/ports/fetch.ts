/**
 * The one way out over HTTP. Bun's own fetch opens `file:`, `data:` and `s3:` URLs, obeys proxies of the environment,
 * keeps custom headers across redirects and inflates whatever it is sent; none of that happens here.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { performance } from "node:perf_hooks";
import { CortexError, defineErrors, messageOf } from "cortex";
import type { Fetch, FetchOptions, FetchResult } from "cortex";
import { isForbiddenAddress } from "./address.ts";
import { createDeadline } from "./deadline.ts";
import type { Deadline } from "./deadline.ts";

const errors = defineErrors("fetch", { refused: "forbidden", timeout: "timeout", failed: "unavailable" });

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
/** A name with dozens of addresses must not multiply the attempts. */
const MAX_ADDRESSES = 4;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface FetchPortOptions {
  /** Addresses that may not be connected to; default cloud metadata. */
  isForbidden?: (address: string) => boolean;
  /** Name → addresses; default the system's resolver (with /etc/hosts). */
  resolve?: (host: string) => Promise<string[]>;
}

interface Request {
  url: URL;
  method: "GET" | "HEAD" | "POST";
  headers: Record<string, string>;
  body: string | undefined;
}

/** Codes of attempts that did not reach the server, after which another address may be tried. */
const NOT_CONNECTED = [
  "ConnectionRefused",
  "FailedToOpenSocket",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
];

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw errors.refused(`${JSON.stringify(text)} is no URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw errors.refused(`${url.protocol} URLs are not fetched: use http or https`);
  if (url.username !== "" || url.password !== "")
    throw errors.refused(`${url.host}: a URL may not hold a user name or password: use a header`);
  return url;
}

/** Host name without the brackets of an IPv6 literal. */
const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, "");

function redirectOf(request: Request, response: Response): Request | null {
  const location = response.headers.get("location");
  if (!REDIRECTS.includes(response.status) || location === null) return null;
  const url = parseUrl(new URL(location, request.url).href);
  // 303 always, 301 and 302 by custom turn a POST into a GET (RFC 9110, 15.4).
  const keepsMethod = response.status >= 307 || request.method !== "POST";
  return {
    url,
    method: keepsMethod ? request.method : "GET",
    body: keepsMethod ? request.body : undefined,
    headers: url.origin === request.url.origin ? request.headers : {},
  };
}

async function readCapped(response: Response, maxBytes: number, deadline: Deadline): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < maxBytes) {
    const { done, value } = await deadline.race(reader.read());
    if (done) break;
    chunks.push(value.subarray(0, maxBytes - size));
    size += chunks.at(-1)!.length;
  }
  void reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks).toString("utf8");
}

export function createFetch(port: FetchPortOptions = {}): Fetch {
  const isForbidden = port.isForbidden ?? isForbiddenAddress;
  const resolve =
    port.resolve ?? (async (host) => (await lookup(host, { all: true })).map((found) => found.address));

  /** The addresses to connect to. The name is looked up once: what was checked is what is connected to. */
  async function addressesOf(url: URL, deadline: Deadline): Promise<string[]> {
    const host = hostOf(url);
    const addresses = isIP(host) ? [host] : await deadline.race(resolve(host));
    if (addresses.length === 0) throw errors.failed(`${host} has no address`);
    const forbidden = addresses.find(isForbidden);
    if (forbidden !== undefined)
      throw errors.refused(`${host} leads to ${forbidden}, a metadata or link-local address`);
    return addresses.slice(0, MAX_ADDRESSES);
  }

  function connect(request: Request, address: string, deadline: Deadline): Promise<Response> {
    const target = new URL(request.url);
    target.hostname = address.includes(":") ? `[${address}]` : address;
    const host = hostOf(request.url);
    return fetch(target, {
      method: request.method,
      body: request.body,
      headers: {
        "user-agent": "cortex",
        ...request.headers,
        host: request.url.host,
        "accept-encoding": "identity",
      },
      redirect: "manual",
      signal: deadline.signal,
      keepalive: false,
      decompress: false,
      // An empty string does not switch off HTTP_PROXY in Bun; only false does, which its types don't know.
      proxy: false as unknown as string,
      ...(request.url.protocol === "https:" && !isIP(host) ? { tls: { serverName: host } } : {}),
    });
  }

  async function send(request: Request, deadline: Deadline): Promise<Response> {
    const addresses = await addressesOf(request.url, deadline);
    for (const [index, address] of addresses.entries()) {
      try {
        return await deadline.race(connect(request, address, deadline));
      } catch (error) {
        const last = index === addresses.length - 1;
        if (last || !NOT_CONNECTED.includes(String((error as { code?: unknown }).code))) throw error;
      }
    }
    throw errors.failed(`${request.url.host} has no address`);
  }

  async function exchange(first: Request, options: FetchOptions, deadline: Deadline): Promise<Response> {
    let request = first;
    let response = await send(request, deadline);
    for (let hops = options.maxRedirects ?? 0; hops > 0; hops -= 1) {
      const next = redirectOf(request, response);
      if (next === null) break;
      void response.body?.cancel().catch(() => undefined);
      request = next;
      response = await send(request, deadline);
    }
    return response;
  }

  return async (text, options = {}): Promise<FetchResult> => {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const url = parseUrl(text);
    options.signal?.throwIfAborted();
    const started = performance.now();
    const deadline = createDeadline(timeoutMs, options.signal);
    try {
      const { method = "GET", headers = {}, body } = options;
      const response = await exchange({ url, method, headers: lowerCased(headers), body }, options, deadline);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await readCapped(response, options.maxBytes ?? MAX_BYTES, deadline),
        durationMs: Math.round(performance.now() - started),
      };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (deadline.expired()) throw errors.timeout(`${url.host} did not answer within ${timeoutMs} ms`);
      if (error instanceof CortexError) throw error;
      throw errors.failed(`${url.host}: ${reasonOf(error)}`, {
        details: { reason: (error as { code?: unknown }).code },
        cause: error,
      });
    } finally {
      deadline.end();
    }
  };
}

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Bun's sentence ends in advice about its own options, which nobody can follow here. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") return "connection refused";
  if (code === "ConnectionClosed" || code === "ECONNRESET")
    return "the connection was closed before an answer";
  if (code === "ENOTFOUND" || code === "DNS_ENOTFOUND") return "the name is not known";
  return messageOf(error);
}
