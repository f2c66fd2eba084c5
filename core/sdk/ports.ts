/** What a plugin may touch. The real ports live in core/ports, the fakes in core/testing. */

/** Time in whole ms. `now` is for showing and storing, `monotonic` for measuring and waiting: a clock step moves only `now`. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Milliseconds since an arbitrary point of this boot; never goes backwards. */
  monotonic(): number;
  /** Resolves after `ms` of monotonic time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Run once after `ms`; the returned function cancels. A pending timer does not keep the program alive. */
  after(ms: number, run: () => void): () => void;
}

export interface ExecOptions {
  /** Default 10 s. On overrun the whole process group is killed. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Cap for stdout and stderr each; default 256 KiB. The rest is dropped and `truncated` is set. */
  maxOutputBytes?: number;
  stdin?: string;
  /** Added to the fixed environment (PATH, LANG=C.UTF-8); the program's own environment is never inherited. */
  env?: Record<string, string>;
  cwd?: string;
}

export interface ExecResult {
  argv: readonly string[];
  /** null when a signal ended the process. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  truncated: boolean;
  durationMs: number;
}

/** Processes that run and end. Argv arrays only; nothing ever passes through a shell. */
export interface Exec {
  /**
   * Run a program. `argv[0]` is a bare name that the capability `exec:NAME` declares, or an absolute path whose
   * base name it declares; bare names are looked up in the fixed system directories, never in the caller's PATH.
   * Errors: `exec.not_found`, `exec.denied`. A non-zero exit or a time-out is a result, not an error.
   */
  run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Absolute path of a program, or null when it is not installed. */
  which(name: string): string | null;
}

/** Identity of a process that survives pid reuse. */
export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  startTicks: number;
  /** Boot id under which `pid` and `startTicks` mean something. */
  bootId: string;
  /** readlink /proc/PID/exe, or "" where it may not be read. */
  exe: string;
}

export interface DaemonSpec {
  argv: readonly string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Standard output and error are appended here. */
  logFile: string;
  /** Numeric ids to run as; only root can change them. */
  uid?: number;
  gid?: number;
}

export interface DaemonExit {
  identity: ProcessIdentity;
  /** null when it is not our child and the code can't be known. */
  exitCode: number | null;
  signal: string | null;
  /** Last line of its output, at most 500 characters; "" when the log is empty or not known. */
  lastLine?: string;
}

/** Output of a watched process: kept below `maxBytes`, with one older part beside it as `FILE.1`. */
export interface DaemonLog {
  file: string;
  maxBytes: number;
}

/** Long-lived processes in their own session and process group; they outlive Cortex. */
export interface Daemons {
  /** Start; resolves as soon as the process exists and its identity is known. Errors: `daemon.spawn_failed`. */
  start(spec: DaemonSpec): Promise<ProcessIdentity>;
  /** Is exactly this process (pid, start time, exe, boot) alive? Zombies count as dead. */
  alive(identity: ProcessIdentity): boolean;
  /** Call `onExit` once when it ends: at once for own children, within 250 ms for adopted ones. Returns "stop watching". */
  watch(identity: ProcessIdentity, onExit: (exit: DaemonExit) => void, log?: DaemonLog): () => void;
  /**
   * Signal the process group (or, for reloads, the process alone) after checking the identity; false when it was
   * already gone.
   */
  signal(
    identity: ProcessIdentity,
    signal: "SIGTERM" | "SIGHUP" | "SIGKILL" | "SIGUSR1" | "SIGUSR2",
    to?: "group" | "process",
  ): boolean;
  /** Processes whose environment holds `name=value`; used to find what an interrupted start left behind. */
  findByEnv(name: string, value: string): ProcessIdentity[];
}

/** Which server is believed; without it, one that the usual authorities vouch for. */
export interface FetchTrust {
  /** Authorities in PEM, in place of the usual ones. */
  ca?: string;
  /**
   * SHA-256 of the server's certificate or of its public key, in hex. A self-signed certificate is then accepted under any
   * name; one from an authority is checked as usual on top. The server learns nothing before it has shown it.
   */
  fingerprint?: string;
}

