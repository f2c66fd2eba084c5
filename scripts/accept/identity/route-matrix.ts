/** Every documented operation of the built program, called by everybody there is, on two parts of a tree. */
import { join } from "node:path";
import type { Grant, Permission, Principal } from "cortex";
import { canOnTree, canSomewhere } from "../../../core/domain/access.ts";
import type { Guard, Route } from "../../../core/http/route.ts";
import { routes } from "../../../core/http/routes.ts";
import { TOPICS } from "../../../core/monitor/hub.ts";
import { CALLS_WITH_IDS } from "../../../core/testing/test-fleet.ts";
import { sampleHeartbeat } from "../../../core/testing/wire-samples.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

/** A node that only ever sends heartbeats over HTTP; it is in no group. */
const ELSEWHERE = `n_${"e".repeat(26)}`;
const NOWHERE_ID = "01900000-0000-7000-8000-000000000000";
const config = { node: { group: "web" }, server: { request_rate: 100_000, ingest_rate: 100_000 } };

interface Caller {
  name: string;
  key: string | null;
  kind: Principal["kind"] | "nobody" | "gone";
  grants: Grant[];
  permissions?: Permission[];
}

/** The nodes that there are: `here` is the Cortex itself. */
interface Fleet {
  here: string;
  callers: Caller[];
}

async function keyOf(cortex: Cortex, name: string, ...args: string[]): Promise<string> {
  const made = await cortex.cli("key", "create", name, ...args);
  // A role where no node is yet is given, and said to be one.
  const warned = /^warning: no node is in \S+ now; a role there holds as soon as one is\n$/;
  ensure(made.code === 0 && made.stderr.replace(warned, "") === "", `key create ${name}: ${made.stderr}`);
  ensureEqual(warned.test(made.stderr), args.includes("group:none"), `key create ${name}: a warning`);
  return made.stdout.trim();
}

async function createFleet(cortex: Cortex): Promise<Fleet> {
  const here = await until(
    async () => (await cortex.api<{ items: { id: string }[] }>("GET", "nodes")).json.items[0]?.id,
    { what: "the node is known", timeoutMs: 10_000 },
  );
  const other = await keyOf(cortex, "elsewhere", "--role", "node", "--node", ELSEWHERE);
  const beat = await cortex.api("POST", "heartbeat", sampleHeartbeat(Date.now()), { key: other });
  ensureEqual(beat.status, 200, "a heartbeat of the other node");
  const gone = await keyOf(cortex, "gone", "--role", "node", "--node", ELSEWHERE);
  await cortex.cli("key", "delete", /^cxk_([a-z2-7]+)_/.exec(gone)![1]!);

  const holder = async (
    name: string,
    role: Grant["role"],
    scope: string,
    permissions?: Permission[],
  ): Promise<Caller> => ({
    name,
    kind: "key",
    grants: [{ role, scope }],
    permissions,
    key: await keyOf(
      cortex,
      name,
      ...["--role", role, "--scope", scope],
      ...(permissions ? ["--permissions", permissions.join(",")] : []),
    ),
  });
  const callers: Caller[] = [
    { name: "nobody", kind: "nobody", key: null, grants: [] },
    { name: "a made-up key", kind: "gone", key: `cxk_aaaaaaaa_${"B".repeat(43)}`, grants: [] },
    { name: "a deleted node", kind: "gone", key: gone, grants: [] },
    { name: "another node", kind: "node", key: other, grants: [] },
    await holder("viewer", "viewer", "*"),
    await holder("operator", "operator", "*"),
    await holder("admin", "admin", "*"),
    await holder("operator of web", "operator", "group:web"),
    await holder("viewer elsewhere", "viewer", `subtree:${ELSEWHERE}`),
    await holder("admin elsewhere", "admin", `subtree:${ELSEWHERE}`),
    await holder("of a group nobody is in", "admin", "group:none"),
    await holder("narrowed admin", "admin", "*", ["fleet.read"]),
  ];
  return { here, callers };
}

interface Asked {
  status: number;
  code: string;
  text: string;
}

