/** One running daemon of the built binary, with the ways in which people and programs talk to it. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Topic } from "../../../core/monitor/hub.ts";
import { type Live, openLive } from "./live.ts";
import { isAlive, signal } from "./processes.ts";
import { plainEnv, type Ran, runProgram, type RunOptions } from "./run.ts";
import { until } from "./wait.ts";

export type KeyRole = "admin" | "operator" | "viewer" | "node";

export interface CortexOptions {
  /** YAML text, or a value that becomes it; default an empty file. */
  config?: object | string;
  /** The build with failpoints; CORTEX_FAILPOINT goes into `env`. */
  faults?: boolean;
  /** In place of the built binary. */
  program?: string;
  dataDir?: string;
  env?: Record<string, string>;
  /** Default a free port of the loopback address. */
  listen?: string;
}

export interface Answer<T = unknown> {
  status: number;
  json: T;
  headers: Headers;
  text: string;
}

export interface Cortex {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly configFile: string;
  readonly pid: number;
  readonly binary: string;
  /** A command over the daemon's socket, or on its folder when it is stopped. */
  cli(...args: string[]): Promise<Ran>;
  /** A secret of this role; made once. */
  key(role: KeyRole): Promise<string>;
  /**
   * Ask the API, `path` below /api/v1 unless it begins with /. Without `key` as the local administrator over the unix
   * socket, which has no rate limit; with one over TCP as any program; with null over TCP as nobody.
   */
  api<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: { key?: string | null },
  ): Promise<Answer<T>>;
  live(topics: Topic[]): Promise<Live>;
  writeConfig(config: object | string): void;
  /** Everything it wrote on standard error, over all its starts. */
  stderr(): string;
  stdout(): string;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Start again on the same folder, port and configuration; the running one is stopped first. Ready when it resolves. */
  restart(options?: { env?: Record<string, string>; faults?: boolean; ready?: boolean }): Promise<void>;
  /** Wait until it says that it is ready. */
  ready(): Promise<void>;
  /** Resolves when the process is gone. */
  exited(): Promise<number>;
  readonly isRunning: boolean;
}

export interface CortexDeps {
  /** Everything that belongs to it goes below this folder. */
  folder: string;
  binary: (faults: boolean) => Promise<string>;
  onStart: (pid: number) => void;
  /** Before it is ready, so that one that never is can be looked at. */
  onCreate: (cortex: Cortex) => void;
  port: () => Promise<number>;
}

const READY_MS = 15_000;

const toYaml = (config: object | string) => (typeof config === "string" ? config : JSON.stringify(config));

