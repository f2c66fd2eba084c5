/** Swagger UI's own files, embedded in the program. */
import { readFile } from "node:fs/promises";
import script from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import style from "swagger-ui-dist/swagger-ui.css" with { type: "file" };

const FILES: Record<string, { path: string; type: string }> = {
  "swagger-ui-bundle.js": { path: script, type: "text/javascript; charset=utf-8" },
  "swagger-ui.css": { path: style, type: "text/css; charset=utf-8" },
};

export async function swaggerFile(
  name: string,
): Promise<{ body: Uint8Array<ArrayBuffer>; type: string } | null> {
  const file = Object.hasOwn(FILES, name) ? FILES[name]! : null;
  return file && { body: new Uint8Array(await readFile(file.path)), type: file.type };
}
