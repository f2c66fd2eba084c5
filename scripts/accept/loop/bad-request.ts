/** Requests that don't fit: each refused with a message of one line, and nothing of them is kept. */
import type { IntentItem } from "../../../core/monitor/items.ts";
import type { Answer, Cortex } from "../lib/cortex.ts";
import { ensureEqual } from "../lib/ensure.ts";
import type { Stage } from "./bad-start.ts";

const MAX_BODY = 64 * 1024;

interface Bad {
  what: string;
  status: number;
  method?: string;
  path?: string;
  body?: string;
  headers?: Record<string, string>;
}

const note = (fields: object) => JSON.stringify({ kind: "note", summary: "never kept", ...fields });

const REQUESTS: Bad[] = [
  { what: "malformed JSON", status: 400, body: `{"kind": "note", "summary": ` },
  { what: "no body", status: 415 },
  {
    what: "a body that is no JSON by its type",
    status: 415,
    body: note({}),
    headers: { "content-type": "text/plain" },
  },
  { what: "an oversized body", status: 413, body: note({ text: "x".repeat(MAX_BODY) }) },
  { what: "an unknown field", status: 400, body: note({ nonsense: 1 }) },
  { what: "a field of the wrong type", status: 400, body: note({ summary: 7 }) },
  { what: "a field that is missing", status: 400, body: `{"kind":"note"}` },
  { what: "a list where an object should be", status: 400, body: "[]" },
  { what: "a node that there is not", status: 404, body: note({ node: "n_aaaaaaaaaaaaaaaaaaaaaaaaaa" }) },
  { what: "an unknown route", status: 404, method: "GET", path: "/api/v1/frobnicate" },
  { what: "a method that the route does not have", status: 404, method: "DELETE", path: "/api/v1/nodes" },
  { what: "a method that nobody uses", status: 405, method: "PUT", path: "/api/v1/nodes" },
  { what: "an unknown search parameter", status: 400, method: "GET", path: "/api/v1/intents?frobnicate=1" },
  { what: "a limit out of range", status: 400, method: "GET", path: "/api/v1/intents?limit=0" },
  { what: "an id that is none", status: 400, method: "GET", path: "/api/v1/intents/nonsense" },
  {
    what: "an id that nothing has",
    status: 404,
    method: "GET",
    path: "/api/v1/intents/01900000-0000-7000-8000-000000000000",
  },
  { what: "a path that leads outside", status: 404, method: "GET", path: "/api/v1/..%2f..%2fetc%2fpasswd" },
  {
    what: "the name of another server",
    status: 421,
    method: "GET",
    path: "/api/v1/nodes",
    headers: { host: "evil.example" },
  },
  {
    what: "two credentials",
    status: 400,
    method: "GET",
    path: "/api/v1/nodes",
    headers: { cookie: "__Host-cortex=x" },
  },
  { what: "a live socket without an upgrade", status: 426, method: "GET", path: "/api/v1/live" },
];

async function send(cortex: Cortex, key: string, bad: Bad): Promise<Answer> {
  const { method = "POST", path = "/api/v1/intents", body, headers = {} } = bad;
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(`${cortex.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...type, ...headers },
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Judged by the transcript, which wants an error in JSON.
  }
  return { status: response.status, json, headers: response.headers, text };
}

export async function badRequests({ rig, transcript, folder, ensureWhole }: Stage): Promise<void> {
  const dataDir = folder("for-requests");
  const cortex = await rig.cortex({
    dataDir,
    config: { server: { max_body: `${MAX_BODY}B`, request_rate: 1000 } },
  });
  const key = await cortex.key("operator");
  const kept = async () =>
    (await cortex.api<{ items: IntentItem[] }>("GET", "intents?limit=500")).json.items.length;
  const before = await kept();
  for (const bad of REQUESTS) {
    const answer = await send(cortex, key, bad);
    ensureEqual(answer.status, bad.status, `status for ${bad.what} (${answer.text.slice(0, 200)})`);
    transcript.answered(`request: ${bad.what}`, answer);
  }
  ensureEqual(await kept(), before, "intents after nothing but refused requests");
  await cortex.stop();
  await ensureWhole(dataDir, "refused requests");
}
