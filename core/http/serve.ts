/** Where the API listens: address and port for people and programs, a unix socket for the command line. */
import { CortexError } from "cortex";
import { type Listener, listen } from "../ports/http-server.ts";
import { type Api, LOCAL } from "./api.ts";
import { parseListen } from "./origin.ts";

export interface ServeOptions {
  api: Api;
  /** `server.listen`. */
  listen: string;
  /** `DATA/cortex.sock`; null for none. Whoever can open it (mode 0600) is the local administrator. */
  socketPath: string | null;
  /** `server.max_body`. */
  maxBodyBytes: number;
}

export interface Served {
  /** `http://127.0.0.1:7600`. */
  url: string;
  port: number;
  stop(graceMs?: number): Promise<void>;
}

/** Room above the limit of the API, so that it and not Bun answers 413 with a message. */
const BODY_SLACK_BYTES = 4 * 1024 * 1024;

/** Errors: `http.port_in_use`, `http.port_denied`, `http.listen_failed`, `http.listen_invalid`. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { api, socketPath } = options;
  const at = parseListen(options.listen);
  if (at === null)
    throw new CortexError(
      "http.listen_invalid",
      "invalid",
      'server.listen must be an address and a port, such as "127.0.0.1:7600"',
    );
  const maxBodyBytes = options.maxBodyBytes + BODY_SLACK_BYTES;
  const listeners: Listener[] = [listen({ at, maxBodyBytes, handle: api.handle })];
  const stop = async (graceMs?: number) => {
    api.stop();
    await Promise.all(listeners.map((listener) => listener.stop(graceMs)));
  };
  try {
    if (socketPath !== null)
      listeners.push(
        listen({
          at: { path: socketPath },
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
  return { url: `http://${shown}:${port}`, port, stop };
}
