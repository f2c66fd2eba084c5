/** Who may see or do something on a part of the tree: nothing outside of it shows, not even that it is there. */
import { expect, test } from "bun:test";
import type { Grant } from "cortex";
import { createTestApi, NODE_A, NODE_B } from "../testing/test-api.ts";
import type { TestCall } from "../testing/test-call.ts";
import { CALLS_WITH_IDS, createTestFleet, type TestFleet } from "../testing/test-fleet.ts";
import {
  sampleInspection,
  sampleIntent,
  sampleInventory,
  sampleProblem,
  sampleReport,
} from "../testing/wire-samples.ts";
import { routes } from "./routes.ts";

const NOWHERE = `n_${"z".repeat(26)}`;
const OWN = { origin: "http://localhost" };

const LISTS = [
  "nodes",
  "problems",
  "intents",
  "inspections",
  "checks",
  "repairs",
  "plugins",
  "maintenance",
  "decisions",
] as const;

test("T55 each list holds what is on the caller's nodes, whatever is asked for", async () => {
  const { api, whole, web } = await createTestFleet();
  const list = async (key: string, path: string) =>
    (await api.send("GET", `/api/v1/${path}`, { key })).json.items.map((item) => item.node);
  for (const name of LISTS) {
    expect([name, (await list(whole, name)).toSorted().length]).not.toEqual([name, 0]);
    expect([name, new Set(await list(whole, name))]).toEqual([name, new Set([NODE_A, NODE_B])]);
    expect([name, new Set(await list(web, name))]).toEqual([name, new Set([NODE_A])]);
    if (name === "nodes") continue;
    expect([name, await list(web, `${name}?node=${NODE_B}`)]).toEqual([name, []]);
  }
  for (const query of ["text=db", "group=db", "text=site=db"])
    expect([query, await list(web, `nodes?${query}`)]).toEqual([query, []]);
});

test("a role in a place where no node is, is told apart when it is given and in the lists", async () => {
  const { api, whole } = await createTestFleet();
  const grants = ["*", "group:web", "group:webb"].map((scope) => ({ role: "viewer", scope }));
  const user = { name: "eva", password: "a long pass phrase of eva", grants };
  const made = await api.send("POST", "/api/v1/users", { key: whole, body: user });
  expect(made.json.emptyScopes).toEqual(["group:webb"]);
  const { items } = (await api.send("GET", "/api/v1/users", { key: whole })).json;
  expect(items.find(({ name }) => name === "eva")?.emptyScopes).toEqual(["group:webb"]);
  const key = await api.send("POST", "/api/v1/keys", { key: whole, body: { name: "ci", grants } });
  expect(key.json.emptyScopes).toEqual(["group:webb"]);
});

test("T55 pages of a part of the tree are full, and join without gap or overlap", async () => {
  const { api, web } = await createTestFleet();
  const [a, b] = [api.connect(NODE_A), api.connect(NODE_B)];
  const now = api.clock.now();
  const mine: string[] = [];
  for (let index = 0; index < 25; index += 1) {
    const problem = sampleProblem(now + 1000 + index);
    mine.push(problem.id);
    await a.uplink.deliver([envelope(NODE_A, index, problem)]);
    await b.uplink.deliver([envelope(NODE_B, index, sampleProblem(now + 1000 + index))]);
  }
  const sizes: number[] = [];
  const seen: string[] = [];
  let cursor = "";
  do {
    const { items, next } = (await api.send("GET", `/api/v1/problems?limit=10${cursor}`, { key: web })).json;
    sizes.push(items.length);
    seen.push(...items.map((item) => item.id));
    cursor = next === null ? "" : `&cursor=${next}`;
  } while (cursor !== "");
  expect(sizes).toEqual([10, 10, 6]);
  expect(new Set(seen).size).toBe(26);
  expect(mine.every((id) => seen.includes(id))).toBe(true);
});

function envelope(node: string, index: number, body: unknown) {
  const at = new Date(0).toISOString();
  return {
    v: 1 as const,
    type: "problem" as const,
    id: crypto.randomUUID(),
    node,
    epoch: 2,
    seq: index + 1,
    at,
    body,
  };
}

test("T55 counts, tiles and totals are of the caller's nodes", async () => {
  const { api, whole, web } = await createTestFleet();
  const get = async (key: string, path: string) => (await api.send("GET", `/api/v1/${path}`, { key })).json;
  expect(await get(whole, "cluster/topology")).toMatchObject({ status: { repairs: "mixed" } });
  const topology = await get(web, "cluster/topology");
  expect(topology).toMatchObject({
    status: { repairs: "on", nodes: { degraded: 1 }, openProblems: { critical: 1 } },
    groups: [{ group: "web" }],
  });
  expect(JSON.stringify(topology)).not.toContain(NODE_B);
  expect(await get(web, "settings")).toMatchObject({ repairs: true, switch: "on", nodesOff: [] });
  const count = async (key: string) =>
    (await get(key, "intents/statistics")).items.reduce((sum, item) => sum + (item.count as number), 0);
  expect([await count(whole), await count(web)]).toEqual([4, 2]);
});

