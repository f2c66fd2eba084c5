/** Listening sockets for HTTP and WebSocket, as the rest of the program sees them. */
import { chmodSync, lstatSync, rmSync } from "node:fs";
import { defineErrors, messageOf } from "cortex";

/** One accepted WebSocket. */
export interface ServerSocket {
  /** False when the connection is closed or its buffer is over the limit: the message was not taken. */
  send(text: string): boolean;
  ping(): void;
  close(code: number, reason: string): void;
}

/** What answers on a socket; made per connection by whoever accepted the upgrade. */
export interface SocketHandler {
  open(socket: ServerSocket): void;
  message(text: string): void;
  /** The buffer is empty again. */
  drained(): void;
  closed(): void;
}

export interface RequestSource {
  /** Address of the peer; "" for the unix socket. */
  ip: string;
  /** Accept the upgrade to a WebSocket; false when the request was none. */
  upgrade(handler: SocketHandler): boolean;
}

/** PEM; the certificate with its chain. */
export interface TlsIdentity {
  cert: string;
  key: string;
}

export interface ListenOptions {
  /** Host and port, or the path of a unix socket (created with mode 0600). */
  at: { host: string; port: number } | { path: string };
  /** undefined after an accepted upgrade. */
  handle(request: Request, source: RequestSource): Promise<Response | undefined>;
  /** TLS 1.2 and 1.3 instead of plain HTTP; not for a unix socket. */
  tls?: TlsIdentity;
  /** Hard limit for request bodies; the program's own, friendlier limit lies below it. */
  maxBodyBytes: number;
}

