/** The API described, and a page to try it: both from inside the program, nothing from a CDN. */
import * as z from "zod";
import { SWAGGER_CSP } from "../door/headers.ts";
import { httpErrors } from "../errors.ts";
import { defineRoute } from "../route.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cortex API</title>
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: "/swagger/json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});
`;

const file = (body: string | Uint8Array<ArrayBuffer>, type: string, cache = "no-cache") =>
  new Response(body, {
    headers: { "content-type": type, "cache-control": cache, "content-security-policy": SWAGGER_CSP },
  });

export const swaggerRoutes = [
  defineRoute({
    method: "GET",
    path: "/swagger",
    access: { permission: "self", scope: "self" },
    operationId: "swaggerPage",
    summary: "This API as a page",
    tags: ["system"],
    response: { mediaType: "text/html", description: "Swagger UI" },
    handler: () => file(PAGE, "text/html; charset=utf-8", "no-store"),
  }),
  defineRoute({
    method: "GET",
    path: "/swagger/json",
    access: { permission: "self", scope: "self" },
    operationId: "openapi",
    summary: "This API as an OpenAPI 3.1 document",
    tags: ["system"],
    response: z.record(z.string(), z.unknown()),
    handler: ({ services }) => services.document(),
  }),
  defineRoute({
    method: "GET",
    path: "/swagger/:file",
    access: { permission: "self", scope: "self" },
    operationId: "swaggerFile",
    summary: "Files of the page",
    tags: ["system"],
    params: z.strictObject({ file: z.string().max(100) }),
    response: { mediaType: "application/octet-stream", description: "Script or style sheet" },
    async handler({ params }) {
      if (params.file === "start.js") return file(START, "text/javascript; charset=utf-8");
      const found = await (await import("../swagger-files.ts")).swaggerFile(params.file);
      if (!found) throw httpErrors.not_found("there is nothing here");
      return file(found.body, found.type);
    },
  }),
];
