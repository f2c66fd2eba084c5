/** Where the API listens: address and port for people and programs, a unix socket for the command line. */
import { CortexError } from "cortex";
import { type Listener, listen, type TlsIdentity } from "../ports/network/http-server.ts";
import { type Api, LOCAL } from "./app.ts";
import { type TlsSettings, wantsTls } from "../ports/network/server-certificate.ts";
import { isLoopbackAddress, parseListen } from "./door/origin.ts";

export interface ServeOptions {
  /** `server.listen`. */
  listen: string;
  /** `DATA/cortex.sock`; null for none. Whoever can open it (mode 0600) is the local administrator. */
  socket: string | null;
  /** Certificate and key; null for plain HTTP. */
  tls?: TlsIdentity | null;
}

export interface Served {
  /** `https://127.0.0.1:7600`, or with `http` without TLS. */
  url: string;
  port: number;
  /** Serve new connections with another certificate. */
  replaceTls(tls: TlsIdentity): void;
  stop(graceMs?: number): Promise<void>;
}

export function isLoopbackListen(listen: string): boolean {
  const host = parseListen(listen)?.host ?? "";
  return host === "localhost" || isLoopbackAddress(host);
}

const notAnAddress = () =>
  new CortexError(
    "http.listen_invalid",
    "invalid",
    'server.listen must be an address and a port, such as "127.0.0.1:7600"',
  );

/** Passwords and keys don't cross a network in plain text unless somebody wrote that they may. Errors: `config.insecure_http`, `http.listen_invalid`. */
export function assertSafeTransport(server: {
  listen: string;
  tls: TlsSettings;
  allow_insecure_http: boolean;
}): void {
  if (parseListen(server.listen) === null) throw notAnAddress();
  if (wantsTls(server.tls) || server.allow_insecure_http || isLoopbackListen(server.listen)) return;
  throw new CortexError(
    "config.insecure_http",
    "invalid",
    `server.listen ${server.listen} would send passwords and keys over the network in plain text: set server.tls ` +
      "(self_signed: true for a laboratory), or listen on 127.0.0.1 behind a proxy, or set server.allow_insecure_http: true",
  );
}

/** Hard limit of the server. The API's own, `server.max_body`, is far below it and answers with a message. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Errors: `http.port_in_use`, `http.port_denied`, `http.listen_failed`, `http.listen_invalid`. */
export async function serve(api: Api, options: ServeOptions): Promise<Served> {
  const { socket } = options;
  const at = parseListen(options.listen);
  if (at === null) throw notAnAddress();
  const maxBodyBytes = MAX_BODY_BYTES;
  const listeners: Listener[] = [
    listen({ at, maxBodyBytes, handle: api.handle, ...(options.tls ? { tls: options.tls } : {}) }),
  ];
  const stop = async (graceMs?: number) => {
    api.stop();
    await Promise.all(listeners.map((listener) => listener.stop(graceMs)));
  };
  try {
    if (socket !== null)
      listeners.push(
        listen({
          at: { path: socket },
          maxBodyBytes,
          handle: (request, source) => api.handle(request, { ...source, principal: LOCAL }),
        }),
      );
  } catch (error) {
    await stop(0);
    throw error;
  }
  api.start();
  const port = listeners[0]!.port;
  const host = at.host.includes(":") ? `[${at.host}]` : at.host;
  const shown = host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host;
  const scheme = options.tls ? "https" : "http";
  return {
    url: `${scheme}://${shown}:${port}`,
    port,
    stop,
    replaceTls: (tls) => listeners[0]!.replaceTls(tls),
  };
}
