/**
 * What every request goes through, in this order: host, method, size, rate, one principal, permission, origin, schema, objects,
 * handler, headers. There is no other way to a handler.
 */
import type { Principal } from "cortex";
import type * as z from "zod";
import { actorOf } from "../../access/audit.ts";
import { nodeScopeOf } from "../../access/node-scope.ts";
import { assertSize, readJson, readText } from "./body.ts";
import { errorResponse, httpErrors } from "../errors.ts";
import { JSON_HEADERS, withSecurityHeaders } from "./headers.ts";
import { invalidInput } from "./invalid-input.ts";
import { createHostCheck, hostOf, isForwarded, isLoopbackAddress, isSameOrigin } from "./origin.ts";
import { canOnTree, canSomewhere } from "../../domain/access.ts";
import { createRates } from "./rates.ts";
import { type Guard, type Route } from "../route.ts";
import { unknownNode } from "../routes/common.ts";
import type { Services } from "../services.ts";
import { etagOf } from "../etag.ts";
import { openSigned, sealed } from "./signed.ts";

/** How a request came in. */
export interface Source {
  ip: string;
  /** Set for the unix socket and for calls inside the program: who is on that side is the local administrator. */
  principal?: Principal;
}

export const SESSION_COOKIE = "__Host-cortex";
/** Sent by a page that asks by itself, while nobody is at it: answered, but no use that keeps its session alive. */
export const UNATTENDED = "cortex-unattended";

const METHODS = new Set(["GET", "HEAD", "POST", "PATCH", "DELETE"]);
const NOBODY: Principal = { kind: "key", id: "", name: "nobody", role: "viewer", grants: [] };

