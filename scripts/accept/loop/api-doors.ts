/** Every door of the API: closed to nobody and to the wrong role. */
import { join } from "node:path";
import type { Role } from "cortex";
import { ROLE_PERMISSIONS } from "../../../core/domain/access.ts";
import { routes } from "../../../core/http/routes.ts";
import type { Route } from "../../../core/http/route.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { pause } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const ROLES: readonly Role[] = ["viewer", "operator", "admin", "node"];
/** The test asks more often in a second than people do. */
const config = { server: { request_rate: 10_000 } };
const NOBODYS_ID = "01900000-0000-7000-8000-000000000000";

interface Operation {
  method: string;
  path: string;
  id: string;
  route: Route;
}

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>;
}

/**
 * A back-test only reads; what an assistant asks for over `/mcp` goes through the doors of the REST API, one by one.
 */
const CHANGES_NOTHING = ["checkPolicy", "testPolicy", "mcp", "mcpEnd"];

/** The documented operations; those that are in the route table alone, or in the document alone, are a failure. */
async function operationsOf(cortex: Cortex): Promise<Operation[]> {
  const { json } = await cortex.api<Document>("GET", "/swagger/json");
  const operations = Object.entries(json.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => {
      const route = routes.find((one) => one.operationId === operationId);
      ensure(route !== undefined, `${operationId} is documented and not in the route table`);
      return {
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, NOBODYS_ID),
        id: operationId,
        route,
      };
    }),
  );
  const undocumented = routes.filter((route) => !operations.some((one) => one.id === route.operationId));
  ensureEqual(
    undocumented.map((route) => route.operationId),
    [],
    "routes that are not documented",
  );
  return operations;
}

interface Asked {
  status: number;
  code: string | null;
}

/** Without a body and with made-up ids: who passes the door is then told that the request does not fit. */
async function ask(base: string, operation: Operation, headers: Record<string, string>): Promise<Asked> {
  const response = await fetch(new URL(operation.path, base), {
    method: operation.method,
    headers,
    redirect: "manual",
  });
  const text = await response.text();
  if (response.status === 429) {
    // Nobody's requests are counted by address, and here everybody has the same one.
    await pause(Number(response.headers.get("retry-after")) * 1000);
    return ask(base, operation, headers);
  }
  // A way of signing in that leads elsewhere answers browsers, with a place to go.
  if (response.ok || response.status < 400) return { status: response.status, code: null };
  const body = JSON.parse(text) as {
    jsonrpc?: string;
    error?: { code?: string; message?: string; id?: string };
  };
  // Past the pipeline an assistant is answered in its own protocol.
  if (operation.path === "/mcp" && body.jsonrpc === "2.0") return { status: response.status, code: null };
  const { code, message, id } = body.error ?? {};
  ensure(code && message && id, `${operation.id}: an error without code, message and id: ${text}`);
  return { status: response.status, code };
}

/** A key that speaks for the node of this very Cortex. */
async function nodeKey(cortex: Cortex): Promise<string> {
  const [node] = (await cortex.api<{ items: { id: string }[] }>("GET", "nodes")).json.items;
  const made = await cortex.cli("key", "create", "node", "--role", "node", "--node", node!.id);
  ensureEqual([made.code, made.stderr], [0, ""], "key create --role node");
  return made.stdout.trim();
}

const rolesOf = ({ access }: Route): readonly Role[] =>
  access === "public"
    ? ROLES
    : // Keys sign nothing.
      ROLES.filter((role) => !access.signed && ROLE_PERMISSIONS[role].includes(access.permission));

const isAboutOneself = ({ access }: Route) => access !== "public" && access.scope === "self";

async function knock(cortex: Cortex, base: string): Promise<string> {
  const operations = await operationsOf(cortex);
  const closed = operations.filter((one) => one.route.access !== "public");
  ensure(closed.length >= 40, `only ${closed.length} operations that need somebody`);
  const wrong: string[] = [];
  const judge = ({ method, path, id }: Operation, who: string, { status, code }: Asked, fits: boolean) => {
    if (!fits) wrong.push(`${method} ${path} (${id}) as ${who}: ${status} ${code}`);
  };
  let knocks = 0;

  for (const operation of operations) {
    const isOpen = operation.route.access === "public";
    for (const [who, headers] of [
      ["nobody", {}],
      ["a made-up key", { authorization: "Bearer cxk_AAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" }],
      ["a made-up session", { cookie: "__Host-cortex=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }],
    ] as const) {
      const asked = await ask(base, operation, headers);
      judge(operation, who, asked, isOpen ? asked.status !== 401 : asked.status === 401);
      knocks += 1;
    }
  }
  for (const role of ROLES) {
    const authorization = `Bearer ${role === "node" ? await nodeKey(cortex) : await cortex.key(role)}`;
    for (const operation of closed) {
      const asked = await ask(base, operation, { authorization });
      const may = rolesOf(operation.route).includes(role);
      const isServed = asked.status !== 401 && asked.status < 500 && asked.code !== "http.permission";
      judge(
        operation,
        role,
        asked,
        may ? isServed : asked.status === 403 && asked.code === "http.permission",
      );
      knocks += 1;
    }
  }
  ensure(wrong.length === 0, `${wrong.length} doors are wrong, for example ${wrong.slice(0, 3).join("; ")}`);

  const writes = closed.filter((one) => one.method !== "GET");
  ensureEqual(
    writes
      .filter((one) => rolesOf(one.route).includes("viewer") && !isAboutOneself(one.route))
      .filter((one) => !CHANGES_NOTHING.includes(one.id))
      .map((one) => one.id),
    [],
    "what a viewer may do to others that is no GET",
  );
  return `${operations.length} operations, ${closed.length} closed to nobody, ${writes.length} writes; ${knocks} knocks`;
}

const scenario: Scenario = {
  name: "api-doors",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const cortex = await rig.cortex({ config });
    return knock(cortex, cortex.url);
  },
  /** The same API behind a proxy that lends everybody the local administrator's socket: no door is closed there. */
  async control(rig) {
    const cortex = await rig.cortex({ config });
    const socket = join(cortex.dataDir, "cortex.sock");
    const proxy = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => {
        const { pathname, search } = new URL(request.url);
        return fetch(`http://localhost${pathname}${search}`, { method: request.method, unix: socket });
      },
    });
    rig.atEnd(() => proxy.stop(true));
    return knock(cortex, `http://127.0.0.1:${proxy.port}`);
  },
};

export default scenario;
