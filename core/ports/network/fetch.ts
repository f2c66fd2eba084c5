/**
 * The one way out over HTTP. Bun's own fetch opens `file:`, `data:` and `s3:` URLs, obeys proxies of the environment,
 * keeps custom headers across redirects and inflates whatever it is sent; none of that happens here. What was looked up
 * and judged is what is connected to.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { performance } from "node:perf_hooks";
import { CortexError, defineErrors, messageOf } from "cortex";
import type { Fetch, FetchOptions, FetchResult, FetchTrust } from "cortex";
import { createDeadline } from "../deadline.ts";
import type { Deadline } from "../deadline.ts";
import { type EgressPolicy, INSIDE } from "./egress.ts";
import { tlsFor } from "./server-trust.ts";

const errors = defineErrors("fetch", {
  refused: "forbidden",
  untrusted: "unavailable",
  timeout: "timeout",
  failed: "unavailable",
});

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
/** A name with dozens of addresses must not multiply the attempts. */
const MAX_ADDRESSES = 4;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface FetchPortOptions {
  /** Where requests may go; default everywhere but metadata services. */
  policy?: EgressPolicy;
  /** A proxy that is asked instead, as a URL; it looks names up itself. Default none. */
  proxy?: () => string | null;
  /** Name → addresses; default the system's resolver (with /etc/hosts). */
  resolve?: (host: string) => Promise<string[]>;
}

interface Request {
  url: URL;
  method: NonNullable<FetchOptions["method"]>;
  headers: Record<string, string>;
  body: FetchOptions["body"];
  trust: FetchTrust;
}

/** Set by the client itself. */
const OWN_HEADERS = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "proxy-authorization",
];

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

/** The request that a redirect leads to; null when it is none, or one that is not followed. */
function redirectOf(request: Request, response: Response): Request | null {
  const location = response.headers.get("location");
  if (!REDIRECTS.includes(response.status) || location === null) return null;
  const url = parseUrl(new URL(location, request.url).href);
  if (request.url.protocol === "https:" && url.protocol === "http:") return null;
  // 303 always, 301 and 302 by custom turn a POST into a GET (RFC 9110, 15.4).
  const becomesGet = response.status === 303 || (response.status < 303 && request.method === "POST");
  const next =
    becomesGet && request.method !== "HEAD" ? { method: "GET" as const, body: undefined } : request;
  const same = url.origin === request.url.origin;
  if (!same && next.body !== undefined) return null;
  const { method, body } = next;
  return { url, method, body, headers: same ? request.headers : {}, trust: same ? request.trust : {} };
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
  const policy = port.policy ?? INSIDE;
  const resolve =
    port.resolve ?? (async (host) => (await lookup(host, { all: true })).map((found) => found.address));

  const proxyNow = () => port.proxy?.() ?? null;

  /**
   * The addresses to connect to; null stands for the proxy, which looks names up itself and has rules of its own for them.
   * A name is looked up once: what was judged is what is connected to.
   */
  async function destinationsOf(url: URL, deadline: Deadline): Promise<(string | null)[]> {
    const host = hostOf(url);
    const badPort = policy.refusesPort(host, portOf(url));
    if (badPort !== null) throw errors.refused(`${url.host}: ${badPort}`);
    const byProxy = proxyNow() !== null;
    if (byProxy && !isIP(host)) return [null];
    const addresses = isIP(host) ? [host] : await deadline.race(resolve(host));
    if (addresses.length === 0) throw errors.failed(`${host} has no address`);
    for (const address of addresses) {
      const reason = policy.refusesAddress(host, address, portOf(url));
      if (reason !== null) throw errors.refused(`${url.host} leads to ${reason}`);
    }
    return byProxy ? [null] : addresses.slice(0, MAX_ADDRESSES);
  }

  async function connect(request: Request, address: string | null, deadline: Deadline): Promise<Response> {
    const { url, trust } = request;
    const host = hostOf(url);
    const target = new URL(url);
    if (address !== null) target.hostname = address.includes(":") ? `[${address}]` : address;
    const endpoint = { address: address ?? host, port: portOf(url), host };
    if (address === null && trust.fingerprint !== undefined)
      throw errors.refused(
        `${url.host}: a fingerprint can't be checked through a proxy; give the authority (ca)`,
      );
    return fetch(target, {
      method: request.method,
      body: request.body,
      headers: {
        "user-agent": "cortex",
        ...request.headers,
        host: url.host,
        "accept-encoding": "identity",
      },
      redirect: "manual",
      signal: deadline.signal,
      keepalive: false,
      decompress: false,
      // An empty string does not switch off HTTP_PROXY in Bun; only false does, which its types don't know.
      proxy: (address === null ? proxyNow() : null) ?? (false as unknown as string),
      ...(url.protocol === "https:" ? { tls: await tlsFor(endpoint, trust, deadline) } : {}),
    });
  }

  async function send(request: Request, deadline: Deadline): Promise<Response> {
    const addresses = await destinationsOf(request.url, deadline);
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
    if (sizeOf(options.body) > MAX_BODY_BYTES)
      throw errors.refused(`${url.host}: a body may have ${MAX_BODY_BYTES} bytes; send less at a time`);
    options.signal?.throwIfAborted();
    const started = performance.now();
    const deadline = createDeadline(timeoutMs, options.signal);
    try {
      const { method = "GET", headers = {}, body, trust = {} } = options;
      const first = { url, method, headers: ownHeadersOut(headers), body, trust };
      const response = await exchange(first, options, deadline);
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
      const code = String((error as { code?: unknown }).code ?? "");
      const about = { details: { reason: code }, cause: error };
      if (CERTIFICATE_ERROR.test(code))
        throw errors.untrusted(
          `${url.host}: its certificate is not accepted (${certificateReason(code)})`,
          about,
        );
      throw errors.failed(`${url.host}: ${reasonOf(error)}`, about);
    } finally {
      deadline.end();
    }
  };
}

const portOf = (url: URL) => Number(url.port || (url.protocol === "https:" ? 443 : 80));
const sizeOf = (body: FetchOptions["body"]) => (body === undefined ? 0 : Buffer.byteLength(body));

function ownHeadersOut(headers: Record<string, string>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lower.filter(([name]) => !OWN_HEADERS.includes(name)));
}

/** Codes of OpenSSL's verification, as Bun gives them. */
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ISSUER/;

function certificateReason(code: string): string {
  if (code === "CERT_HAS_EXPIRED") return "it has expired";
  if (code === "CERT_NOT_YET_VALID") return "it is not valid yet";
  if (code.includes("ALTNAME")) return "it is for another name";
  return "no known authority has signed it; give its fingerprint if it is the right one";
}

/** Bun's sentence ends in advice about its own options, which nobody can follow here. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") return "connection refused";
  if (code === "ConnectionClosed" || code === "ECONNRESET")
    return "the connection was closed before an answer";
  if (code === "ENOTFOUND" || code === "DNS_ENOTFOUND") return "the name is not known";
  return messageOf(error);
}
