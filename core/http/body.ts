/** Reading request bodies within a limit. */
import { httpErrors } from "./errors.ts";

const JSON_TYPE = /^application\/json(\s*;\s*charset=utf-8)?$/i;

/** The parsed JSON body. Too much is refused by its announced length, or as soon as it has come in. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? ""))
    throw httpErrors.media_type("send the body as application/json");
  if (request.headers.has("content-encoding"))
    throw httpErrors.media_type("send the body without a content-encoding");
  const text = await readText(request, maxBytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw httpErrors.bad_request("the body is not valid JSON");
  }
}

export function assertSize(request: Request, maxBytes: number): void {
  const announced = request.headers.get("content-length");
  if (announced !== null && !(Number(announced) <= maxBytes)) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number) => httpErrors.too_large(`a body may have at most ${maxBytes} bytes`);

async function readText(request: Request, maxBytes: number): Promise<string> {
  // The server reads no more than was announced, and `assertSize` has seen that.
  if (request.headers.has("content-length")) return request.text();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}
