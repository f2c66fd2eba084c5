/** Where the API listens: address and port for people and programs, a unix socket for the command line. */
import { CortexError } from "cortex";
import { type Listener, listen } from "../ports/http-server.ts";
import { type Api, LOCAL } from "./app.ts";
import { parseListen } from "./origin.ts";

export interface ServeOptions {
  /** `server.listen`. */
  listen: string;
  /** `DATA/cortex.sock`; null for none. Whoever can open it (mode 0600) is the local administrator. */
  socket: string | null;
}

export interface Served {
  /** `http://127.0.0.1:7600`. */
  url: string;
  port: number;
  stop(graceMs?: number): Promise<void>;
}

/** Hard limit of the server. The API's own, `server.max_body`, is far below it and answers with a message. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Errors: `http.port_in_use`, `http.port_denied`, `http.listen_failed`, `http.listen_invalid`. */
export async function serve(api: Api, options: ServeOptions): Promise<Served> {
  const { socket } = options;
  const at = parseListen(options.listen);
  if (at === null)
    throw new CortexError(
      "http.listen_invalid",
      "invalid",
      'server.listen must be an address and a port, such as "127.0.0.1:7600"',
    );
  const maxBodyBytes = MAX_BODY_BYTES;
  const listeners: Listener[] = [listen({ at, maxBodyBytes, handle: api.handle })];
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
  return { url: `http://${shown}:${port}`, port, stop };
}