async function ask(
  base: string,
  method: string,
  path: string,
  body: unknown,
  key: string | null,
): Promise<Asked> {
  const headers: Record<string, string> = {};
  if (key !== null) headers.authorization = `Bearer ${key}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(new URL(path, base), {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const code = answer.ok ? "" : (/"code":"([^"]+)"/.exec(text)?.[1] ?? "");
  return { status: answer.status, code, text };
}

/** A call about the node `here` where the operation is about a node; else one that fits as little as need be. */
function callOf(route: Route, here: string): [method: string, path: string, body?: unknown] {
  const made = { problem: NOWHERE_ID, intent: NOWHERE_ID, window: NOWHERE_ID, evidence: NOWHERE_ID };
  const withId = CALLS_WITH_IDS[route.operationId]?.(
    { ...made, waiting: NOWHERE_ID, decision: NOWHERE_ID, check: "load" },
    here,
  );
  if (withId) return [withId[0], `/api/v1/${withId[1]}`, withId[2]];
  const path = route.path.replace(/:id/, NOWHERE_ID).replace(":method", "none").replace(":file", "x");
  return [route.method === "WS" ? "GET" : route.method, path, route.method === "POST" ? {} : undefined];
}

/** Whether the answer is the one that the route table promises to this caller. */
function isRight(route: Route, caller: Caller, { status, code }: Asked): boolean {
  const { access } = route;
  const passed = status !== 401 && status < 500 && code !== "http.permission";
  if (access === "public") return status < 500 || status === 503;
  if (caller.kind === "nobody" || caller.kind === "gone") return status === 401;
  // Keys sign nothing.
  const holds = !access.signed && isHolder(caller, access);
  if (!holds) return status === 403 && code === "http.permission";
  const isOfNode = CALLS_WITH_IDS[route.operationId] !== undefined;
  const seesHere = caller.grants.some(({ scope }) => scope === "*" || scope === "group:web");
  return isOfNode && !seesHere ? status === 404 : passed || status === 503;
}

function isHolder({ kind, name, grants, permissions }: Caller, { permission, scope }: Guard): boolean {
  const principal = { kind: kind as "key", id: name, name, role: "viewer" as const, grants, permissions };
  return scope === "tree" ? canOnTree(principal, permission) : canSomewhere(principal, permission);
}

/** Operations that end what the calls after them need. */
const LAST = ["logout"];

async function knock(cortex: Cortex, base: string): Promise<string> {
  const { here, callers } = await createFleet(cortex);
  const wrong: string[] = [];
  let calls = 0;
  const table = routes.toSorted(
    (a, b) => Number(LAST.includes(a.operationId)) - Number(LAST.includes(b.operationId)),
  );
  for (const route of table)
    for (const caller of callers) {
      const [method, path, body] = callOf(route, here);
      const asked = await ask(base, method, path, body, caller.key);
      calls += 1;
      // Costly operations have limits of their own, which this test is not about.
      if (asked.status !== 429 && !isRight(route, caller, asked))
        wrong.push(`${method} ${path} as ${caller.name}: ${asked.status} ${asked.code}`);
      const hides =
        caller.grants.length > 0 && caller.grants.every(({ scope }) => /^subtree:|none$/.test(scope));
      if (hides && asked.text.includes(here))
        wrong.push(`${method} ${path} shows ${caller.name} the node ${here}`);
    }
  ensure(
    wrong.length === 0,
    `${wrong.length} answers are wrong, for example ${wrong.slice(0, 3).join("; ")}`,
  );
  return `${table.length} operations × ${callers.length} callers: ${calls} calls; ${await listen(base, here, callers)}`;
}

/** What each caller is shown of the node `here`, topic by topic. */
async function listen(base: string, here: string, callers: Caller[]): Promise<string> {
  let messages = 0;
  for (const caller of callers) {
    const got = await subscribed(base, caller.key);
    const sees = caller.grants.some(({ scope }) => scope === "*" || scope === "group:web");
    const may = caller.kind === "key";
    ensureEqual(got !== null, may, `a live socket for ${caller.name}`);
    if (got === null) continue;
    messages += got.size;
    ensureEqual([...got.keys()].toSorted(), [...TOPICS].toSorted(), `topics for ${caller.name}`);
    ensureEqual(got.get("nodes")!.includes(here), sees, `${caller.name} sees the node ${here} live`);
    for (const [topic, text] of got)
      if (!sees) ensure(!text.includes(here), `topic ${topic} shows ${caller.name} the node ${here}`);
  }
  return `${messages} snapshots`;
}

/** Snapshot of each topic as text; null when the socket is refused. */
function subscribed(base: string, key: string | null): Promise<Map<string, string> | null> {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/live`, {
    headers,
  } as unknown as string[]);
  const got = new Map<string, string>();
  return new Promise((resolve) => {
    let opened = false;
    const end = () => {
      socket.close();
      resolve(opened ? got : null);
    };
    socket.onopen = () => {
      opened = true;
      socket.send(JSON.stringify({ subscribe: TOPICS }));
    };
    socket.onmessage = ({ data }) => {
      const { topic, type } = JSON.parse(String(data)) as { topic: string; type: string };
      if (type === "snapshot") got.set(topic, String(data));
      if (got.size === TOPICS.length) end();
    };
    socket.onerror = end;
    socket.onclose = end;
    setTimeout(end, 3000);
  });
}

/** The same API for everybody as the local administrator: whoever asks. */
function openProxy(rig: Rig, cortex: Cortex): string {
  const unix = join(cortex.dataDir, "cortex.sock");
  const proxy = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const headers: Record<string, string> = {};
      const type = request.headers.get("content-type");
      if (type !== null) headers["content-type"] = type;
      const body = request.method === "POST" ? await request.text() : undefined;
      return fetch(`http://localhost${pathname}${search}`, { method: request.method, headers, body, unix });
    },
  });
  rig.atEnd(() => proxy.stop(true));
  return `http://127.0.0.1:${proxy.port}`;
}

const scenario: Scenario = {
  name: "route-matrix",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T09", "T13", "T54", "T55", "T67"],
  async run(rig) {
    const cortex = await rig.cortex({ config });
    return knock(cortex, cortex.url);
  },
  /** Through a proxy that lends everybody the local administrator's socket. */
  async control(rig) {
    const cortex = await rig.cortex({ config });
    return knock(cortex, openProxy(rig, cortex));
  },
};

export default scenario;
