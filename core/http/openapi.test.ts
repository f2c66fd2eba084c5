import { expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { createTestApi } from "../testing/test-api.ts";
import { routes } from "./routes.ts";

interface Operation {
  operationId: string;
  summary: string;
  security: object[];
  responses: Record<string, { description: string }>;
  requestBody?: { content: Record<string, unknown> };
}

async function loadDocument() {
  const api = createTestApi();
  const key = await api.createKey("viewer");
  const { status, json } = await api.send("GET", "/swagger/json", { key });
  expect(status).toBe(200);
  return json as unknown as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: object; securitySchemes: object };
  };
}

test("the document is valid OpenAPI 3.1", async () => {
  const document = await loadDocument();
  expect(document.openapi).toStartWith("3.1");
  const result = await new Validator().validate(document);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
});

test("every route is in it, with a name, a summary and what it asks of the caller", async () => {
  const { paths } = await loadDocument();
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  const ids = described.map((operation) => operation.operationId);
  expect(ids.toSorted()).toEqual(routes.map((route) => route.operationId).toSorted());
  for (const route of routes) {
    const operation = described.find((one) => one.operationId === route.operationId)!;
    expect(operation.summary).toBe(route.summary);
    expect(operation.security.length === 0).toBe(route.access === "public");
    const status = route.status ?? (route.method === "WS" ? 101 : 200);
    expect([route.operationId, Object.keys(operation.responses)]).toEqual([
      route.operationId,
      expect.arrayContaining([String(status), "400", "404", "429"]),
    ]);
    if (route.body) expect(Object.keys(operation.requestBody!.content)).toEqual(["application/json"]);
  }
});

test("every reference leads somewhere", async () => {
  const document = await loadDocument();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
  expect(references.length).toBeGreaterThan(10);
  for (const path of new Set(references)) {
    let at: unknown = document;
    for (const part of path.split("/")) at = (at as Record<string, unknown>)[part];
    expect([path, typeof at]).toEqual([path, "object"]);
  }
});

test("the page and its files come from inside the program", async () => {
  const api = createTestApi();
  const key = await api.createKey("viewer");
  const page = await api.send("GET", "/swagger", { key });
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(files).toEqual(["/swagger/swagger-ui.css", "/swagger/swagger-ui-bundle.js", "/swagger/start.js"]);
  for (const path of files) {
    const file = await api.send("GET", path, { key });
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.text.length).toBeGreaterThan(100);
  }
  for (const path of ["/swagger/package.json", "/swagger/..%2f..%2fpackage.json", "/swagger/__proto__"])
    expect((await api.send("GET", path, { key })).status).toBe(404);
});
