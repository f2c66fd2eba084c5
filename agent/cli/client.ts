/**
 * How commands talk to Cortex: over the socket of a running daemon, over HTTPS with `--url` and a key, or, when no daemon
 * runs, to the same API inside this process, holding the folder's lock meanwhile.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { CortexError, type ErrorKind } from "cortex";
import type { Cortex } from "../cortex.ts";
import { loadSettings, type Settings } from "../settings.ts";
import { assertMeant } from "./elsewhere.ts";
import { when } from "./output.ts";
import { pick } from "./pick.ts";

export interface ConnectionArgs {
  "data-dir"?: string | undefined;
  config?: string | undefined;
  url?: string | undefined;
  key?: string | undefined;
}

export interface Client {
  get<T>(path: string, query?: Record<string, string>): Promise<T>;
  list<T>(path: string, query?: Record<string, string>): Promise<{ items: T[]; next: string | null }>;
  text(path: string, query?: Record<string, string>): Promise<string>;
  post<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete<T = void>(path: string): Promise<T>;
  pick: typeof pick;
  /** `socket`, `url` or `offline`. */
  via: "socket" | "url" | "offline";
}

type Send = (request: Request) => Promise<Response>;

/** As long as a daemon takes from the lock of its folder to its socket, on a slow day. */
const LOCK_WAIT_MS = 2000;

interface ClientOptions {
  /** May begin a data folder: true for what is set up before the first start. */
  mayCreate?: boolean;
}

/** The daemon that runs on this folder; null when none does. */
export async function daemonOf({ dataDir }: Pick<Settings, "dataDir">): Promise<Client | null> {
  const socket = join(dataDir, "cortex.sock");
  return (await isAlive(socket)) ? clientOver((request) => viaSocket(request, socket), "socket") : null;
}

/**
 * Run with a client; whatever it opened is closed again. Errors: `cli.no_cortex` where no Cortex has ever run, `cli.elsewhere`
 * where the folder was not named and a Cortex runs on another one.
 */
