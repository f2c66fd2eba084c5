/**
 * The OpenAPI document, made from the route table. The table is mounted once more, with its schemas and without its
 * handlers, on an application that only describes.
 */
import { openapi } from "@elysiajs/openapi";
import { Elysia } from "elysia";
import * as z from "zod";
import * as items from "../monitor/items.ts";
import { isSchema, type Route } from "./route.ts";
import { routes } from "./routes.ts";
import { userItem } from "./routes/accounts.ts";
import { auditItem } from "./routes/audit.ts";
import { keyItem } from "./routes/keys.ts";
import { sessionItem } from "./routes/sessions.ts";
import { session } from "./routes/auth.ts";
import { settings } from "./routes/settings.ts";

const error = z.strictObject({
  error: z.strictObject({
    code: z.string().describe("Stable, for programs"),
    message: z.string().describe("One sentence for people"),
    id: z.string().describe("Of this answer; after a 5xx the log has the details under it"),
  }),
});

/** Schemas with a name of their own in the document. */
const MODELS = {
  Node: items.nodeItem,
  NodeDetail: items.nodeDetail,
  Problem: items.problemItem,
  Intent: items.intentItem,
  Inspection: items.inspectionItem,
  Check: items.checkItem,
  Repair: items.repairItem,
  Plugin: items.pluginItem,
  Maintenance: items.maintenanceItem,
  User: userItem,
  Key: keyItem,
  Session: sessionItem,
  Audit: auditItem,
  Settings: settings,
  CurrentSession: session,
  Error: error,
};

/** Statuses that every route may answer with; 403 where it asks who is calling. */
const ERRORS = ["400", "401", "403", "404", "429"];

let cached: { version: string; document: Promise<Record<string, unknown>> } | null = null;

export function openapiDocument(version: string): Promise<Record<string, unknown>> {
  if (cached?.version !== version) cached = { version, document: build(version) };
  return cached.document;
}

async function build(version: string): Promise<Record<string, unknown>> {
  const app = new Elysia().model(MODELS).use(
    openapi({
      path: "/document",
      provider: null,
      documentation: {
        info: { title: "Cortex", version, description: "Everything the dashboard does, this API does." },
        components: {
          securitySchemes: {
            key: { type: "http", scheme: "bearer", description: "API key: Authorization: Bearer cxk_…" },
            session: { type: "apiKey", in: "cookie", name: "__Host-cortex" },
          },
        },
      },
    }),
  );
  for (const route of routes) describeOn(app as unknown as Elysia, route);
  const response = await app.handle(new Request("http://localhost/document/json"));
  const document = (await response.json()) as Document & Record<string, unknown>;
  for (const route of routes) describeMedia(document, route);
  return document;
}

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}

const statusOf = ({ method, status }: Route) => status ?? (method === "WS" ? 101 : 200);
const methodOf = ({ method }: Route) => (method === "WS" ? "GET" : method);

/** Answers that are not JSON: the generator knows schemas only. */
function describeMedia(document: Document, route: Route): void {
  const { response, path } = route;
  if (isSchema(response)) return;
  const operation = document.paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[methodOf(route).toLowerCase()];
  if (!operation) return;
  operation.responses[statusOf(route)] = {
    description: response.description,
    content: { [response.mediaType]: { schema: { type: "string" } } },
  };
}

function describeOn(app: Elysia, route: Route): void {
  const { access, params, query, body, response } = route;
  const responses: Record<string, unknown> = {};
  if (isSchema(response)) responses[statusOf(route)] = modelName(response) ?? response;
  for (const code of ERRORS) if (access !== "public" || code !== "403") responses[code] = "Error";
  app.route(
    methodOf(route),
    route.path,
    (() => "") as never,
    {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body, parse: "json" }),
      response: responses,
      detail: {
        operationId: route.operationId,
        summary: route.summary,
        tags: route.tags,
        security: access === "public" ? [] : [{ key: [] }, { session: [] }],
      },
    } as never,
  );
}

function modelName(schema: z.ZodType): string | null {
  for (const [name, model] of Object.entries(MODELS)) if (model === schema) return name;
  return null;
}
