import { expect, test } from "bun:test";
import type { Role } from "cortex";
import type { CommandResult } from "../wire/command.ts";
import { cookieOf, createTestApi, NODE_A, type TestApi, type TestCall } from "../testing/test-api.ts";
import { ROLE_PERMISSIONS } from "../domain/access.ts";
import {
  assertComplete,
  assertNoDuplicates,
  defineRoute,
  describeRoutes,
  isSchema,
  type Route,
} from "./route.ts";
import { routes } from "./routes.ts";

const GOLDEN = `${import.meta.dir}/route-table.golden.txt`;
const OTHER_ROUTES = "/* GET public (the dashboard's static files and pages)\n";

test("the table of routes and who may use them is the reviewed one", async () => {
  const now = OTHER_ROUTES + describeRoutes(routes);
  if (process.env.UPDATE_GOLDEN) await Bun.write(GOLDEN, now);
  expect(now).toBe(await Bun.file(GOLDEN).text());
});

test("T13 a route that does not say who may use it does not start", () => {
  const whole = routes.find((one) => one.operationId === "getNode")!;
  const broken: Partial<Route>[] = [
    { access: undefined },
    { access: null as never },
    { access: {} as never },
    { access: { permission: "everything" as never, scope: "tree" } },
    { access: { permission: "fleet.read", scope: "all" as never } },
    { objects: undefined },
    { access: { permission: "fleet.read", scope: "tree" } },
    { access: { permission: "fleet.read", scope: "self" }, objects: undefined },
    { access: { permission: "fleet.read", scope: "node" }, objects: undefined },
    { access: "public", objects: undefined },
  ];
  expect(() => assertComplete([whole])).not.toThrow();
  for (const change of broken) expect(() => assertComplete([{ ...whole, ...change }])).toThrow("getNode");
});

test("a route that is declared twice is refused, whatever its parameters are called", () => {
  const route = (path: string, operationId: string) =>
    defineRoute({
      method: "GET",
      path,
      access: { permission: "self", scope: "self" },
      operationId,
      summary: "x",
      tags: [],
      response: { mediaType: "text/plain", description: "x" },
      handler: () => "x",
    });
  expect(() => assertNoDuplicates([route("/a/:id", "one"), route("/a/:name", "two")])).toThrow(/one.*two/);
  expect(() => assertNoDuplicates([route("/a/:id", "one"), route("/a/b", "two")])).not.toThrow();
});

test("operation ids are unique", () => {
  const ids = routes.map((route) => route.operationId);
  expect(ids).toEqual([...new Set(ids)]);
});

/** Answers of a node that make every command succeed. */
function answer(type: string): CommandResult {
  if (type === "ledger.verify") return { ok: true, data: { ok: true, entries: 2, firstBroken: null } };
  if (type === "ledger.export") return { ok: true, data: { entries: [{ seq: 1 }] } };
  if (type === "config.show") return { ok: true, data: { server: {} } };
  if (type === "evidence.get") return { ok: true, data: { id: "x", problemId: "y", parts: {} } };
  return { ok: true };
}

/** One user, key or session per role, made anew so that no call spoils the next one. */
async function callers(api: TestApi, admin: string): Promise<Record<string, TestCall>> {
  const logIn = async (role: string) => {
    const name = `${role}-${crypto.randomUUID().slice(0, 8)}`;
    const password = "a pass phrase of the matrix";
    const made = await api.send("POST", "/api/v1/users", { cookie: admin, body: { name, password, role } });
    const user = api.store.access.users.get(made.json.id)!;
    // Straight to the session: the login limits are not what is tested here.
    return {
      user,
      cookie: cookieOf(await api.send("POST", "/api/v1/auth/login", { body: { name, password } })),
    };
  };
  return {
    nobody: {},
    viewer: { cookie: (await logIn("viewer")).cookie },
    operator: { cookie: (await logIn("operator")).cookie },
    admin: { cookie: (await logIn("admin")).cookie },
    "viewer key": { key: await api.createKey("viewer") },
    "admin key": { key: await api.createKey("admin") },
    node: { key: await api.createKey("node", NODE_A) },
  };
}

const ROLE_OF: Record<string, Role> = {
  viewer: "viewer",
  operator: "operator",
  admin: "admin",
  "viewer key": "viewer",
  "admin key": "admin",
  node: "node",
};

for (const route of routes) {
  const { method, path, access } = route;
  test(`${method} ${path} lets in exactly who the table says`, async () => {
    const api = createTestApi();
    const admin = await api.setUp();
    await api
      .connect(NODE_A, (command) => answer(command.type))
      .tell({
        type: "heartbeat",
        body: {
          at: new Date(api.clock.now()).toISOString(),
          uptimeSeconds: 1,
          repairs: true,
          openProblems: 0,
          spooled: 0,
          version: "1",
        },
      });
    const all = await callers(api, admin);
    for (const [who, call] of Object.entries(all)) {
      const target = path
        .replace(":id", path.includes("/nodes/") ? NODE_A : crypto.randomUUID())
        .replace(":file", "x");
      const status =
        method === "WS"
          ? ((await api.live({ ...call, headers: { origin: "http://localhost" } })).response?.status ?? 101)
          : (await api.send(method, target, { ...call, ...(route.body && { body: {} }) })).status;
      const role = ROLE_OF[who];
      if (access === "public") expect([who, status]).not.toEqual([who, 403]);
      else if (role === undefined) expect([who, status]).toEqual([who, 401]);
      else if (!ROLE_PERMISSIONS[role].includes(access.permission)) expect([who, status]).toEqual([who, 403]);
      else expect([who, [401, 403, 500].includes(status)]).toEqual([who, false]);
    }
  });
}

test("every answer fits the schema that documents it", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const node = api.connect(NODE_A, (command) => answer(command.type));
  await node.tell({
    type: "heartbeat",
    body: {
      at: new Date(api.clock.now()).toISOString(),
      uptimeSeconds: 1,
      repairs: true,
      openProblems: 0,
      spooled: 0,
      version: "1",
    },
  });
  for (const route of routes) {
    if (route.method !== "GET" || !isSchema(route.response) || route.path.includes(":file")) continue;
    if (route.path.includes(":id") && !route.path.includes("/nodes/")) continue;
    const result = await api.send("GET", route.path.replace(":id", NODE_A), { cookie });
    expect([route.path, result.status]).toEqual([route.path, 200]);
    expect([route.path, route.response.safeParse(result.json).error?.issues ?? []]).toEqual([route.path, []]);
  }
});
