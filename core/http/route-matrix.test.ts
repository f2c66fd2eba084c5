/**
 * Every route and every message of the live socket, called by everybody there is. What came out is a golden file that
 * people review; a new route or caller is a line or a column in it. `UPDATE_GOLDEN=1 bun test` writes it anew.
 */
import { expect, test } from "bun:test";
import type { Grant, Permission } from "cortex";
import { canOnTree, canSomewhere, ROLE_PERMISSIONS } from "../domain/access.ts";
import { TOPICS } from "../monitor/hub.ts";
import { NODE_A, NODE_B } from "../testing/test-api.ts";
import { cookieOf, type TestCall } from "../testing/test-call.ts";
import { joinString } from "../testing/remote-node.ts";
import { createTestNode } from "../testing/test-node.ts";
import { CALLS_WITH_IDS, createTestFleet, type TestFleet } from "../testing/test-fleet.ts";
import { sampleHeartbeat, sampleReport } from "../testing/wire-samples.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";

const GOLDEN = `${import.meta.dir}/route-matrix.golden.txt`;
const OWN = { origin: "http://localhost" };

/** Who calls. What is called is about node A, which is in the part `web`; node B is in the part `db`. */
interface Caller {
  name: string;
  /** What it holds; null for nobody and for nodes. */
  grants: Grant[] | null;
  make(fleet: TestFleet): Promise<TestCall | Signer>;
}

/** A call whose headers depend on what is sent. */
type Signer = (method: string, path: string, body: unknown) => TestCall;

const CALLERS: Caller[] = [
  { name: "nobody", grants: null, make: async () => ({}) },
  person("viewer", [{ role: "viewer", scope: "*" }]),
  person("operator", [{ role: "operator", scope: "*" }]),
  person("admin", [{ role: "admin", scope: "*" }]),
  person("web-op", [{ role: "operator", scope: "group:web" }]),
  person("db-viewer", [{ role: "viewer", scope: "group:db" }]),
  person("db-admin", [{ role: "admin", scope: "group:db" }]),
  person("nothing", []),
  key("key-admin", [{ role: "admin", scope: "*" }], null),
  key("key-read", [{ role: "admin", scope: "*" }], ["fleet.read"]),
  key("key-none", [], null),
  { name: "node", grants: null, make: async ({ api }) => ({ key: await api.createKey("node", NODE_A) }) },
  {
    name: "other-node",
    grants: null,
    make: async ({ api }) => ({ key: await api.createKey("node", NODE_B) }),
  },
  {
    name: "gone-node",
    grants: null,
    async make({ api }) {
      const secret = await api.createKey("node", NODE_A);
      api.store.access.keys.remove(secret.split(":")[0]!);
      return { key: secret };
    },
  },
  joined("signed", { autoApprove: true }, () => {}),
  joined("pending", {}, () => {}),
  joined("revoked", { autoApprove: true }, async ({ api, whole }, id) => {
    await api.send("POST", `/api/v1/nodes/${id}/revoke`, { key: whole, body: { reason: "x" } });
  }),
];

/** A node with a key of its own, which speaks in its own name. */
function joined(
  name: string,
  wish: object,
  then: (fleet: TestFleet, id: string) => Promise<void> | void,
): Caller {
  return {
    name,
    grants: null,
    async make(fleet) {
      const node = createTestNode(fleet.api);
      await node.join(await joinString(fleet.api, { ...wish }), name);
      await then(fleet, node.id);
      return (method, path, body) => {
        const own = body === undefined ? undefined : JSON.stringify(body).replaceAll(NODE_A, node.id);
        return { headers: node.signed(method, path, own ?? ""), ...(own !== undefined && { body: own }) };
      };
    },
  };
}

function person(name: string, grants: Grant[]): Caller {
  return {
    name,
    grants,
    async make({ api, whole }) {
      const account = { name, password: "a pass phrase of the matrix" };
      await api.send("POST", "/api/v1/users", { key: whole, body: { ...account, grants } });
      return { cookie: cookieOf(await api.send("POST", "/api/v1/auth/login", { body: account })) };
    },
  };
}

