import { expect, test } from "bun:test";
import * as z from "zod";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import { goodAnswer } from "../testing/test-fleet.ts";
import {
  assertComplete,
  assertNoDuplicates,
  defineRoute,
  describeRoutes,
  isSchema,
  type Route,
} from "./route.ts";
import { routes } from "./routes.ts";
import { joinString } from "../testing/remote-node.ts";
import { createTestNode } from "../testing/test-node.ts";

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

test("every answer fits the schema that documents it", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const node = api.connect(NODE_A, (command) => goodAnswer(command.type));
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
  const remote = createTestNode(api);
  await remote.join(await joinString(api));
  const queries: Record<string, string> = { "/enrol/hello": `?nonce=${"n".repeat(43)}` };
  for (const route of routes) {
    if (route.method !== "GET" || !isSchema(route.response) || route.path.includes(":file")) continue;
    if (route.path.includes(":id") && !route.path.includes("/nodes/")) continue;
    const id = route.path.endsWith("/identity") ? remote.id : NODE_A;
    const path = route.path.replace(":id", id).replace(":version", "0") + (queries[route.path] ?? "");
    const result = await api.send("GET", path, { cookie });
    expect([route.path, result.status]).toEqual([route.path, 200]);
    expect([route.path, route.response.safeParse(result.json).error?.issues ?? []]).toEqual([route.path, []]);
  }
});

test("nothing is changed by asking for it: GET writes no act into the chain, but that somebody took a copy", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const acts = () => api.store.ledger.read(0, 1000).map((entry) => entry.kind);
  const before = acts();
  for (const route of routes) {
    if (route.method !== "GET") continue;
    const path = route.path
      .replace(":id", crypto.randomUUID())
      .replace(":file", "x")
      .replace(":method", "none");
    await api.send("GET", path, { cookie });
  }
  expect(acts().slice(before.length)).toEqual(["audit.exported"]);
});

/** Names of what a program would connect to. */
const ADDRESS = /^(url|uri|host|hostname|address|ip|port|endpoint|webhook|callback)$/i;

function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (typeof schema !== "object" || schema === null) return [];
  const names = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...names, ...Object.values(schema).flatMap(namesIn)];
}

test("T87 nobody makes Cortex look at an address: no route takes one, and who may only read starts no check", async () => {
  const inputs = routes.flatMap(({ operationId, query, body }) =>
    [query, body]
      .filter((schema) => schema !== undefined)
      .flatMap((schema) => namesIn(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })))
      .map((name) => [operationId, name]),
  );
  expect(inputs.length).toBeGreaterThan(50);
  // The Monitor's own address, which is written into a join string for the node.
  expect(inputs.filter(([, name]) => ADDRESS.test(name!))).toEqual([["createJoinToken", "url"]]);
  const api = createTestApi();
  const key = await api.createKey("viewer");
  api.connect(NODE_A, (command) => goodAnswer(command.type));
  const body = { node: NODE_A };
  for (const path of ["checks/http/run", "inspections", "checks/http/resume"])
    expect([path, (await api.send("POST", `/api/v1/${path}`, { key, body })).status]).toEqual([path, 403]);
});