test("T55 every route that takes a node's id is among those that are tried here", () => {
  const takes = routes.filter(({ access, path, objects }) => {
    const isOfFleet = access !== "public" && access.permission !== "self" && access.scope !== "tree";
    return objects !== undefined || (isOfFleet && path.includes(":id"));
  });
  expect(takes.map((route) => route.operationId).toSorted()).toEqual(Object.keys(CALLS_WITH_IDS).toSorted());
});

for (const [operation, make] of Object.entries(CALLS_WITH_IDS))
  test(`T55 ${operation} answers for an id of another part as for one that does not exist`, async () => {
    const { api, ids, web, whole } = await createTestFleet();
    const unknown = { problem: "", intent: "", window: "", evidence: "", waiting: "", decision: "" };
    for (const name of Object.keys(unknown)) Reflect.set(unknown, name, crypto.randomUUID());
    const ask = async (key: string, of: Record<string, string>, node: string, check: string) => {
      const [method, path, body] = make({ ...of, check }, node);
      const { status, json } = await api.send(method, `/api/v1/${path}`, { key, body });
      return { status, code: json?.error?.code, message: json?.error?.message };
    };
    const foreign = await ask(web, ids.get(NODE_B)!, NODE_B, "db_check");
    const missing = await ask(web, unknown, NOWHERE, "no_check");
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(missing);
    const own = await ask(web, ids.get(NODE_A)!, NODE_A, "web_check");
    const all = await ask(whole, ids.get(NODE_B)!, NODE_B, "db_check");
    expect([own.status, all.status]).not.toContain(404);
    expect([own.status, all.status]).not.toContain(403);
  });

test("T55 an id of another part is not found without its node either", async () => {
  const { api, ids, web } = await createTestFleet();
  const { window } = ids.get(NODE_B)!;
  const status = async (method: string, path: string, body?: unknown) =>
    (await api.send(method, `/api/v1/${path}`, { key: web, body })).status;
  expect(await status("DELETE", `maintenance/${window}`)).toBe(404);
  expect(await status("POST", "checks/db_check/run", {})).toBe(404);
  expect(await status("POST", "checks/db_check/run", { node: "*" })).toBe(404);
});

test("T55 what acts on nodes names them: nothing left out means all", async () => {
  const { api, whole, web } = await createTestFleet();
  const [a, b] = [api.connect(NODE_A), api.connect(NODE_B)];
  const acts: [string, object][] = [
    ["settings/switch", { repairs: false, reason: "x" }],
    ["checks/web_check/run", {}],
    ["checks/web_check/pause", {}],
    ["checks/web_check/resume", {}],
    ["inspections", {}],
    ["config/reload", {}],
    ["intents", { kind: "note", summary: "x" }],
    ["maintenance", { check: "*", target: "*", until: "2100-01-01T00:00:00.000Z", reason: "x" }],
  ];
  for (const [path, body] of acts)
    for (const node of [undefined, "", null, [], {}]) {
      const { status } = await api.send("POST", `/api/v1/${path}`, { key: whole, body: { ...body, node } });
      expect([path, node, status]).toEqual([path, node, 400]);
    }
  expect([a.commands, b.commands]).toEqual([[], []]);
  await api.send("POST", "/api/v1/settings/switch", {
    key: web,
    body: { repairs: false, reason: "x", node: "*" },
  });
  expect([a.commands.length, b.commands.length]).toEqual([1, 0]);
});

test("T55 the live socket shows the caller's nodes in every topic", async () => {
  const { api, web } = await createTestFleet();
  const live = await api.live({ key: web });
  const topics = ["nodes", "problems", "intents", "inspections", "reports", "status"];
  live.say({ subscribe: topics });
  const b = api.connect(NODE_B);
  const now = api.clock.now();
  const late = [
    { type: "problem", body: sampleProblem(now + 1) },
    { type: "intent", body: sampleIntent(now + 1) },
    { type: "inspection", body: sampleInspection(now + 1) },
    { type: "report", body: sampleReport(now + 1) },
  ];
  await b.uplink.deliver(
    late.map(({ type, body }, index) => ({ ...envelope(NODE_B, index, body), type: type as "problem" })),
  );
  await api.clock.advance(2000);
  expect(live.got.map((message) => [message.topic, message.type])).toEqual(
    topics.map((topic) => [topic, "snapshot"]),
  );
  expect(JSON.stringify(live.got)).not.toContain(NODE_B);
  expect(live.got.at(-1)!.items).toMatchObject([{ nodes: { degraded: 1 }, openProblems: { critical: 1 } }]);
});

