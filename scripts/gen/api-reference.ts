import { openapiDocument } from "../../core/http/openapi.ts";
import type { GeneratedFile } from "./files.ts";
import { code, GENERATED, table } from "./markdown.ts";

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; description?: string; required?: boolean }[];
}

/** docs/reference/api.md from the OpenAPI document that the program serves. */
export async function generateApiReference(): Promise<GeneratedFile[]> {
  const document = (await openapiDocument("")) as { paths: Record<string, Record<string, Operation>> };
  const operations = Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    )
    .sort((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method));
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "other");
  const parts = [
    GENERATED,
    "# HTTP API",
    "The running program serves the full description, with every schema, at `/swagger`.",
    ...[...groups.keys()].sort().flatMap((group) => [
      `## ${group}`,
      table(
        ["request", "what it does", "parameters"],
        groups
          .get(group)!
          .map(({ path, method, operation }) => [
            code(`${method} ${path}`),
            operation.summary ?? operation.description ?? "",
            (operation.parameters ?? []).map((one) => code(one.name)).join(" "),
          ]),
        "",
      ),
    ]),
  ];
  return [{ path: "docs/reference/api.md", content: `${parts.join("\n\n")}\n` }];
}