function key(name: string, grants: Grant[], permissions: Permission[] | null): Caller {
  return {
    name,
    grants,
    async make({ api }) {
      const secret = await api.createKey("admin", undefined, grants);
      const [id] = secret.split(":") as [string];
      const row = api.store.access.keys.get(id)!;
      api.store.access.keys.remove(id);
      api.store.access.keys.add({ ...row, permissions });
      return { key: secret };
    },
  };
}

/** A call that fits, about node A where it is about a node. */
function callOf(route: Route, fleet: TestFleet): [string, string, unknown?] {
  const { ids, api } = fleet;
  const make = CALLS_WITH_IDS[route.operationId];
  if (make) return make({ ...ids.get(NODE_A)!, check: "web_check" }, NODE_A);
  const path = route.path
    .slice("/api/v1/".length)
    .replace(":id", crypto.randomUUID())
    .replace(":method", "none");
  const at = api.clock.now();
  const envelope = {
    v: 1,
    id: crypto.randomUUID(),
    node: NODE_A,
    epoch: 9,
    seq: 1,
    at: new Date(at).toISOString(),
  };
  if (route.operationId === "report")
    return ["POST", path, { ...envelope, type: "report", body: sampleReport(at) }];
  if (route.operationId === "heartbeat")
    return ["POST", path, { ...envelope, type: "heartbeat", body: sampleHeartbeat(at) }];
  return [route.method, path, route.body && {}];
}

/**
 * `in` for whoever passed the door, whatever the answer then was; else the status. A node's message in another node's name
 * is refused as a message, so for nodes 400 is a refusal, too.
 */
async function outcomeOf(route: Route, fleet: TestFleet, caller: TestCall | Signer): Promise<string> {
  if (route.method === "WS") {
    const live = await fleet.api.live(liveCall(caller));
    return String(live.response?.status ?? "in");
  }
  const isApi = route.path.startsWith("/api/v1/");
  const [method, path, body] = isApi
    ? callOf(route, fleet)
    : [route.method, route.path.replace(":file", "start.js")];
  const at = isApi ? `/api/v1/${path}` : path;
  const call = typeof caller === "function" ? caller(method, at, body) : { ...caller, body };
  const { status } = await fleet.api.send(method, at, call);
  const isOfFleet = CALLS_WITH_IDS[route.operationId] !== undefined;
  const refusals = [401, 403, ...(isOfFleet ? [404] : [])];
  // 503: the method that was asked for has no plugin here.
  if (status === 500 || (status === 400 && isNodeRoute(route))) return String(status);
  return refusals.includes(status) ? String(status) : "in";
}

/** As a page of ours would open it; a node signs it like any other request. */
function liveCall(caller: TestCall | Signer): TestCall {
  const call = typeof caller === "function" ? caller("GET", "/api/v1/live", undefined) : caller;
  return { ...call, headers: { ...call.headers, ...OWN } };
}

const isNodeRoute = ({ access }: Route) => access !== "public" && access.scope === "node";

/** What a subscription to one topic shows of node A: `in`, `-` for nothing of it, or the status of the refused socket. */
async function topicOutcome(topic: string, { api }: TestFleet, caller: TestCall | Signer): Promise<string> {
  const live = await api.live(liveCall(caller));
  if (live.response) return String(live.response.status);
  live.say({ subscribe: [topic] });
  const snapshot = live.got.find((message) => message.topic === topic);
  if (!snapshot) return "error";
  const text = JSON.stringify(snapshot.items);
  if (topic === "status") return /"degraded":[12]/.test(text) ? "in" : "-";
  return text.includes(NODE_A) ? "in" : "-";
}

/** Outcomes by row and caller. */
const matrix = new Map<string, Record<string, string>>();

async function fill(
  row: string,
  ask: (fleet: TestFleet, call: TestCall | Signer) => Promise<string>,
): Promise<void> {
  const fleet = await createTestFleet();
  const cells: Record<string, string> = {};
  for (const { name, make } of CALLERS) cells[name] = await ask(fleet, await make(fleet));
  matrix.set(row, cells);
}

async function filled(): Promise<typeof matrix> {
  if (matrix.size > 0) return matrix;
  for (const route of routes)
    await fill(`${route.method} ${route.path}`, (fleet, call) => outcomeOf(route, fleet, call));
  for (const topic of TOPICS)
    await fill(`WS subscribe ${topic}`, (fleet, call) => topicOutcome(topic, fleet, call));
  return matrix;
}