test("T55 a node that moves to another part leaves the sockets of the first at once", async () => {
  const { api, web } = await createTestFleet();
  const a = api.connect(NODE_A);
  await api.clock.advance(2000);
  const live = await api.live({ key: web });
  live.say({ subscribe: ["nodes", "problems"] });
  await a.uplink.deliver([
    {
      ...envelope(NODE_A, 1, sampleInventory({ name: "web", group: "db", labels: {} })),
      type: "inventory",
    },
  ]);
  await api.clock.advance(2000);
  expect(live.got.slice(2)).toMatchObject([
    { topic: "nodes", type: "snapshot", items: [] },
    { topic: "problems", type: "snapshot", items: [] },
  ]);
});

test("who may see a part only is refused what is about the whole tree", async () => {
  const { api, web } = await createTestFleet();
  for (const path of ["users", "keys", "audit"])
    expect([path, (await api.send("GET", `/api/v1/${path}`, { key: web })).status]).toEqual([path, 403]);
  const set = { autonomy: "act", reason: "x" };
  expect((await api.send("POST", "/api/v1/settings/autonomy", { key: web, body: set })).status).toBe(403);
  expect((await api.send("GET", "/metrics", { key: web })).status).toBe(403);
});

async function signIn(api: TestFleet["api"], grants: Grant[], by: TestCall) {
  const body = { name: "bob", password: "bobs long pass phrase", grants };
  const made = await api.send("POST", "/api/v1/users", { ...by, body });
  const { name, password } = body;
  const login = await api.send("POST", "/api/v1/auth/login", { body: { name, password } });
  const cookie = /__Host-cortex=([^;]+)/.exec(login.headers.get("set-cookie") ?? "")?.[1] ?? "";
  return { id: made.json.id, cookie, made };
}

test("T60 new grants take effect at once: the session ends and its sockets close", async () => {
  const { api, whole } = await createTestFleet();
  const by = { key: whole };
  const { id, cookie, made } = await signIn(api, [{ role: "viewer", scope: "group:web" }], by);
  expect(made.json).toMatchObject({ role: "viewer", grants: [{ role: "viewer", scope: "group:web" }] });
  api.api.start();
  const live = await api.live({ cookie, headers: OWN });
  const change = { grants: [{ role: "viewer", scope: "group:db" }] };
  expect((await api.send("PATCH", `/api/v1/users/${id}`, { ...by, body: change })).json).toMatchObject(
    change,
  );
  expect(live.state.closed).not.toBeNull();
  expect((await api.send("GET", "/api/v1/nodes", { cookie })).status).toBe(401);
});

test("a scope that is none, a role beside grants, and neither are refused", async () => {
  const { api, whole } = await createTestFleet();
  const make = async (fields: object) =>
    (
      await api.send("POST", "/api/v1/users", {
        key: whole,
        body: { name: "bob", password: "bobs long pass phrase", ...fields },
      })
    ).json.error?.message;
  expect(await make({ grants: [{ role: "viewer", scope: "everything" }] })).toContain("subtree:NODEID");
  expect(await make({ grants: [{ role: "node", scope: "*" }] })).toContain("must be one of");
  expect(await make({ role: "viewer", grants: [] })).toContain("not both");
  expect(await make({})).toContain("give a role or grants");
  expect(await make({ role: "viewer" })).toBeUndefined();
});

test("the last admin of the whole tree stays, however the grants are written", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const { id } = (await api.send("GET", "/api/v1/users", { cookie })).json.items[0]!;
  const local = {
    principal: { kind: "local", id: "local", name: "local", role: "admin", grants: [] },
  } as const;
  const change = async (body: object) =>
    (await api.send("PATCH", `/api/v1/users/${id}`, { ...local, body })).json.error?.code;
  for (const body of [
    { grants: [] },
    { role: "operator" },
    { disabled: true },
    { grants: [{ role: "admin", scope: "group:web" }] },
  ])
    expect(await change(body)).toBe("auth.last_admin");
  expect((await api.send("DELETE", `/api/v1/users/${id}`, local)).json.error.code).toBe("auth.last_admin");
  expect(
    await change({
      grants: [
        { role: "admin", scope: "*" },
        { role: "viewer", scope: "*" },
      ],
    }),
  ).toBeUndefined();
});

test("T67 a narrowed key can't make or change an account that may do more than it", async () => {
  const { api, whole } = await createTestFleet();
  const { id } = await signIn(api, [{ role: "admin", scope: "*" }], { key: whole });
  const row = api.store.access.keys.all()[0]!;
  api.store.access.keys.add({
    ...row,
    id: "narrow",
    secretHash: "narrow:secret",
    permissions: ["people.manage"],
  });
  const call = { key: "narrow:secret" };
  const body = { name: "eve", password: "eves long pass phrase", role: "viewer" };
  expect((await api.send("POST", "/api/v1/users", { ...call, body })).json.error.code).toBe(
    "auth.grant_too_much",
  );
  for (const change of [{ password: "eves long pass phrase" }, { grants: [] }, { disabled: true }])
    expect((await api.send("PATCH", `/api/v1/users/${id}`, { ...call, body: change })).status).toBe(403);
  expect((await api.send("DELETE", `/api/v1/users/${id}`, call)).status).toBe(403);
});
