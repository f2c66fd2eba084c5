/** Asking an API in the same process, over a request or a live socket, and what comes back. */
import type { Principal } from "cortex";
import type { Api } from "../http/app.ts";
import type { ServerSocket, SocketHandler } from "../ports/network/http-server.ts";

export interface TestCall {
  cookie?: string;
  key?: string;
  principal?: Principal;
  ip?: string;
  headers?: Record<string, string>;
  /** A string is sent as it is. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; null when it is not JSON. */
  json: Json;
}

/** The parts of answers that tests look at. */
export interface Json {
  error: { code: string; message: string; id: string };
  items: Json[];
  next: string | null;
  id: string;
  node: string;
  name: string;
  kind: string;
  actor: string;
  state: string;
  secret: string;
  summary: string;
  outcome: string;
  [field: string]: unknown;
}

/** Callers of this API; a call names by whom and from where. */
export function createCaller(api: Pick<Api, "handle">) {
  async function send(method: string, path: string, call: TestCall = {}): Promise<Answer> {
    const headers = new Headers(call.headers);
    if (call.cookie) {
      headers.set("cookie", `__Host-cortex=${call.cookie}`);
      if (method !== "GET" && !headers.has("origin")) headers.set("origin", "http://localhost");
    }
    if (call.key) headers.set("authorization", `Bearer ${call.key}`);
    let body: string | undefined;
    if (call.body !== undefined) {
      body = typeof call.body === "string" ? call.body : JSON.stringify(call.body);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
    }
    const request = new Request(`http://localhost${path}`, { method, headers, body });
    const response = await api.handle(request, { ip: call.ip ?? "10.0.0.9", principal: call.principal });
    return answerOf(response!);
  }

  /** Open a live socket; null with the refusal when it was not accepted. */
  async function live(call: TestCall = {}) {
    const headers = new Headers({ upgrade: "websocket", connection: "upgrade", ...call.headers });
    if (call.cookie) headers.set("cookie", `__Host-cortex=${call.cookie}`);
    if (call.key) headers.set("authorization", `Bearer ${call.key}`);
    const got: { topic: string; type: string; seq: number; items: { id: string }[] }[] = [];
    const state = { closed: null as { code: number; reason: string } | null, pings: 0 };
    let handler: SocketHandler | null = null;
    const socket: ServerSocket = {
      send: (text) => got.push(JSON.parse(text)) > 0,
      ping: () => void (state.pings += 1),
      close(code, reason) {
        state.closed = { code, reason };
        handler?.closed();
      },
    };
    const request = new Request("http://localhost/api/v1/live", { headers });
    const response = await api.handle(request, {
      ip: "10.0.0.9",
      upgrade(accepted) {
        handler = accepted;
        return true;
      },
    });
    (handler as SocketHandler | null)?.open(socket);
    const say = (message: unknown) =>
      handler?.message(typeof message === "string" ? message : JSON.stringify(message));
    return { response, got, state, say };
  }

  return { send, live };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, headers: response.headers, text, json: json as Json };
}

export const cookieOf = (answer: Answer): string =>
  /__Host-cortex=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
