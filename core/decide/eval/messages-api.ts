/**
 * The Messages API as the client library of today expects it, in all the ways in which the real one answers and breaks; whoever
 * serves this on loopback has an API without a model. What it answers is chosen by the name of the model.
 */

export interface MessagesApi {
  answer(request: Request): Promise<Response>;
  /** Bodies of the requests that came, as sent. */
  requests: { headers: Record<string, string>; body: Record<string, unknown> }[];
  /** What models named `script-…` answer next; the last one repeats. */
  script(answers: FakeAnswer[]): void;
  /** What the model named `thinks` answers to a question. */
  think(answer: (question: string) => FakeAnswer): void;
}

export type FakeAnswer =
  | FakeMessage
  | { status: number; headers?: Record<string, string>; html?: boolean }
  | { slowHeadersMs: number }
  | { cutBody: true }
  /** The connection is lost in the middle of the body. */
  | { lostBody: true }
  /** The body begins and never ends. */
  | { stalledBody: true };

export interface FakeMessage {
  json: unknown;
  stop?: string;
  texts?: string[];
  usage?: Partial<Usage>;
  /** Another model than the one that was asked. */
  model?: string;
}

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

const BY_MODEL: Readonly<Record<string, FakeAnswer>> = {
  allow: { json: yes },
  evil: { json: { ...yes, confidence: 1 } },
  human: { json: person },
  deny: { json: no },
  unsure: { json: { ...yes, confidence: 0.2 } },
  refusal: { json: "", stop: "refusal", texts: [] },
  truncated: { json: '{"verdict":"al', stop: "max_tokens" },
  window: { json: "", stop: "model_context_window_exceeded" },
  "unknown-stop": { json: yes, stop: "compaction" },
  paused: { json: yes, stop: "pause_turn" },
  empty: { json: "", texts: [] },
  "two-texts": { json: "", texts: [JSON.stringify(yes), JSON.stringify(yes)] },
  prose: { json: "Sure! I allow it." },
  "half-json": { json: '{"verdict":"allow","reason":"ok"' },
  "extra-field": { json: { ...yes, kind: "human" } },
  "bad-enum": { json: { ...yes, verdict: "approve" } },
  "other-model": { json: yes, model: "somebody-else" },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  "too-large": { status: 413 },
  "rate-limited": { status: 429, headers: { "retry-after-ms": "5" } },
  "rate-limited-seconds": { status: 429, headers: { "retry-after": "1" } },
  "rate-limited-final": { status: 429, headers: { "x-should-retry": "false" } },
  broken: { status: 500 },
  "bad-gateway": { status: 502, html: true },
  overloaded: { status: 529 },
  "slow-headers": { slowHeadersMs: 5000 },
  "cut-body": { cutBody: true },
  "lost-body": { lostBody: true },
  "stalled-body": { stalledBody: true },
};

const BEGINNING = '{"id":"msg_1","type":"mess';
const JSON_TYPE = { "content-type": "application/json" };

/** `sleep` ends early when whoever serves this stops. */
export function createMessagesApi(sleep: (ms: number) => Promise<void>): MessagesApi {
  const requests: MessagesApi["requests"] = [];
  let scripted: FakeAnswer[] = [];
  let thinks: ((question: string) => FakeAnswer) | null = null;

  function chosenFor(model: string, body: Record<string, unknown>): FakeAnswer | undefined {
    if (model === "thinks" && thinks !== null) return thinks(questionOf(body));
    if (!model.startsWith("script")) return BY_MODEL[model];
    return scripted.length > 1 ? scripted.shift() : scripted[0];
  }

  async function answerOf(model: string, chosen: FakeAnswer): Promise<Response> {
    if ("status" in chosen) {
      const { status, headers = {}, html } = chosen;
      if (html)
        return new Response("<html>bad gateway</html>", { status, headers: { "content-type": "text/html" } });
      return problem(status, status === 529 ? "overloaded_error" : "api_error", "no", headers);
    }
    if ("slowHeadersMs" in chosen) {
      await sleep(chosen.slowHeadersMs);
      return message(model, { json: yes });
    }
    if ("cutBody" in chosen) return new Response(BEGINNING, { headers: JSON_TYPE });
    // Without a reason, so that whoever serves this has nothing to print.
    if ("lostBody" in chosen) return streamed((body) => body.error());
    if ("stalledBody" in chosen) return streamed(() => {});
    return message(model, chosen);
  }

  return {
    requests,
    script: (answers) => void (scripted = [...answers]),
    think: (answer) => void (thinks = answer),
    async answer(request) {
      if (new URL(request.url).pathname !== "/v1/messages" || request.method !== "POST")
        return problem(404, "not_found_error", "there is nothing here");
      const body = (await request.json()) as Record<string, unknown>;
      requests.push({ headers: Object.fromEntries(request.headers), body });
      const wrong = misuse(request, body);
      if (wrong !== null) return wrong;
      const model = String(body["model"]);
      const chosen = chosenFor(model, body);
      return chosen === undefined
        ? problem(404, "not_found_error", `model: ${model}`)
        : answerOf(model, chosen);
    },
  };
}

/** The one message of the user, as text. */
export function questionOf(body: Record<string, unknown>): string {
  const [first] = body["messages"] as { content: unknown }[];
  return String(first?.content);
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

/** A message as the API gives it. */
export function message(asked: string, chosen: FakeMessage): Response {
  const { json, stop = "end_turn", usage = {}, model = asked } = chosen;
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

/** A body that begins; how it goes on is the caller's. */
function streamed(then: (body: ReadableStreamDefaultController<Uint8Array>) => void): Response {
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) return then(controller);
      begun = true;
      controller.enqueue(new TextEncoder().encode(BEGINNING));
    },
  });
  return new Response(body, { headers: JSON_TYPE });
}

const problem = (
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
): Response => Response.json({ type: "error", error: { type, message: text } }, { status, headers });
