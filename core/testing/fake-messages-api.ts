/**
 * A small server on loopback that speaks the Messages API as the client library of today expects it, and breaks in all the
 * ways the real one does. What it answers is chosen by the name of the model.
 */
import type { Server } from "bun";
import type { Fetch } from "cortex";
import { createFetch } from "../ports/fetch.ts";

export interface FakeMessagesApi {
  url: string;
  /** The real client of plugins, allowed to come here. */
  fetch: Fetch;
  /** Bodies of the requests that came, as sent. */
  requests: { headers: Record<string, string>; body: Record<string, unknown> }[];
  /** What models named `script-…` answer next; the last one repeats. */
  script(answers: FakeAnswer[]): void;
  stop(): Promise<void>;
}

export type FakeAnswer =
  | { json: unknown; stop?: string; texts?: string[]; usage?: Partial<Usage> }
  | { status: number; headers?: Record<string, string>; html?: boolean }
  | { slowHeadersMs: number }
  | { cutBody: true };

interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
}

const yes = {
  verdict: "allow",
  reason: "ok",
  missing_evidence: [],
  confidence: 0.95,
  explanation: "One unit, reversible, measured by the agent (f1).",
};
const person = { ...yes, verdict: "human", reason: "judge_doubts", confidence: 0.4 };
const no = { ...yes, verdict: "deny", reason: "judge_denies" };

const BY_MODEL: Record<string, FakeAnswer> = {
  allow: { json: yes },
  evil: { json: { ...yes, confidence: 1 } },
  human: { json: person },
  deny: { json: no },
  unsure: { json: { ...yes, confidence: 0.2 } },
  refusal: { json: "", stop: "refusal", texts: [] },
  truncated: { json: '{"verdict":"al', stop: "max_tokens" },
  window: { json: "", stop: "model_context_window_exceeded" },
  "unknown-stop": { json: yes, stop: "compaction" },
  empty: { json: "", texts: [] },
  "two-texts": { json: "", texts: [JSON.stringify(yes), JSON.stringify(yes)] },
  prose: { json: "Sure! I allow it." },
  "extra-field": { json: { ...yes, kind: "human" } },
  "bad-enum": { json: { ...yes, verdict: "approve" } },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  "too-large": { status: 413 },
  "rate-limited": { status: 429, headers: { "retry-after-ms": "5" } },
  "rate-limited-final": { status: 429, headers: { "x-should-retry": "false" } },
  broken: { status: 500 },
  "bad-gateway": { status: 502, html: true },
  overloaded: { status: 529 },
  "slow-headers": { slowHeadersMs: 5000 },
  "cut-body": { cutBody: true },
};

export function startFakeMessagesApi(): FakeMessagesApi {
  const requests: FakeMessagesApi["requests"] = [];
  let scripted: FakeAnswer[] = [];
  const stopping = new AbortController();
  const server: Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (new URL(request.url).pathname !== "/v1/messages" || request.method !== "POST")
        return problem(404, "not_found_error", "there is nothing here");
      const body = (await request.json()) as Record<string, unknown>;
      requests.push({ headers: Object.fromEntries(request.headers), body });
      return misuse(request, body) ?? (await answer(String(body["model"])));
    },
  });

  async function answer(model: string): Promise<Response> {
    const scriptedNext = scripted.length > 1 ? scripted.shift()! : scripted[0];
    const chosen = model.startsWith("script") && scriptedNext !== undefined ? scriptedNext : BY_MODEL[model];
    if (chosen === undefined) return problem(404, "not_found_error", `model: ${model}`);
    if ("status" in chosen) {
      const { status, headers = {}, html } = chosen;
      if (html)
        return new Response("<html>bad gateway</html>", { status, headers: { "content-type": "text/html" } });
      return problem(status, status === 529 ? "overloaded_error" : "api_error", "no", headers);
    }
    if ("slowHeadersMs" in chosen) {
      await sleep(chosen.slowHeadersMs, stopping.signal);
      return message(model, { json: yes });
    }
    if ("cutBody" in chosen)
      return new Response('{"id":"msg_1","type":"mess', { headers: { "content-type": "application/json" } });
    return message(model, chosen);
  }

  return {
    url: `http://127.0.0.1:${server.port}`,
    fetch: createFetch(),
    requests,
    script(answers) {
      scripted = [...answers];
    },
    async stop() {
      stopping.abort();
      await server.stop(true);
    },
  };
}

/** What the API of today refuses. */
function misuse(request: Request, body: Record<string, unknown>): Response | null {
  const key = request.headers.get("authorization") ?? request.headers.get("x-api-key");
  if (key === null) return problem(401, "authentication_error", "no key");
  if (request.headers.get("anthropic-version") === null)
    return problem(400, "invalid_request_error", "anthropic-version: header is required");
  const gone = ["temperature", "top_p", "top_k"].find((name) => name in body);
  if (gone !== undefined) return problem(400, "invalid_request_error", `${gone}: no longer supported`);
  if ("tools" in body || "tool_choice" in body)
    return problem(400, "invalid_request_error", "a judge has no tools");
  return null;
}

function message(model: string, chosen: Extract<FakeAnswer, { json: unknown }>): Response {
  const { json, stop = "end_turn", usage = {} } = chosen;
  const texts = chosen.texts ?? [typeof json === "string" ? json : JSON.stringify(json)];
  return Response.json(
    {
      id: `msg_${crypto.randomUUID().slice(0, 8)}`,
      type: "message",
      role: "assistant",
      model,
      content: texts.map((text) => ({ type: "text", text })),
      stop_reason: stop,
      stop_sequence: null,
      ...(stop === "refusal" ? { stop_details: { category: "cyber" } } : {}),
      usage: {
        input_tokens: 1000,
        output_tokens: 100,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        ...usage,
      },
    },
    { headers: { "request-id": `req_${crypto.randomUUID().slice(0, 8)}` } },
  );
}

const problem = (
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
): Response => Response.json({ type: "error", error: { type, message: text } }, { status, headers });

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
