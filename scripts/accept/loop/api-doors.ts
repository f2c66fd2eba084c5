/** Every door of the API: closed to nobody, to the wrong role and to a session that has ended. */
import { join } from "node:path";
import type { Role } from "cortex";
import { ROLE_PERMISSIONS } from "../../../core/domain/access.ts";
import { routes } from "../../../core/http/routes.ts";
import type { Route } from "../../../core/http/route.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
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

const roles: Scenario = {
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

const PASSWORD = "correct horse battery staple";
const ADMIN = { name: "ada", password: PASSWORD };

const setupTokens = (cortex: Cortex) =>
  [...cortex.stdout().matchAll(/^Setup: (http\S+)\/setup#(\S+)$/gm)].map(([, url, token]) => {
    ensureEqual(url, cortex.url, "address in the setup link");
    return token!;
  });

const setupOnce: Scenario = {
  name: "setup-link",
  quick: true,
  async run(rig) {
    const cortex = await rig.cortex({ config });
    const [first] = await until(() => setupTokens(cortex).length > 0 && setupTokens(cortex), {
      what: "the setup link is printed",
      timeoutMs: 5000,
    });
    const isOpen = async () =>
      (await cortex.api<{ setup: boolean }>("GET", "auth/methods", undefined, { key: null })).json.setup;
    const redeem = async (token: string, name: string) =>
      (await cortex.api("POST", "auth/setup", { ...ADMIN, name, token }, { key: null })).status;
    ensureEqual(await isOpen(), true, "setup, before there is an admin");
    ensureEqual(await redeem(`${first}x`, "eve"), 403, "a wrong token");

    await cortex.restart();
    const [, second] = await until(() => setupTokens(cortex).length > 1 && setupTokens(cortex), {
      what: "the next start prints a link of its own",
      timeoutMs: 5000,
    });
    ensureEqual(await redeem(first!, "eve"), 403, "the link of the start before");
    ensureEqual(await redeem(second!, "ada"), 201, "the link");
    for (const [token, what] of [
      [second!, "the link, a second time"],
      [first!, "the older link, after the first admin"],
    ] as const)
      ensureEqual(await redeem(token, "eve"), 404, what);
    ensureEqual(await isOpen(), false, "setup, with an admin");

    await cortex.restart();
    ensureEqual(setupTokens(cortex).length, 2, "setup links, after a start with an admin");
    const { json } = await cortex.api<{ items: { name: string; role: string }[] }>("GET", "users");
    ensureEqual(
      json.items.map(({ name, role }) => [name, role]),
      [["ada", "admin"]],
      "users",
    );
    return "one use, none of an older start, dead after the first admin, no link at the next start";
  },
};

/** Name and value of the session's cookie, and its attributes. */
function cookieOf(headers: Headers): { pair: string; attributes: string[] } {
  const [pair, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
  return { pair: pair ?? "", attributes: attributes.map((one) => one.toLowerCase()).toSorted() };
}

const sessions: Scenario = {
  name: "session-ends",
  quick: true,
  async run(rig: Rig) {
    const cortex = await rig.cortex({ config });
    ensureEqual(
      (await cortex.api("POST", "users", { ...ADMIN, role: "operator" })).status,
      201,
      "POST users",
    );
    const login = (body: object) =>
      cortex.api<{ error?: { message: string } }>("POST", "auth/login", body, { key: null });
    const [wrong, stranger] = [
      await login({ ...ADMIN, password: "wrong" }),
      await login({ ...ADMIN, name: "nobody" }),
    ];
    ensureEqual([wrong.status, stranger.status], [401, 401], "a wrong password, an unknown name");
    ensureEqual(wrong.json.error?.message, stranger.json.error?.message, "what both are told");

    const { status, headers } = await login(ADMIN);
    ensureEqual(status, 200, "login");
    const { pair, attributes } = cookieOf(headers);
    ensure(/^__Host-cortex=[\w-]{20,}$/.test(pair), "login sets no session cookie");
    ensureEqual(attributes, ["httponly", "path=/", "samesite=strict", "secure"], "attributes of the cookie");

    const withCookie = async (method: string, path: string, more: Record<string, string> = {}) =>
      fetch(`${cortex.url}/api/v1/${path}`, {
        method,
        headers: { cookie: pair, ...more },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
    const json = { "content-type": "application/json" };
    ensureEqual((await withCookie("GET", "auth/session")).status, 200, "who is asking, with the cookie");
    ensureEqual((await withCookie("GET", "users")).status, 403, "an operator asks for the users");
    const foreign = await withCookie("POST", "auth/logout", { ...json, origin: "https://evil.example" });
    ensureEqual(foreign.status, 403, "logout asked by a foreign page");
    ensureEqual(
      (await withCookie("POST", "auth/logout", json)).status,
      403,
      "a write that no page asked for",
    );
    ensureEqual((await withCookie("GET", "auth/session")).status, 200, "the session after the refused ones");

    const socket = new (
      WebSocket as unknown as new (url: string, options: { headers: Record<string, string> }) => WebSocket
    )(`${cortex.url.replace("http", "ws")}/api/v1/live`, {
      headers: { cookie: pair, origin: cortex.url },
    });
    const closed = Promise.withResolvers<number>();
    const opened = Promise.withResolvers<void>();
    socket.addEventListener("open", () => opened.resolve());
    socket.addEventListener("close", ({ code }) => closed.resolve(code));
    await opened.promise;
    const out = await withCookie("POST", "auth/logout", { ...json, origin: cortex.url });
    ensureEqual(out.status, 200, "logout");
    ensure(/max-age=0/i.test(out.headers.get("set-cookie") ?? ""), "logout does not take the cookie back");
    ensureEqual((await withCookie("GET", "auth/session")).status, 401, "the old cookie after the logout");
    ensureEqual(await closed.promise, 1008, "how the live socket of that session was closed");
    await cortex.restart();
    ensureEqual((await withCookie("GET", "auth/session")).status, 401, "the old cookie after a restart");
    return "login, refused foreign pages, logout; the cookie and the live socket die with the session";
  },
};

export default [roles, setupOnce, sessions];