export async function withClient<T>(
  args: ConnectionArgs,
  work: (client: Client) => Promise<T>,
  { mayCreate = false }: ClientOptions = {},
): Promise<T> {
  if (args.url !== undefined) return work(remoteClient(args.url, args.key ?? process.env.CORTEX_KEY));
  // Other options of a command are its own: --role of a key is not the role of the daemon.
  const settings = loadSettings({ config: args.config, "data-dir": args["data-dir"] });
  const daemon = await daemonOf(settings);
  if (daemon !== null) return work(daemon);
  assertMeant(settings);
  const asOf = lastWritten(settings.dataDir);
  if (asOf === null && !mayCreate) throw noCortexIn(settings.dataDir);
  becomeOwnerOf(settings.dataDir);
  // Stores, HTTP and plugins are loaded only for this way, so that the others start fast.
  const { openCortex } = await import("../cortex.ts");
  let cortex: Cortex;
  try {
    cortex = await openCortex(settings, { quiet: true, lockWaitMs: LOCK_WAIT_MS });
  } catch (error) {
    // A daemon that was only starting has its socket by now.
    const isLocked = error instanceof CortexError && error.code === "store.locked";
    const started = isLocked ? await daemonOf(settings) : null;
    if (started === null) throw error;
    return work(started);
  }
  try {
    const local = {
      ip: "local",
      principal: { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const,
    };
    let onlyReads = true;
    const send = async (request: Request) => {
      onlyReads &&= request.method === "GET";
      return (await cortex.api.handle(request, local)) ?? new Response(null, { status: 426 });
    };
    const result = await work(clientOver(send, "offline"));
    // Nobody checks meanwhile: what is stored must not be taken for how things are.
    if (onlyReads && asOf !== null)
      process.stderr.write(`cortex: not running on ${settings.dataDir}; as of ${when(asOf.toISOString())}\n`);
    return result;
  } finally {
    await cortex.stop();
  }
}

/** What is only looked at is not made. */
export const noCortexIn = (dataDir: string) =>
  new CortexError(
    "cli.no_cortex",
    "unavailable",
    `no Cortex in ${dataDir}: start it with \`cortex up --data-dir DIR\`, or name another folder`,
  );

/** When a Cortex last wrote into this folder; null where none ever did. */
function lastWritten(dir: string): Date | null {
  const times = ["lock.db", "agent.db", "monitor.db"]
    .flatMap((name) => [name, `${name}-wal`])
    .flatMap((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** Root works on another user's folder as that user, so that the daemon can still write what this run leaves there. */
export function becomeOwnerOf(dir: string): void {
  if (process.getuid?.() !== 0 || !existsSync(dir)) return;
  const { uid, gid } = statSync(dir);
  if (uid === 0) return;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

async function isAlive(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  try {
    const response = await viaSocket(new Request("http://localhost/healthz"), socket);
    return response.status < 500;
  } catch {
    // A socket that nobody listens on is what a killed daemon leaves behind.
    return false;
  }
}

const viaSocket = (request: Request, socket: string): Promise<Response> =>
  fetch(request.url, { method: request.method, headers: request.headers, body: request.body, unix: socket });

function remoteClient(url: string, key: string | undefined): Client {
  if (!URL.canParse(url))
    throw new CortexError("cli.url", "invalid", `--url ${url} is no URL; write https://monitor:7600`);
  if (key === undefined)
    throw new CortexError("cli.key", "unauthenticated", "no key for --url; pass --key or set CORTEX_KEY");
  const base = new URL(url);
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(base.hostname);
  if (base.protocol !== "https:" && !(base.protocol === "http:" && isLoopback))
    throw new CortexError("cli.url", "invalid", `a key is not sent over ${base.protocol}//; use https`);
  return clientOver(
    (request) => {
      const target = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${key}`);
      const at = new URL(target.pathname + target.search, base);
      return fetch(at, { method: request.method, headers, body: request.body, redirect: "manual" });
    },
    "url",
    `Cortex at ${base.origin} does not answer; is it running there, and is this its address?`,
  );
}

function clientOver(
  send: Send,
  via: Client["via"],
  silence = "Cortex does not answer; is the daemon running?",
): Client {
  async function call(
    method: string,
    path: string,
    query: Record<string, string>,
    body?: unknown,
  ): Promise<Response> {
    const search = new URLSearchParams(query).toString();
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const request = new Request(`http://localhost/api/v1/${path}${search === "" ? "" : `?${search}`}`, init);
    let response: Response;
    try {
      response = await send(request);
    } catch (cause) {
      throw new CortexError("cli.unreachable", "unavailable", silence, { cause });
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }
  const json = async <T>(response: Response) => (await response.json()) as T;
  return {
    via,
    get: async (path, query = {}) => json(await call("GET", path, query)),
    list: async (path, query = {}) => json(await call("GET", path, query)),
    text: async (path, query = {}) => (await call("GET", path, query)).text(),
    post: async (path, body) => json(await call("POST", path, {}, body)),
    patch: async (path, body) => json(await call("PATCH", path, {}, body)),
    delete: async (path) => json(await call("DELETE", path, {})),
    pick,
  };
}

const KIND_BY_STATUS: Record<number, ErrorKind> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  422: "invalid",
  503: "unavailable",
  504: "timeout",
};

export async function failureOf(response: Response): Promise<CortexError> {
  const kind = KIND_BY_STATUS[response.status] ?? "internal";
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string };
  } | null;
  const message = body?.error?.message ?? `HTTP ${response.status}`;
  const code = body?.error?.code ?? "cli.http";
  // The API speaks of its field, the command line has an option for it.
  if (code === "api.node_needed")
    return new CortexError(code, kind, `${message}; add --node NAME, as in cortex nodes list`);
  return new CortexError(code, kind, message);
}
