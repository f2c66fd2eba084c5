/** The HTTP application: the route table mounted on Elysia behind the one pipeline, the dashboard's files behind that. */
import type { Principal } from "cortex";
import { Elysia } from "elysia";
import type { RequestSource } from "../ports/network/http-server.ts";
import { clientAddress } from "./door/client-address.ts";
import { createAssetHandler } from "./assets.ts";
import { httpErrors } from "./errors.ts";
import { HSTS, withSecurityHeaders } from "./door/headers.ts";
import { createLiveSockets } from "./live.ts";
import { hostOf, isOwnOrigin } from "./door/origin.ts";
import { createPipeline, type Source } from "./door/pipeline.ts";
import { assertComplete, assertNoDuplicates, type Route } from "./route.ts";
import { routes } from "./routes.ts";
import type { Services } from "./services.ts";

export interface CallSource {
  /** Address of the peer; "" inside the program. */
  ip?: string;
  /** For calls over the unix socket and inside the program. */
  principal?: Principal;
  upgrade?: RequestSource["upgrade"];
}

export interface Api {
  /** undefined only after an accepted upgrade to a WebSocket. */
  handle(request: Request, source?: CallSource): Promise<Response | undefined>;
  /** Start and stop what lives beside requests: pings and the end of sockets whose session ended. */
  start(): void;
  stop(): void;
}

/** Who is on the other side of the unix socket, which only this account can open. */
export const LOCAL: Principal = { kind: "local", id: "local", name: "local", role: "admin", grants: [] };

export function createApi(services: Services): Api {
  const pipeline = createPipeline(
    services,
    async (request, source) => (await answer(request, source)) ?? new Response(null, { status: 426 }),
  );
  const live = createLiveSockets(services);
  const asset = createAssetHandler(services);
  /** Elysia passes on the request alone; how it came in is kept beside it. */
  const sources = new WeakMap<Request, CallSource>();
  const sourceOf = (request: Request): Source => {
    const { ip = "", principal } = sources.get(request) ?? {};
    return { ip: clientAddress(ip, request.headers, services.server().trusted_proxies), principal };
  };
  const app = mount(routes, (route, request, params) =>
    route.method === "WS"
      ? connect(route, request)
      : pipeline.serve(route, request, params, sourceOf(request)),
  ).onError({ as: "global" }, ({ code, error, request }) => {
    if (code !== "NOT_FOUND") return pipeline.fail(error);
    try {
      if (request.method !== "GET") throw httpErrors.not_found("there is nothing here");
      return asset(request);
    } catch (missing) {
      return pipeline.fail(missing);
    }
  });

  /** A browser opens a socket to us from any page and sends our cookie along, so the page must be ours. */
  async function connect(route: Route, request: Request): Promise<Response> {
    try {
      const principal = await pipeline.admit(route, request, sourceOf(request));
      const origin = request.headers.get("origin");
      if (origin === null ? principal.sessionId !== undefined : !isOwnOrigin(origin, hostOf(request)))
        throw httpErrors.cross_site("this socket was not opened by the dashboard's own pages");
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
        throw httpErrors.upgrade("this is a WebSocket; connect with one");
      const source = sources.get(request);
      if (!source?.upgrade?.(live.accept(principal)))
        throw httpErrors.upgrade("this is a WebSocket; connect with one");
      source.upgrade = undefined;
      return ACCEPTED;
    } catch (error) {
      return pipeline.fail(error);
    }
  }

  return {
    async handle(request, source = {}) {
      const response = await handleAny(request, source);
      // Only over TLS: a browser ignores it elsewhere (RFC 6797, 8.1), and loopback must stay reachable without.
      if (request.url.startsWith("https:")) response?.headers.set("strict-transport-security", HSTS);
      return response;
    },
    start: live.start,
    stop: live.stop,
  };

  async function handleAny(request: Request, source: CallSource): Promise<Response | undefined> {
    const refused = pipeline.refuse(request);
    if (refused) return refused;
    if (request.method !== "HEAD") return answer(request, source);
    const response = await answer(new Request(request.url, { headers: request.headers }), source);
    return response && new Response(null, { status: response.status, headers: response.headers });
  }

  async function answer(request: Request, source: CallSource): Promise<Response | undefined> {
    sources.set(request, { ...source });
    const response = await app.handle(request);
    return response === ACCEPTED ? undefined : withSecurityHeaders(response);
  }
}

/** Stands for "the socket was taken over"; never sent. */
const ACCEPTED = new Response(null, { status: 204 });

type Serve = (route: Route, request: Request, params: unknown) => Promise<Response>;

function mount(table: readonly Route[], serve: Serve): Elysia {
  assertNoDuplicates(table);
  assertComplete(table);
  const app = new Elysia({ name: "cortex" });
  for (const route of table)
    app.route(
      route.method === "WS" ? "GET" : route.method,
      route.path,
      ({ request, params }: { request: Request; params: unknown }) => serve(route, request, params),
      // Bodies are read by the pipeline, after it knows who sends them.
      { parse: "none" },
    );
  return app as unknown as Elysia;
}
