/** The Model Context Protocol for assistants, with the principals, scopes and limits of the REST API. */
import { CortexError, PERMISSIONS } from "cortex";
import * as z from "zod";
import { canSomewhere } from "../../domain/access.ts";
import type { McpApi } from "../../mcp/api.ts";
import type { McpEndpoint } from "../../mcp/server.ts";
import { httpErrors, kindOfStatus } from "../errors.ts";
import { hostOf, isOwnOrigin } from "../door/origin.ts";
import { type Call, defineRoute, type Method } from "../route.ts";
import type { Services } from "../services.ts";

const response = { mediaType: "application/json", description: "JSON-RPC of the Model Context Protocol" };

const endpoints = new WeakMap<Services, Promise<McpEndpoint>>();

/** The SDK is loaded with the first assistant; most Monitors never meet one. */
function endpointOf(services: Services): Promise<McpEndpoint> {
  let endpoint = endpoints.get(services);
  if (endpoint === undefined) {
    endpoint = import("../../mcp/server.ts").then(({ createMcpEndpoint }) =>
      createMcpEndpoint(services.version, (error) =>
        services.log.debug("An assistant's request was refused.", { reason: error.message }),
      ),
    );
    endpoints.set(services, endpoint);
  }
  return endpoint;
}

async function serve({ services, principal, request, body, resend }: Call): Promise<Response> {
  const origin = request.headers.get("origin");
  if (origin !== null && !isOwnOrigin(origin, hostOf(request)))
    throw httpErrors.cross_site("this request came from another site's page");
  // A browser sends its cookie by itself; an assistant has a key of its own.
  if (principal.kind === "user")
    throw httpErrors.bad_request("assistants come with an API key: cortex key create NAME --role viewer");
  const permissions = PERMISSIONS.filter((one) => canSomewhere(principal, one));
  const endpoint = await endpointOf(services);
  return endpoint.fetch(request, body, { api: apiOver(resend), permissions });
}

function apiOver(resend: Call["resend"]): McpApi {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? null : JSON.stringify(body);
    const headers: Record<string, string> = sent === null ? {} : { "content-type": "application/json" };
    const answer = await resend(
      new Request(`http://localhost/api/v1/${path}`, { method, headers, body: sent }),
    );
    const json: unknown = await answer.json();
    if (answer.ok) return json as T;
    const { error } = json as { error: { code: string; message: string } };
    throw new CortexError(error.code, kindOfStatus(answer.status), error.message);
  }
  return {
    get: (path, query = {}) => call("GET", `${path}?${new URLSearchParams(query).toString()}`),
    post: (path, body) => call("POST", path, body),
  };
}

const mcpRoute = (method: Method, operationId: string, summary: string, body?: z.ZodType<unknown>) =>
  defineRoute<unknown, unknown, unknown>({
    method,
    path: "/mcp",
    access: { permission: "fleet.read", scope: "filtered" },
    operationId,
    summary,
    tags: ["mcp"],
    ...(body === undefined ? {} : { body }),
    response,
    handler: (call) => serve(call as Call),
  });

export const mcpRoutes = [
  mcpRoute("POST", "mcp", "One message of an assistant", z.unknown()),
  // Both are answered as the protocol wants it: there are no sessions to listen to or to end.
  mcpRoute("GET", "mcpListen", "Not offered: there are no sessions"),
  mcpRoute("DELETE", "mcpEnd", "Not offered: there are no sessions"),
];
