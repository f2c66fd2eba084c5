/** Reading request bodies: within a size and within a time. */
import type { Clock } from "cortex";
import { httpErrors } from "../errors.ts";
import { parseJson } from "./json.ts";

const JSON_TYPE = /^application\/json(\s*;\s*charset=utf-8)?$/i;

/** A body may trickle in for this long; the largest one takes 40 KB/s. */
const RECEIVE_MS = 30_000;

/**
 * The parsed JSON body. Too much is refused by its announced length, or as soon as it has come in; what is compressed is
 * refused unread, because a few bytes may stand for gigabytes.
 */
export async function readJson(request: Request, maxBytes: number, clock: Clock): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? ""))
    throw httpErrors.media_type("send the body as application/json");
  if (request.headers.has("content-encoding"))
    throw httpErrors.media_type("send the body without a content-encoding");
  return parseJson(await readText(request, maxBytes, clock));
}

export function assertSize(request: Request, maxBytes: number): void {
  const announced = request.headers.get("content-length");
  if (announced !== null && !(Number(announced) <= maxBytes)) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number) => httpErrors.too_large(`a body may have at most ${maxBytes} bytes`);

/** Ends what is still coming in when the time is over. */
export async function readText(request: Request, maxBytes: number, clock: Clock): Promise<string> {
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  let late = false;
  const cancel = clock.after(RECEIVE_MS, () => {
    late = true;
    void reader.cancel().catch(() => {});
  });
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        // Not for the log: anybody can hang up.
        throw httpErrors.bad_request("the body ended before it was whole");
      });
      if (late) throw httpErrors.too_slow(`the body took longer than ${RECEIVE_MS / 1000} s`);
      if (done) return text + decoder.decode();
      bytes += value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    cancel();
  }
}
