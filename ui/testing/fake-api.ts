/**
 * A small server with the API's shapes and the production's headers, over the built dashboard. For looking at the
 * dashboard and driving it in a browser without a Monitor; loopback only.
 */
import { existsSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import type { ServerWebSocket } from "bun";
import type { Topic } from "../data/live.model.ts";
import type { LadderItem, NodeDetail, Session, Settings, StatusItem } from "../data/types.ts";
import { resultsOf } from "./fixtures/checks.ts";
import { emptyFleet, fleetAt, type Fleet } from "./fixtures.ts";
import { heldRepairs, metricsOf, runsOf } from "./history.ts";

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

export const SETUP_TOKEN = "st_8Zk2mQ";
export const PASSWORD = "correct horse battery";

export interface FakeApi {
  url: string;
  fleet: Fleet;
  settings: Settings;
  /** null: nobody is logged in. */
  user: Session["user"] | null;
  /** The first admin is still to be made. */
  setupOpen: boolean;
  /** Answer everything with 503 and refuse sockets. */
  broken: boolean;
  /** Let lists and sockets wait: for looking at skeletons. */
  slow: boolean;
  /** What the switch was asked last. */
  lastSwitch: { repairs: boolean; reason: string } | null;
  /** Change items and tell the sockets. */
  push(topic: Exclude<Topic, "status">, items: { id: string }[], removed?: string[]): void;
  /** Lose a patch: the next one leaves a gap. */
  lose(topic: Topic): void;
  dropSockets(): void;
  stop(): Promise<void>;
}

const ANNA: Session["user"] = {
  name: "anna",
  role: "admin",
  kind: "user",
  grants: [{ role: "admin", scope: "*" }],
  permissions: [],
};

export function startFakeApi(options: { port?: number; dist?: string; fleet?: Fleet } = {}): FakeApi {
  const dist = options.dist ?? process.env.DASHBOARD_DIST ?? join(import.meta.dir, "../dist");
  const sockets = new Map<ServerWebSocket<undefined>, Set<Topic>>();
  const seqs: Record<Topic, number> = {
    nodes: 1,
    problems: 1,
    intents: 1,
    decisions: 1,
    autonomy: 1,
    status: 1,
  };

  const server = Bun.serve<undefined, never>({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    async fetch(request, bun) {
      const { pathname } = new URL(request.url);
      const ours = pathname.startsWith("/api/") || pathname === "/healthz";
      if (!ours) return staticFile(dist, pathname);
      if (state.broken) return failure(503, "http.not_ready", "not ready");
      if (pathname === "/healthz") return json({ ok: true });
      if (pathname !== "/api/v1/live") return answer(state, request, pathname.slice("/api/v1/".length));
      if (state.user === null) return unauthenticated();
      return bun.upgrade(request, { data: undefined })
        ? undefined
        : failure(426, "http.upgrade", "this address speaks WebSocket");
    },
    websocket: {
      open: (socket) => void sockets.set(socket, new Set()),
      close: (socket) => void sockets.delete(socket),
      message(socket, text) {
        const { subscribe } = JSON.parse(String(text)) as { subscribe: Topic[] };
        for (const topic of subscribe) {
          sockets.get(socket)?.add(topic);
          if (state.slow) continue;
          const items = topic === "status" ? [statusOf(state)] : snapshotOf(state.fleet, topic);
          socket.send(JSON.stringify({ topic, type: "snapshot", seq: seqs[topic], items }));
        }
      },
    },
  });

  const state: FakeApi = {
    url: `http://127.0.0.1:${server.port}`,
    fleet: options.fleet ?? emptyFleet(),
    settings: {
      repairs: true,
      switch: "on",
      nodesOff: [],
      autonomy: "act",
      configuredAutonomy: "act",
      version: "0.1.0",
      transport: { tls: null, insecure: false },
    },
    user: ANNA,
    setupOpen: false,
    broken: false,
    slow: false,
    lastSwitch: null,
    push(topic, items, removed = []) {
      const list: { id: string }[] = state.fleet[topic];
      for (const item of items) {
        const index = list.findIndex((one) => one.id === item.id);
        if (index === -1) list.push(item);
        else list[index] = item;
      }
      const seq = ++seqs[topic];
      for (const [socket, topics] of sockets)
        if (topics.has(topic)) socket.send(JSON.stringify({ topic, type: "patch", seq, items, removed }));
    },
    lose: (topic) => void seqs[topic]++,
    dropSockets() {
      for (const socket of sockets.keys()) socket.terminate();
    },
    stop: () => server.stop(true),
  };
  return state;
}

/** As the Monitor does: of problems only the open ones. */
const snapshotOf = (fleet: Fleet, topic: Exclude<Topic, "status">) =>
  topic === "problems" ? fleet.problems.filter((problem) => problem.state === "open") : fleet[topic];

const statusOf = (state: FakeApi): StatusItem => ({
  id: "status",
  version: state.settings.version,
  startedAt: new Date().toISOString(),
  nodes: { online: 0, late: 0, offline: 0, degraded: 0, quarantined: 0, pending: 0, unheard: 0, revoked: 0 },
  openProblems: { observe: 0, info: 0, warning: 0, critical: 0 },
  waiting: 0,
  repairs: state.settings.switch,
});

const json = (body: unknown, status = 200) => Response.json(body, { status, headers: HEADERS });

const failure = (status: number, code: string, message: string): Response =>
  json({ error: { code, message, id: "019a6f2e-77aa-7c41-9b3e-5d20c4a1f001" } }, status);

const unauthenticated = () => failure(401, "http.unauthenticated", "log in, or send a key");

async function answer(state: FakeApi, request: Request, path: string): Promise<Response> {
  if (path.startsWith("auth/")) return auth(state, request, path.slice("auth/".length));
  if (state.user === null) return unauthenticated();
  if (path === "settings") return json(state.settings);
  if (path === "settings/autonomy") {
    const { autonomy } = (await request.json()) as Settings;
    state.settings = { ...state.settings, autonomy };
    return json({ nodes: [] });
  }
  if (path === "settings/switch") return turnSwitch(state, await request.json());
  const [resource = "", id] = path.split("/");
  if (state.slow) await new Promise((resolve) => setTimeout(resolve, 9000));
  if (resource === "evidence")
    return json({
      id,
      problemId: id,
      parts: { journal: "nginx[812]: bind() to 0.0.0.0:80 failed\n", processes: "812 nginx" },
    });
  if (path === "judges")
    return json({
      rung: "rules",
      judges: [],
      without: { rules: [], judged: [], judgesAnswer: false },
      budget: { spentUsd: 0, capUsd: 5 },
    } satisfies LadderItem);
  if (resource === "autonomy") return json({ items: [], next: null });
  if (path === "intents/verify") return json({ ok: true, entries: 1204, firstBroken: null });
  const search = new URL(request.url).searchParams;
  if (path === "config")
    return json({ version: 1, node: { name: "db-1.ams", tags: ["stateful"] }, plugins: {} });
  if (path === "inspections" && request.method === "POST") return json({ id, node: id }, 202);
  const node = state.fleet.nodes.find((one) => one.id === (resource === "nodes" ? id : search.get("node")));
  if (node !== undefined && path.endsWith("/metrics")) return json(metricsOf(node, search, Date.now()));
  if (resource === "inspections" || resource === "repairs") {
    const of = resource === "repairs" ? heldRepairs : runsOf;
    return json({ items: node === undefined ? [] : of(node, Date.now()), next: null });
  }
  if (!isList(resource)) return failure(404, "http.not_found", "there is nothing here");
  const all: { id: string; node: string; state?: string }[] = state.fleet[resource];
  if (id === undefined) {
    const [wanted, of] = [search.get("state"), search.get("node")];
    const items = all.filter(
      (one) => (wanted === null || one.state === wanted) && (of === null || one.node === of),
    );
    return json({ items, next: null });
  }
  const item = all.find((one) => one.id === id);
  if (item === undefined) return failure(404, "api.not_found", "nothing has this id");
  return json(resource === "nodes" ? detailOf(state, id) : item);
}

const isList = (resource: string): resource is Exclude<keyof Fleet, "autonomy"> =>
  ["nodes", "problems", "intents", "checks", "plugins"].includes(resource);

function detailOf(state: FakeApi, id: string): NodeDetail {
  const node = state.fleet.nodes.find((one) => one.id === id)!;
  return {
    ...node,
    bootId: null,
    latest: resultsOf(node, state.fleet.problems, Date.now()),
    skipped: [],
    maintenance: [],
  };
}

async function auth(state: FakeApi, request: Request, path: string): Promise<Response> {
  const body = async () => (await request.json()) as Record<string, string>;
  switch (path) {
    case "methods":
      return json({ methods: ["password"], alone: [], redirects: [], setup: state.setupOpen });
    case "session":
      return state.user === null
        ? unauthenticated()
        : json({ user: state.user, mustEnrol: false, ends: null });
    case "login": {
      const { name, password } = await body();
      if (password !== PASSWORD) return failure(401, "auth.failed", "name or password is wrong");
      state.user = { ...ANNA, name: name! };
      return json({ user: state.user, mustEnrol: false, ends: null });
    }
    case "setup/check": {
      const { token } = await body();
      if (!state.setupOpen) return failure(404, "auth.setup_done", "there is nothing here");
      return token === SETUP_TOKEN
        ? json({ ok: true })
        : failure(403, "auth.setup_token", "this setup link is not valid (any more)");
    }
    case "setup": {
      const { token, name } = await body();
      if (token !== SETUP_TOKEN)
        return failure(403, "auth.setup_token", "this setup link is not valid (any more)");
      state.user = { ...ANNA, name: name! };
      state.setupOpen = false;
      return json({ user: state.user, mustEnrol: false, ends: null }, 201);
    }
    default:
      state.user = null;
      return json({ ok: true });
  }
}

function turnSwitch(state: FakeApi, body: unknown): Response {
  const { repairs, reason } = body as { repairs: boolean; reason: string };
  const named = state.fleet.nodes.map((node) => ({ node: node.id, nodeName: node.name }));
  state.lastSwitch = { repairs, reason };
  state.settings = {
    ...state.settings,
    repairs,
    switch: repairs ? "on" : "off",
    nodesOff: repairs ? [] : named,
  };
  return json({ nodes: named.map((node) => ({ ...node, ok: true, message: null })) });
}

function staticFile(dist: string, pathname: string): Response {
  const path = normalize(join(dist, pathname));
  const isFile = path.startsWith(`${dist}/`) && existsSync(path) && statSync(path).isFile();
  const cache = pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  return new Response(Bun.file(isFile ? path : join(dist, "index.html")), {
    headers: { ...HEADERS, "cache-control": cache },
  });
}

if (import.meta.main) {
  const api = startFakeApi({ port: Number(process.argv[2] ?? 7699), fleet: fleetAt(Date.now()) });
  process.stdout.write(`dashboard with a fake fleet: ${api.url}\n`);
}