export interface Listener {
  /** The port in use; 0 for a unix socket. */
  port: number;
  /**
   * Serve new connections with another certificate. The port answers all the while; connections and sockets that stand
   * keep the certificate they were opened with.
   */
  replaceTls(tls: TlsIdentity): void;
  /** Stop accepting, let running requests end, close what is still open after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export const httpErrors = defineErrors("http", {
  port_in_use: "conflict",
  port_denied: "forbidden",
  listen_failed: "unavailable",
});

/** Unsent bytes per socket beyond which nothing more is taken. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;
/** Longest message from a client; live subscriptions are short. */
const SOCKET_MESSAGE_BYTES = 16 * 1024;
/** Seconds without a byte before Bun closes a connection; sockets are pinged well within it. */
const IDLE_SECONDS = 60;
/**
 * Without it, Bun gives an answer ten seconds: less than a node is waited for. It holds for unix sockets, too, of which Bun's types
 * say that they have none.
 */
const IDLE: object = { idleTimeout: IDLE_SECONDS };

/** Long enough for a turn of the event loop, in which waiting connections are taken. */
const HAND_OVER_MS = 250;

interface SocketState {
  handler: SocketHandler;
  closed: boolean;
}

/** Errors: `http.port_in_use`, `http.port_denied`, `http.listen_failed`. */
export function listen(options: ListenOptions): Listener {
  const { at, handle, tls } = options;
  if ("path" in at) removeStaleSocket(at.path);
  const answer: Answer = async (request, bun) => {
    const ip = "path" in at ? "" : (bun.requestIP(request)?.address ?? "");
    return handle(request, {
      ip: ip.replace(/^::ffff:/, ""),
      upgrade: (handler) => bun.upgrade(request, { data: { handler, closed: false } }),
    });
  };
  let server = serve(
    options,
    answer,
    "path" in at || tls === undefined ? at : claimPort(options, at, answer),
    tls,
  );
  if ("path" in at) chmodSync(at.path, 0o600);
  const port = "path" in at ? 0 : (server.port ?? at.port);
  /** Listeners of former certificates, until their last connection ends. */
  const leaving = new Set<Bun.Server<SocketState>>();
  return {
    port,
    replaceTls(next) {
      if ("path" in at) return;
      // Bun can't change the certificate of a server that runs: a second one takes its place on the same port.
      const former = server;
      server = serve(options, answer, { host: at.host, port }, next);
      leaving.add(former);
      // What connected while the program was busy waits in the former's queue, and would be cut off with it.
      setTimeout(() => void former.stop().finally(() => leaving.delete(former)), HAND_OVER_MS);
    },
    async stop(graceMs = 2000) {
      const all = [server, ...leaving];
      const ended = Promise.all(all.map((one) => one.stop()));
      const timer = setTimeout(() => all.forEach((one) => void one.stop(true)), graceMs);
      await ended;
      clearTimeout(timer);
      if ("path" in at) rmSync(at.path, { force: true });
    },
  };
}

type Answer = (request: Request, server: Bun.Server<SocketState>) => Promise<Response | undefined>;

/**
 * Servers that may be replaced share their port (SO_REUSEPORT), and so would a second daemon of this user: the port is
 * first taken for oneself alone.
 */
function claimPort(
  options: ListenOptions,
  at: { host: string; port: number },
  answer: Answer,
): { host: string; port: number } {
  const claim = serve(options, answer, at);
  const port = claim.port ?? at.port;
  void claim.stop(true);
  return { host: at.host, port };
}

/** Whether a server could listen here; nothing does afterwards. Errors: as of `listen`. */
export async function tryPort(at: { host: string; port: number }): Promise<void> {
  await listen({ at, maxBodyBytes: 0, handle: async () => new Response(null, { status: 503 }) }).stop(0);
}

function serve(
  { maxBodyBytes }: ListenOptions,
  answer: Answer,
  at: ListenOptions["at"],
  tls?: TlsIdentity,
): Bun.Server<SocketState> {
  const common = {
    fetch: answer,
    maxRequestBodySize: maxBodyBytes,
    // Never Bun's own error page: it shows sources.
    error: () => new Response(null, { status: 500 }),
    development: false,
    ...IDLE,
    websocket: {
      data: {} as SocketState,
      maxPayloadLength: SOCKET_MESSAGE_BYTES,
      backpressureLimit: SOCKET_BUFFER_BYTES * 2,
      idleTimeout: IDLE_SECONDS,
      perMessageDeflate: false,
      open: (socket: Bun.ServerWebSocket<SocketState>) => socket.data.handler.open(wrap(socket)),
      message(socket: Bun.ServerWebSocket<SocketState>, data: string | Buffer) {
        if (typeof data === "string") socket.data.handler.message(data);
        else socket.close(1003, "text only");
      },
      drain: (socket: Bun.ServerWebSocket<SocketState>) => socket.data.handler.drained(),
      close(socket: Bun.ServerWebSocket<SocketState>) {
        socket.data.closed = true;
        socket.data.handler.closed();
      },
    },
  };
  // Bun shares the port as soon as `development` is off unless it is told not to, and a second daemon would start.
  const reusePort = tls !== undefined;
  try {
    return "path" in at
      ? Bun.serve({ ...common, unix: at.path })
      : Bun.serve({
          ...common,
          reusePort,
          hostname: at.host,
          port: at.port,
          ...(tls === undefined ? {} : { tls }),
        });
  } catch (error) {
    throw listenError(at, error);
  }
}

function wrap(socket: Bun.ServerWebSocket<SocketState>): ServerSocket {
  return {
    send: (text) =>
      !socket.data.closed && socket.getBufferedAmount() < SOCKET_BUFFER_BYTES && socket.send(text) !== 0,
    ping: () => void (socket.data.closed || socket.ping()),
    close: (code, reason) => socket.close(code, reason),
  };
}

function listenError(at: ListenOptions["at"], error: unknown): Error {
  const code = (error as { code?: unknown }).code;
  const where = "path" in at ? at.path : `${at.host}:${at.port}`;
  const options = { cause: error, details: { where } };
  if (code === "EADDRINUSE")
    return httpErrors.port_in_use(
      `${where} is in use by another program; stop it, or set another address as server.listen`,
      options,
    );
  if (code === "EACCES" || code === "EPERM")
    return httpErrors.port_denied(
      `${where} may not be used by this account; set a port above 1023 as server.listen`,
      options,
    );
  return httpErrors.listen_failed(
    `can't listen on ${where} (${messageOf(error)}); set server.listen`,
    options,
  );
}

/** A socket left by a crash. Whoever holds the data folder's lock owns its socket, so nobody else listens on it. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
}
