/**
 * A small server with the API's shapes and the production's Content-Security-Policy, over the built dashboard. For
 * looking at the dashboard and driving it in a browser without a Monitor; loopback only.
 */
import { existsSync } from "node:fs";
import { join, normalize } from "node:path";
import type { ServerWebSocket } from "bun";
import type { Topic } from "../lib/live.model.ts";
import type { Settings, User } from "../lib/types.ts";
import { emptyFleet, type Fleet } from "./fixtures.ts";

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

const HEADERS = {
  "content-security-policy": CSP,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export const SETUP_TOKEN = "st_8Zk2mQ";

export interface FakeApi {
  url: string;
  fleet: Fleet;
  settings: Settings;
  /** null: nobody is logged in. */
  user: User | null;
  /** Answer everything under /api with 503. */
  broken: boolean;
  /** Never answer lists and never accept sockets: for looking at skeletons. */
  slow: boolean;
  /** What the switch was asked last. */
  lastSwitch: { repairs: boolean; reason: string } | null;
  /** Change items and tell the sockets. */
  push(topic: Topic, items: { id: string }[], removed?: string[]): void;
  /** Lose a patch: the next one leaves a gap. */
  skip(topic: Topic): void;
  dropSockets(): void;
  stop(): Promise<void>;
}

export function startFakeApi(options: { port?: number; dist?: string; fleet?: Fleet } = {}): FakeApi {
  const dist = options.dist ?? join(import.meta.dir, "../dist");
  const sockets = new Map<ServerWebSocket<unknown>, Set<Topic>>();
  const seqs: Record<Topic, number> = { nodes: 1, problems: 1, intents: 1 };

  const state: FakeApi = {
    url: "",
    fleet: options.fleet ?? emptyFleet(),
    settings: { repairs: true, autonomy: "act", version: "0.1.0" },
    user: { name: "anna", role: "admin" },
    broken: false,
    slow: false,
    lastSwitch: null,
    push(topic, items, removed = []) {
      const list = state.fleet[topic] as { id: string }[];
      for (const item of items) {
        const index = list.findIndex((one) => one.id === item.id);
        if (index === -1) list.push(item);
        else list[index] = item;
      }
      const seq = ++seqs[topic];
      for (const [socket, topics] of sockets)
        if (topics.has(topic)) socket.send(JSON.stringify({ topic, type: "patch", seq, items, removed }));
    },
    skip: (topic) => void seqs[topic]++,
    dropSockets() {
      for (const socket of sockets.keys()) socket.terminate();
    },
    async stop() {
      await server.stop(true);
    },
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    async fetch(request, bun) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/api/")) return staticFile(dist, pathname);
      if (state.broken)
        return failure(503, "monitor.starting", "The Monitor is starting; try again in a few seconds.");
      if (pathname === "/api/v1/live") {
        if (state.slow || state.user === null) return failure(401, "auth.required", "Log in first.");
        return bun.upgrade(request, { data: undefined })
          ? undefined
          : failure(400, "live.upgrade", "WebSocket only.");
      }
      return answer(state, request, pathname.slice("/api/v1/".length));
    },
    websocket: {
      open: (socket) => void sockets.set(socket, new Set()),
      close: (socket) => void sockets.delete(socket),
      message(socket, text) {
        const { subscribe } = JSON.parse(String(text)) as { subscribe: Topic[] };
        for (const topic of subscribe) {
          sockets.get(socket)!.add(topic);
          socket.send(
            JSON.stringify({ topic, type: "snapshot", seq: seqs[topic], items: state.fleet[topic] }),
          );
        }
      },
    },
  });
  state.url = `http://127.0.0.1:${server.port}`;
  return state;
}

const json = (body: unknown, status = 200) => Response.json(body, { status, headers: HEADERS });

function failure(status: number, code: string, message: string): Response {
  return json({ error: { code, message, id: "019a6f2e-77aa-7c41-9b3e-5d20c4a1f001" } }, status);
}

async function answer(state: FakeApi, request: Request, path: string): Promise<Response> {
  const body = async () => (await request.json()) as Record<string, string>;
  switch (`${request.method} ${path}`) {
    case "GET auth/session":
      return state.user === null
        ? failure(401, "auth.required", "Log in first.")
        : json({ user: state.user });
    case "POST auth/login": {
      const { name, password } = await body();
      if (password !== "correct horse battery")
        return failure(401, "auth.rejected", "Name or password is wrong.");
      state.user = { name: name!, role: "admin" };
      return json({ user: state.user });
    }
    case "POST auth/setup": {
      const { token, name } = await body();
      if (token !== SETUP_TOKEN)
        return failure(
          403,
          "auth.setup_token",
          "This setup token is not valid. Restart Cortex to get a new link.",
        );
      state.user = { name: name!, role: "admin" };
      return json({ user: state.user });
    }
    case "POST auth/logout":
      state.user = null;
      return json({});
  }
  if (state.user === null) return failure(401, "auth.required", "Log in first.");
  if (path === "settings") return json(state.settings);
  if (path === "settings/switch") {
    const { repairs, reason } = (await request.json()) as { repairs: boolean; reason: string };
    state.settings = { ...state.settings, repairs };
    state.lastSwitch = { repairs, reason };
    return json(state.settings);
  }
  const [resource, id] = path.split("/") as [keyof Fleet, string | undefined];
  if (!(resource in state.fleet)) return failure(404, "http.not_found", "There is nothing here.");
  if (state.slow) await new Promise((resolve) => setTimeout(resolve, 9000));
  if (id === undefined) return json({ items: state.fleet[resource], next: null });
  const item = (state.fleet[resource] as { id: string }[]).find((one) => one.id === id);
  return item === undefined ? failure(404, `${resource}.not_found`, "It does not exist.") : json(item);
}

function staticFile(dist: string, pathname: string): Response {
  const path = normalize(join(dist, pathname));
  const inside = path.startsWith(dist) && existsSync(path) && !path.endsWith("dist") && !path.endsWith("/");
  const file = Bun.file(inside ? path : join(dist, "index.html"));
  const cache = pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  return new Response(file, { headers: { ...HEADERS, "cache-control": cache } });
}

if (import.meta.main) {
  const { fleetAt } = await import("./fixtures.ts");
  const api = startFakeApi({ port: Number(process.argv[2] ?? 7699), fleet: fleetAt(Date.now()) });
  process.stdout.write(`dashboard with a fake fleet: ${api.url}\n`);
}
