/** The `fetch` that client libraries expect, over the one of the plugin: its limits hold for them, too. */
import type { Fetch } from "cortex";

const MAX_BYTES = 2 ** 20;

export function asWebFetch(fetch: Fetch, timeoutMs: number): typeof globalThis.fetch {
  const webFetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(input, init);
    const method = request.method === "POST" ? "POST" : "GET";
    const answer = await fetch(request.url, {
      method,
      headers: Object.fromEntries(request.headers),
      ...(method === "POST" ? { body: await request.text() } : {}),
      timeoutMs,
      maxBytes: MAX_BYTES,
      signal: init.signal ?? request.signal,
    });
    const isEmpty = [101, 204, 205, 304].includes(answer.status);
    return new Response(isEmpty ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
  return webFetch as typeof globalThis.fetch;
}
