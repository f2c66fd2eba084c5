/** A server of one's own models on loopback: chat completions with a JSON schema, as Ollama, vLLM and llama.cpp serve them. */
import type { Rig } from "../lib/rig.ts";

export interface ChatApi {
  url: string;
  requests: { headers: Record<string, string>; body: Record<string, unknown> }[];
  /** What it says next; see `SAY`. */
  mode: keyof typeof SAY;
  stop(): Promise<void>;
}

const yes = { verdict: "allow", reason: "ok", missing_evidence: [], confidence: 0.9, explanation: "f1." };
const completion = (model: string, content: string, finish = "stop", more: object = {}) => ({
  id: `chatcmpl-${crypto.randomUUID().slice(0, 8)}`,
  object: "chat.completion",
  created: Math.round(Date.now() / 1000),
  model,
  system_fingerprint: "fp_local",
  choices: [{ index: 0, message: { role: "assistant", content, ...more }, finish_reason: finish }],
  usage: { prompt_tokens: 900, completion_tokens: 80, total_tokens: 980 },
});

const SAY = {
  allow: (model: string) => Response.json(completion(model, JSON.stringify(yes))),
  human: (model: string) =>
    Response.json(completion(model, JSON.stringify({ ...yes, verdict: "human", reason: "judge_doubts" }))),
  prose: (model: string) => Response.json(completion(model, "Sure, go ahead!")),
  refusal: (model: string) =>
    Response.json(completion(model, "", "stop", { refusal: "I can't help with that" })),
  truncated: (model: string) => Response.json(completion(model, '{"verdict":"al', "length")),
  "other-model": () => Response.json(completion("tiny", JSON.stringify(yes))),
  loading: () =>
    Response.json({ error: { message: "model is loading", type: "unavailable_error" } }, { status: 503 }),
  silent: () => new Promise<Response>(() => {}),
  lost: () =>
    new Response(
      new ReadableStream({
        pull(body) {
          body.enqueue(new TextEncoder().encode('{"id":"chatcmpl'));
          body.error();
        },
      }),
    ),
};
export type ChatMode = keyof typeof SAY;

export async function chatApi(rig: Rig): Promise<ChatApi> {
  const requests: ChatApi["requests"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: await rig.port(),
    idleTimeout: 60,
    async fetch(request) {
      if (new URL(request.url).pathname !== "/v1/chat/completions")
        return new Response("404 page not found", { status: 404 });
      const body = (await request.json()) as Record<string, unknown>;
      requests.push({ headers: Object.fromEntries(request.headers), body });
      return SAY[api.mode](String(body["model"]));
    },
  });
  const api: ChatApi = {
    url: `http://127.0.0.1:${server.port}/v1`,
    requests,
    mode: "allow",
    stop: () => server.stop(true),
  };
  rig.atEnd(() => api.stop());
  return api;
}

/** The plugin, before this server. */
export const ownModel = (api: ChatApi, more: object = {}) => ({
  "decider-openai-compatible": [{ base_url: api.url, model: "qwen3", request_timeout: "2s", ...more }],
});
