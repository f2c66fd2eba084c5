/**
 * The one table of routes. Each entry says who may use it; an entry that does not say so can't be written. Handlers get
 * input that passed its schema and exactly one principal.
 */
import { defineErrors, type Permission, PERMISSIONS, type Principal } from "cortex";
import type * as z from "zod";
import type { RouteRate } from "./door/rates.ts";
import type { NodeScope } from "../access/node-scope.ts";
import type { Services } from "./services.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE" | "WS";

/**
 * What of the tree a route is about, and so where its permission must be held:
 * `tree` on the whole tree; `filtered` anywhere, and the handler shows only nodes of `call.scope`; `objects` on each node
 * that path, query or body name; `self` and `node`: only about who asks, a person or program, or a node.
 */
export const ROUTE_SCOPES = ["tree", "filtered", "objects", "self", "node"] as const;

export interface Guard {
  permission: Permission;
  scope: (typeof ROUTE_SCOPES)[number];
  /** A session must have proved itself within the last five minutes. */
  recent?: true;
  /** A limit of its own besides that of all requests; see rates.ts. */
  rate?: RouteRate;
  /** For scope node: only with the node's signature; an API key has no proof of who sent a message, nor of its order. */
  signed?: true;
  /** Also without a principal for clients on the loopback address, where the config says so. */
  loopback?: true;
}
export type Access = "public" | Guard;

export interface Call<P = unknown, Q = unknown, B = unknown> {
  services: Services;
  /** Who asks; public routes have nobody. */
  principal: Principal;
  /** The nodes on which the principal has the route's permission. */
  scope: NodeScope;
  params: P;
  query: Q;
  body: B;
  ip: string;
  request: Request;
  /** Another request to this API in the name of who asks: it goes through everything again, from the permission on. */
  resend(request: Request): Promise<Response>;
}

/** JSON by schema, or something else by its media type. */
export type ResponseSpec = z.ZodType | { mediaType: string; description: string };

export interface RouteSpec<P, Q, B> {
  method: Method;
  /** With `:name` for parameters. */
  path: string;
  access: Access;
  /**
   * For scope `objects`: ids of the nodes that the input names. Each is checked before the handler runs; one that is not
   * visible is answered like one that does not exist.
   */
  objects?(input: Pick<Call<P, Q, B>, "params" | "query" | "body">): string[];
  operationId: string;
  summary: string;
  tags: string[];
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  body?: z.ZodType<B>;
  response: ResponseSpec;
  /** Status of a success, default 200. */
  status?: number;
  /** What is returned becomes JSON; a Response is passed on with the headers of all answers. */
  handler(call: Call<P, Q, B>): unknown;
}

export type Route = Omit<RouteSpec<unknown, unknown, unknown>, "handler" | "objects"> & {
  handler(call: Call): unknown;
  objects?(input: Pick<Call, "params" | "query" | "body">): string[];
};

export function defineRoute<P = Record<string, never>, Q = Record<string, never>, B = undefined>(
  spec: RouteSpec<P, Q, B>,
): Route {
  return spec as unknown as Route;
}

const errors = defineErrors("http", { duplicate_route: "internal", access_missing: "internal" });

/** A route that does not say who may use it does not start: nothing is open by having been forgotten. */
export function assertComplete(routes: readonly Route[]): void {
  for (const route of routes) {
    const fault = faultOf(route);
    if (fault !== null)
      throw errors.access_missing(`${route.method} ${route.path} (${route.operationId}): ${fault}`);
  }
}

function faultOf({ access, objects, method, path }: Route): string | null {
  if (access === "public")
    return path.startsWith("/api/") && !path.startsWith("/api/v1/auth/")
      ? "inside /api only the routes of auth are public"
      : null;
  if (typeof access !== "object" || access === null) return "has no access entry";
  const { permission, scope } = access;
  if (!PERMISSIONS.includes(permission)) return "names no known permission";
  if (!ROUTE_SCOPES.includes(scope)) return "names no known scope";
  if ((scope === "self") !== (permission === "self")) return "scope self goes with permission self";
  if ((scope === "node") !== (permission === "node.send")) return "scope node goes with permission node.send";
  if (access.signed && scope !== "node") return "signed goes with scope node";
  if ((scope === "objects") !== (objects !== undefined))
    return "scope objects goes with a function that names the nodes";
  if (access.loopback && method !== "GET") return "only reading is open on loopback";
  return null;
}

/** Elysia lets a later route silently replace an earlier one, so the table is compared before it is mounted. */
export function assertNoDuplicates(routes: readonly Route[]): void {
  const owners = new Map<string, Route>();
  for (const route of routes) {
    const key = `${route.method === "WS" ? "GET" : route.method} ${route.path.replaceAll(/:[^/]+/g, ":")}`;
    const other = owners.get(key);
    if (other)
      throw errors.duplicate_route(`${key} is declared by ${other.operationId} and by ${route.operationId}`);
    owners.set(key, route);
  }
}

/** One line per route, sorted; the golden file of access. */
export function describeRoutes(routes: readonly Route[]): string {
  const lines = routes.map(({ method, path, access }) => {
    const who =
      access === "public"
        ? "public"
        : `${access.permission} ${access.scope}${access.recent ? " recent" : ""}${access.signed ? " signed" : ""}` +
          (access.loopback ? " or loopback by config" : "");
    return `${path} ${method} ${who}`;
  });
  return `${lines.toSorted().join("\n")}\n`;
}

export const isSchema = (response: ResponseSpec): response is z.ZodType => !("mediaType" in response);