export async function startCortex(deps: CortexDeps, options: CortexOptions): Promise<Cortex> {
  const { folder } = deps;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDir = options.dataDir ?? join(folder, "data");
  const configFile = join(folder, "config.yaml");
  const pluginsDir = join(folder, "plugins");
  mkdirSync(pluginsDir, { recursive: true, mode: 0o700 });
  const listen = options.listen ?? `127.0.0.1:${await deps.port()}`;
  const [host, port] = [
    listen.slice(0, listen.lastIndexOf(":")),
    Number(listen.slice(listen.lastIndexOf(":") + 1)),
  ];
  const url = `http://${["0.0.0.0", "[::]", ""].includes(host) ? "127.0.0.1" : host}:${port}`;
  const logs = { stdout: join(folder, "stdout.log"), stderr: join(folder, "stderr.log") };
  const writeConfig = (config: object | string) => writeFileSync(configFile, toYaml(config), { mode: 0o600 });
  writeConfig(options.config ?? "");
  let env = options.env ?? {};
  // As root the key would be the machine's.
  const own = { ...plainEnv(), HOME: folder, CORTEX_SECRETS__KEY_FILE: join(folder, "kek") };
  let binary = options.program ?? (await deps.binary(options.faults ?? false));
  let child: Bun.Subprocess;
  const keys = new Map<KeyRole, string>();

  function spawn(): void {
    const [out, err] = [openSync(logs.stdout, "a"), openSync(logs.stderr, "a")];
    const where = ["--data-dir", dataDir, "--config", configFile, "--plugins-dir", pluginsDir];
    child = Bun.spawn([binary, "up", "--listen", listen, ...where], {
      cwd: folder,
      env: { ...own, ...env },
      stdin: "ignore",
      stdout: out,
      stderr: err,
    });
    closeSync(out);
    closeSync(err);
    deps.onStart(child.pid);
  }

  const isRunning = () => child.exitCode === null && child.signalCode === null && isAlive(child.pid);

  async function ready(): Promise<void> {
    await until(
      async () => {
        if (!isRunning()) return "ended";
        return (await fetch(`${url}/readyz`)).ok && "ready";
      },
      { what: "Cortex is ready", timeoutMs: READY_MS, everyMs: 10 },
    );
    if (!isRunning()) throw new Error(`Cortex ended at once: ${lastLine(logs.stderr)}`);
  }

  const commandLine = (args: string[], more: RunOptions = {}) => {
    const where = [...(needsFolder(args) ? ["--data-dir", dataDir] : []), "--config", configFile];
    return runProgram([binary, ...args, ...(args[0] === "version" ? [] : where)], {
      cwd: folder,
      env: own,
      ...more,
    });
  };

  const cortex: Cortex = {
    url,
    port,
    dataDir,
    configFile,
    get pid() {
      return child.pid;
    },
    get binary() {
      return binary;
    },
    get isRunning() {
      return isRunning();
    },
    cli: (...args) => commandLine(args),
    async key(role) {
      const known = keys.get(role);
      if (known !== undefined) return known;
      const made = await commandLine(["key", "create", `accept-${role}`, "--role", role]);
      if (made.code !== 0) throw new Error(`no ${role} key: ${made.stderr.trim()}`);
      const secret = made.stdout.trim();
      keys.set(role, secret);
      return secret;
    },
    async api<T>(
      method: string,
      path: string,
      body?: unknown,
      { key }: { key?: string | null } = {},
    ): Promise<Answer<T>> {
      const headers: Record<string, string> = {};
      if (key) headers.authorization = `Bearer ${key}`;
      if (body !== undefined) headers["content-type"] = "application/json";
      const overSocket = key === undefined;
      const at = new URL(
        path.startsWith("/") ? path : `/api/v1/${path}`,
        overSocket ? "http://localhost" : url,
      );
      const response = await fetch(at, {
        method,
        headers,
        redirect: "manual",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(overSocket ? { unix: join(dataDir, "cortex.sock") } : {}),
      });
      const text = await response.text();
      return { status: response.status, json: parsed(text) as T, headers: response.headers, text };
    },
    live: async (topics) => openLive(url, await cortex.key("viewer"), topics),
    writeConfig,
    stderr: () => textOf(logs.stderr),
    stdout: () => textOf(logs.stdout),
    signal: (name) => signal(child.pid, name),
    async stop() {
      if (isRunning()) signal(child.pid, "SIGTERM");
      return child.exited;
    },
    async kill() {
      if (isRunning()) signal(child.pid, "SIGKILL");
      await child.exited;
    },
    async restart(next = {}) {
      if (isRunning()) await cortex.stop();
      if (next.env !== undefined) env = next.env;
      if (next.faults !== undefined) binary = await deps.binary(next.faults);
      spawn();
      if (next.ready !== false) await ready();
    },
    ready,
    exited: () => child.exited,
  };
  spawn();
  deps.onCreate(cortex);
  await ready();
  return cortex;
}

/** These look at the file alone, or at the host. */
const needsFolder = ([first, second = ""]: string[]) =>
  first !== "inspect" &&
  first !== "privileges" &&
  !(first === "config" && ["check", "show"].includes(second));

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const lastLine = (path: string) => textOf(path).trimEnd().split("\n").at(-1) ?? "";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