function shown(): string {
  const names = CALLERS.map(({ name }) => name);
  const head = ["", ...names];
  const rows = [...matrix].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = [head, ...rows.map(([row, cells]) => [row, ...names.map((name) => cells[name]!)])];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

test("T13 the matrix of all routes, messages and callers is the reviewed one", async () => {
  await filled();
  if (process.env.UPDATE_GOLDEN) await Bun.write(GOLDEN, shown());
  expect(shown()).toBe(await Bun.file(GOLDEN).text());
}, 60_000);

test("T54 everybody is let in where the table says so, and nowhere else", async () => {
  const cells = await filled();
  for (const { method, path, access } of routes)
    for (const { name, grants } of CALLERS) {
      if (access === "public") continue;
      const outcome = cells.get(`${method} ${path}`)![name]!;
      const expected = grants === null ? expectedOfOthers(name, access) : expectedOf(name, grants, access);
      expect([method, path, name, outcome]).toEqual([method, path, name, expected(outcome)]);
    }
}, 60_000);

type Expected = (outcome: string) => string;

function expectedOfOthers(
  name: string,
  { permission, signed }: Exclude<Route["access"], "public">,
): Expected {
  if (name === "nobody" || name === "gone-node") return () => "401";
  // A signature is no credential but where nodes report; there it lets in who is approved.
  if (["signed", "pending", "revoked"].includes(name)) {
    if (permission !== "node.send") return () => "401";
    return (outcome) => (name === "signed" ? (/^(in|400|409)$/.test(outcome) ? outcome : "in") : "403");
  }
  if (!ROLE_PERMISSIONS.node.includes(permission)) return () => "403";
  // Those come with keys; with signatures, nodes have tests of their own.
  return () => (name === "node" && !signed ? "in" : "403");
}

function expectedOf(name: string, grants: Grant[], access: Exclude<Route["access"], "public">): Expected {
  const permissions =
    CALLERS.find((one) => one.name === name && name === "key-read") && (["fleet.read"] as const);
  const principal = {
    kind: name.startsWith("key") ? ("key" as const) : ("user" as const),
    id: "",
    name,
    role: "viewer" as const,
    grants,
    ...(permissions && { permissions }),
  };
  const { permission, scope } = access;
  const may = scope === "tree" ? canOnTree(principal, permission) : canSomewhere(principal, permission);
  if (!may) return () => "403";
  // Holds it in another part only: node A is not there for this caller, or is not in what the caller gets to see.
  if (name.startsWith("db-")) return (outcome) => (outcome === "in" ? "in" : "404");
  return () => "in";
}

test("T09 a node gets in where nodes report and nowhere else", async () => {
  const cells = await filled();
  const doors = [...cells].filter(([, row]) => row.node === "in").map(([row]) => row);
  const open = routes
    .filter(({ access }) => access === "public")
    .map(({ method, path }) => `${method} ${path}`);
  expect(doors.filter((row) => !open.includes(row)).toSorted()).toEqual([
    "POST /api/v1/heartbeat",
    "POST /api/v1/reports",
  ]);
}, 60_000);

test("T67 a key that was granted nothing opens nothing but what is about itself", async () => {
  const cells = await filled();
  for (const { method, path, access } of routes) {
    if (access === "public" || access.permission === "self") continue;
    expect([path, cells.get(`${method} ${path}`)!["key-none"]]).toEqual([path, "403"]);
  }
}, 60_000);

test("T55 in no row does somebody of another part get at node A", async () => {
  const cells = await filled();
  for (const operation of Object.keys(CALLS_WITH_IDS)) {
    const { method, path } = routes.find((route) => route.operationId === operation)!;
    for (const name of ["db-viewer", "db-admin"])
      expect([path, name, cells.get(`${method} ${path}`)![name]]).not.toEqual([path, name, "in"]);
  }
  for (const topic of TOPICS) {
    const row = cells.get(`WS subscribe ${topic}`)!;
    if (topic !== "status") expect([topic, row["db-viewer"], row["db-admin"]]).toEqual([topic, "-", "-"]);
  }
}, 60_000);