/** `again`: the way in for requests that a route makes in the name of who asks. */
export function createPipeline(
  services: Services,
  again: (request: Request, source: Source) => Promise<Response>,
) {
  const { clock, log, access, server, newId, monitor, enrol } = services;
  const isAllowedHost = createHostCheck(server);
  const rates = createRates(clock, server);

  /** Exactly one credential, or nobody. A credential that is not valid is never the same as none. */
  async function identify(
    request: Request,
    source: Source,
    signer: Principal | null,
  ): Promise<Principal | null> {
    const bearer = signer ?? request.headers.get("authorization");
    const cookie = sessionCookieOf(request);
    const given = [bearer, cookie, source.principal].filter((one) => one !== null && one !== undefined);
    if (given.length > 1)
      throw httpErrors.two_credentials("send one credential: a session cookie or a key, not both");
    if (source.principal) return source.principal;
    if (signer !== null) return signer;
    if (given.length === 0) return null;
    const principal =
      cookie !== null
        ? access.fromCookie(cookie, !isUnattended(request))
        : await access.fromBearer(/^Bearer (\S+)$/i.exec(String(bearer))?.[1] ?? "", source.ip);
    if (principal !== null) return principal;
    rates.takeAnonymous(source.ip);
    // A session that ran out is nobody's attempt; a key that is none may be.
    if (bearer !== null)
      access.refusals.note({ kind: "auth.refused", actor: "nobody", payload: { ip: source.ip } });
    throw httpErrors.unauthenticated("this session or key is not valid (any more); log in again");
  }

  /** The node that signed the request. Only routes for nodes know signatures: on all others they are no credential. */
  async function open(route: Route, request: Request, { ip }: Source) {
    if (!isForNodes(route)) return null;
    const read = () => rates.whileReceiving(ip, () => readText(request, server().max_body, clock));
    try {
      return await openSigned(enrol, request, read);
    } catch (error) {
      rates.takeAnonymous(ip);
      throw error;
    }
  }

  async function admit(
    route: Route,
    request: Request,
    source: Source,
    signer: Principal | null = null,
  ): Promise<Principal> {
    if (route.access === "public") {
      rates.takeAnonymous(source.ip);
      return NOBODY;
    }
    const principal = await identify(request, source, signer);
    if (principal === null) {
      if (route.access.loopback && isOpenOnLoopback(request, source)) return NOBODY;
      rates.takeAnonymous(source.ip);
      throw httpErrors.unauthenticated("log in, or send a key as Authorization: Bearer KEY");
    }
    rates.takeOwn(principal);
    assertPermitted(route, route.access, principal, source);
    if (route.access.rate) rates.takeOfRoute(route.access.rate, principal);
    return principal;
  }

  function refused(route: Route, principal: Principal, { ip }: Source): void {
    access.refusals.note({
      kind: "access.refused",
      actor: actorOf(principal),
      payload: { operation: route.operationId, ip },
    });
  }

  function assertPermitted(
    route: Route,
    { permission, scope, recent, signed }: Guard,
    principal: Principal,
    source: Source,
  ): void {
    const permitted =
      scope === "tree" ? canOnTree(principal, permission) : canSomewhere(principal, permission);
    if (!permitted) refused(route, principal, source);
    if (!permitted && principal.mustEnrol)
      throw httpErrors.second_factor("this account must have a second factor; add one in the profile first");
    if (!permitted)
      throw httpErrors.permission(
        `this needs the permission ${permission}${scope === "tree" ? " on the whole tree" : ""}`,
      );
    if (signed && enrol.messages.stampOf(principal) === null)
      throw httpErrors.permission("the link takes signed messages only; join: cortex join");
    if (recent) access.assertRecent(principal);
  }

  const isOpenOnLoopback = (request: Request, source: Source) =>
    server().metrics_on_loopback && isLoopbackAddress(source.ip) && !isForwarded(request);

  /** A browser sends its cookie with whatever any page makes it send; only our own pages may write. */
  function assertOwnPage(route: Route, request: Request, principal: Principal): void {
    if (route.method === "GET" || route.method === "WS") return;
    const byBrowser = principal.sessionId !== undefined || route.access === "public";
    const saysWhere = request.headers.has("origin") || request.headers.has("sec-fetch-site");
    // Programs have no page: without a session they may leave both headers out.
    if (byBrowser && (saysWhere || principal.sessionId !== undefined) && !isSameOrigin(request))
      throw httpErrors.cross_site("this request did not come from the dashboard's own pages");
  }

  function receive(request: Request, principal: Principal, { ip }: Source): Promise<unknown> {
    const read = () => readJson(request, server().max_body, clock);
    return principal === NOBODY ? rates.whileReceiving(ip, read) : read();
  }

  async function run(route: Route, raw: Request, params: unknown, source: Source): Promise<Response> {
    assertSize(raw, server().max_body);
    const opened = await open(route, raw, source);
    const request = opened?.request ?? raw;
    const principal = await admit(route, request, source, opened?.principal);
    assertOwnPage(route, request, principal);
    const { access: guard, objects } = route;
    const scope = nodeScopeOf(principal, guard === "public" ? "self" : guard.permission, monitor.nodes);
    const call = {
      services,
      principal,
      scope,
      ip: source.ip,
      request,
      resend: (next: Request) => again(next, { ip: source.ip, principal }),
      params: parse("path", route.params, params ?? {}),
      query: parse("query", route.query, queryOf(request)),
      body: route.body && parse("body", route.body, await receive(request, principal, source)),
    };
    for (const id of objects?.(call) ?? [])
      if (!scope.has(id)) {
        // Also for ids that do not exist: who sees a part only can't tell the two apart, by time neither.
        if (!scope.whole) refused(route, principal, source);
        throw unknownNode();
      }
    const answer = await route.handler(call);
    if (answer instanceof Response) return withSecurityHeaders(answer);
    return json(request, answer, route.status ?? 200);
  }

  return {
    /** Host and method; everything that needs no route. null when the request may go on. */
    refuse(request: Request): Response | null {
      if (!isAllowedHost(hostOf(request)))
        return fail(
          httpErrors.host_refused(
            "this name is not served here; add it to server.allowed_hosts if it is yours",
          ),
        );
      if (!METHODS.has(request.method)) {
        const response = fail(httpErrors.method_refused("this method is not used here"));
        response.headers.set("allow", [...METHODS].join(", "));
        return response;
      }
      return null;
    },
    async serve(route: Route, request: Request, params: unknown, source: Source): Promise<Response> {
      const response = await run(route, request, params, source).catch(fail);
      return isForNodes(route) ? sealed(enrol, request, response) : response;
    },
    admit,
    fail,
  };

  function fail(error: unknown): Response {
    return errorResponse(error, newId(), log, services.redact);
  }
}

const isForNodes = ({ access }: Route): boolean => access !== "public" && access.scope === "node";

export type Pipeline = ReturnType<typeof createPipeline>;

function parse(where: "path" | "query" | "body", schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) {
    if (where !== "path" && Object.keys(value as object).length > 0)
      throw httpErrors.bad_request(`${where}: nothing is expected here`);
    return {};
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(where, schema, parsed.error, value);
  return parsed.data;
}

/** Search parameters as an object; a name that occurs twice is a list, which only list fields accept. */
function queryOf(request: Request): Record<string, string | string[]> {
  const at = request.url.indexOf("?");
  const query: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  if (at === -1) return query;
  for (const [name, value] of new URLSearchParams(request.url.slice(at + 1))) {
    const known = query[name];
    query[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return query;
}

/** Sockets are opened, and opened again, by pages themselves. */
const isUnattended = ({ headers }: Request): boolean => headers.has(UNATTENDED) || headers.has("upgrade");

const sessionCookieOf = (request: Request): string | null => cookieOf(request, SESSION_COOKIE);

export function cookieOf(request: Request, wanted: string): string | null {
  const header = request.headers.get("cookie");
  if (header === null) return null;
  for (const part of header.split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === wanted && value) return value;
  }
  return null;
}

function json(request: Request, value: unknown, status: number): Response {
  const text = JSON.stringify(value ?? {});
  if (request.method !== "GET") return new Response(text, { status, headers: JSON_HEADERS });
  const etag = etagOf(text);
  const headers = { ...JSON_HEADERS, etag };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(text, { status, headers });
}
