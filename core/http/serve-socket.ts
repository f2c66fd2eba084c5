/** An API on the unix socket alone: for a program that nobody but its own machine may ask. */
import { type Listener, listen } from "../ports/network/http-server.ts";
import { type Api, LOCAL } from "./app.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** Whoever can open the socket (mode 0600) is the local administrator. Errors: `http.listen_failed`. */
export function serveSocket(api: Api, path: string): Pick<Listener, "stop"> {
  api.start();
  return listen({
    at: { path },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: (request, source) => api.handle(request, { ...source, principal: LOCAL }),
  });
}