export interface FetchOptions {
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  /** At most 1 MiB. */
  body?: string | Uint8Array<ArrayBuffer>;
  trust?: FetchTrust;
  /** Whole exchange, default 10 s. */
  timeoutMs?: number;
  /** Default 64 KiB; the rest is not read. */
  maxBytes?: number;
  signal?: AbortSignal;
  /**
   * Default 0: redirects are answers, not followed. Custom headers, trust and bodies never cross an origin, and nothing
   * goes from https to http.
   */
  maxRedirects?: number;
}

export interface FetchResult {
  status: number;
  headers: Record<string, string>;
  body: string;
  durationMs: number;
}

/**
 * http(s) only, no proxies from the environment. Errors: `fetch.refused` (before anything was sent), `fetch.untrusted` (the
 * server's certificate; nothing was sent either), `fetch.timeout`, `fetch.failed`.
 */
export interface Fetch {
  (url: string, options?: FetchOptions): Promise<FetchResult>;
}

export interface ServedCertificate {
  subject: string;
  issuer: string;
  /** Epoch ms. */
  notBefore: number;
  notAfter: number;
  /** Whether the chain verifies against the system's roots for this name, and why not. */
  trusted: boolean;
  reason: string | null;
}

/** Outside-in probes. Each resolves with an answer or throws `net.timeout`, `net.refused`, `net.failed`. */
export interface Net {
  /** Resolves with the milliseconds a TCP handshake took. */
  connect(host: string, port: number, timeoutMs: number): Promise<number>;
  /** A and AAAA answers by the system's resolver, or by `server` when given. */
  resolve(name: string, timeoutMs: number, server?: string): Promise<string[]>;
  certificate(host: string, port: number, serverName: string, timeoutMs: number): Promise<ServedCertificate>;
}

/** Structured log; constant sentence, data in fields. Plugin and instance are added by the host. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Small durable values of one plugin instance (JSON, at most 64 KiB each). `set` is on disk when it returns. */
export interface PluginValues {
  get<T>(key: string): T | null;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  keys(): string[];
}

export interface PluginStore extends PluginValues {
  /**
   * Values that may hold secrets, apart from the others: encrypted on disk and in backups, their keys in plain text. Errors
   * of `get`: `vault.unreadable` where the node has lost the key that encrypted it; of both: other `vault.*` where the key
   * can't be used.
   */
  sealed: PluginValues;
}

export interface NodeFacts {
  id: string;
  name: string;
  labels: Record<string, string>;
  group: string | null;
  tags: string[];
  bootId: string;
  /** Monotonic age of this boot in ms when asked. */
  uptimeMs(): number;
  cpuCount: number;
  isRoot: boolean;
  /** Milliseconds per clock tick (USER_HZ), 10 on all current Linux builds. */
  tickMs: number;
}

/** Files of Cortex itself that a plugin may use. */
export interface PluginPaths {
  /** `DATA/services`, for logs of supervised processes; null where there is no data folder (`cortex inspect`). */
  services: string | null;
}

/** A key that signs what a Monitor hands out and takes back. Ed25519. */
export interface TokenKey {
  /** Digest of the public key: tokens name it. */
  id: string;
  privateKey: CryptoKey;
}

/** Keys of this Monitor for its own tokens, and for nothing else; replaced by the program every 30 days. */
export interface TokenKeys {
  /** Who signs: `cortex:NODEID` of the Monitor. */
  readonly issuer: string;
  /** The key to sign with now. */
  current(): Promise<TokenKey>;
  /** The public key of that id, while tokens of it may be in use; null for any other text. */
  find(id: string): Promise<CryptoKey | null>;
}

/** Slow, salted password hashing (argon2id). Calls wait for each other, so that guessing can't take the machine. */
export interface Passwords {
  /** The encoded hash, parameters and salt included. */
  hash(password: string): Promise<string>;
  /** False for a wrong password and for a hash that can't be read. */
  verify(password: string, hash: string): Promise<boolean>;
}
