/**
 * The one table of routes. Each entry says who may use it; an entry that does not say so can't be written. Handlers get
 * input that passed its schema and exactly one principal.
 */
import type { Principal, Role } from "cortex";
import { defineErrors } from "cortex";
import type * as z from "zod";
import type { Services } from "./services.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE" | "WS";

/** `loopback`: without a principal for clients on the loopback address, where the config says so. */
export type Access = "public" | { roles: readonly Role[]; loopback?: true };

export const VIEWERS: Access = { roles: ["viewer", "operator", "admin"] };
export const OPERATORS: Access = { roles: ["operator", "admin"] };
export const ADMINS: Access = { roles: ["admin"] };
export const NODES: Access = { roles: ["node"] };

export interface Call<P = unknown, Q = unknown, B = unknown> {
  services: Services;
  /** Who asks; public routes have nobody. */
  principal: Principal;
  params: P;
  query: Q;
  body: B;
  ip: string;
  request: Request;
}

/** JSON by schema, or something else by its media type. */
export type ResponseSpec = z.ZodType | { mediaType: string; description: string };

export interface RouteSpec<P, Q, B> {
  method: Method;
  /** With `:name` for parameters. */
  path: string;
  access: Access;
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

export type Route = Omit<RouteSpec<unknown, unknown, unknown>, "handler"> & {
  handler(call: Call): unknown;
};

export function defineRoute<P = Record<string, never>, Q = Record<string, never>, B = undefined>(
  spec: RouteSpec<P, Q, B>,
): Route {
  return spec as unknown as Route;
}

const errors = defineErrors("http", { duplicate_route: "internal" });

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
        : access.roles.join(",") + (access.loopback ? " or loopback by config" : "");
    return `${path} ${method} ${who}`;
  });
  return `${lines.toSorted().join("\n")}\n`;
}

export const isSchema = (response: ResponseSpec): response is z.ZodType => !("mediaType" in response);
