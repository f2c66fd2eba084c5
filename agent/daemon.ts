/** `cortex up`: start everything, say where it is, obey signals, stop in order. */
import { isatty } from "node:tty";
import { messageOf } from "cortex";
import { parseListen } from "../core/http/door/origin.ts";
import { serve } from "../core/http/serve.ts";
import { serveSocket } from "../core/http/serve-socket.ts";
import { tryPort } from "../core/ports/network/http-server.ts";
import { type Cortex, openCortex } from "./cortex.ts";
import { surviveFailures } from "./failures.ts";
import type { MonitorHalf } from "./monitor-half.ts";
import { configLine, dataLine, isEmpty, usedSince } from "./data-line.ts";
import { noteStart } from "./last-start.ts";
import { namingHolder } from "./port-holder.ts";
import { openTransport } from "./transport.ts";
import { loadSettings, type Settings, type SettingsOptions } from "./settings.ts";

/** A stop that takes longer is cut short: what is durable is durable. */
const STOP_TIMEOUT_MS = 10_000;
/** A command that works without a daemon may have the folder for a moment: no reason not to start. */
const LOCK_WAIT_MS = 5000;

export async function runDaemon(options: SettingsOptions): Promise<number> {
  process.umask(0o077);
  const settings = loadSettings(options, { remember: false });
  const since = usedSince(settings.dataDir);
  // An empty folder is not filled for a Cortex that can't start; what lies in one may say that it needs no port.
  if (isEmpty(settings.dataDir) && settings.config.role !== "agent") await assertFree(settings);
  const cortex = await openCortex(settings, { lockWaitMs: LOCK_WAIT_MS });
  const { log, monitor } = cortex;
  surviveFailures(log);
  noteStart(cortex.dir.root, options);
  let door: Door;
  try {
    door = monitor === null ? openSocket(cortex) : await openMonitor(cortex, monitor);
  } catch (error) {
    await cortex.stop();
    throw namingHolder(error, settings);
  }
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.resolve(signal));
  process.on("SIGHUP", () => {
    cortex
      .reload()
      .catch((error: unknown) => {
        log.error("The configuration was not taken; the old one stays.", { reason: reasonOf(error) });
      })
      .finally(() => door.look());
  });

  await cortex.start();
  for (const line of door.lines) process.stdout.write(`${line}\n`);
  const token = monitor?.setupToken() ?? null;
  if (token !== null) process.stdout.write(`Setup: ${door.url}/setup#${token}\n`);
  const name = cortex.node?.inventory().name ?? null;
  process.stdout.write(`${dataLine({ root: cortex.dir.root, since, name })}\n`);
  process.stdout.write(`${configLine(cortex.settings())}\n`);
  // Who looks at a terminal has just read it.
  if (isatty(1) && isatty(2)) process.stdout.write("Stop it with Ctrl-C.\n");
  else log.info("Cortex is up.", { role: cortex.role, url: door.url, dataDir: cortex.dir.root });

  const signal = await stopping.promise;
  log.info("Stopping.", { signal });
  const cut = setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
  await door.stop();
  await cortex.stop();
  clearTimeout(cut);
  return 0;
}

/** Errors: `http.port_in_use`, `http.port_denied`, `http.listen_failed`. */
async function assertFree(settings: Settings): Promise<void> {
  const at = parseListen(settings.config.server.listen);
  if (at === null) return;
  try {
    await tryPort(at);
  } catch (error) {
    throw namingHolder(error, settings);
  }
}

/** Where this program is asked. */
interface Door {
  /** Of its API, or of the Monitor it reports to. */
  url: string | null;
  /** For the console. */
  lines: string[];
  /** The files of the certificate may have changed. */
  look(): void;
  stop(): Promise<void>;
}

/** A Monitor is asked by others, over TLS where it has a certificate. */
async function openMonitor(cortex: Cortex, monitor: MonitorHalf): Promise<Door> {
  const { log, dir, clock } = cortex;
  const config = () => cortex.settings().config;
  const { announce } = monitor;
  const transport = await openTransport({ config, folder: dir.keys, clock, log, announce });
  const { certificate } = transport;
  const server = await serve(cortex.api, {
    listen: config().server.listen,
    socket: dir.socket,
    tls: certificate,
  });
  transport.follow(server);
  const tls = certificate?.selfSigned
    ? [`TLS: self-signed, SHA-256 fingerprint ${certificate.fingerprint}`]
    : [];
  return {
    url: server.url,
    lines: [`Cortex: ${server.url}`, ...tls],
    look: () => void transport.look(),
    stop() {
      transport.stop();
      return server.stop();
    },
  };
}

/** An agent is asked by its own machine only. */
function openSocket({ api, dir, upstream }: Cortex): Door {
  const listener = serveSocket(api, dir.socket);
  return {
    url: upstream,
    lines: [`Cortex: agent of ${upstream}`],
    look() {},
    stop: () => listener.stop(),
  };
}

/** All problems of a bad file, on one line each in the log's field. */
function reasonOf(error: unknown): unknown {
  const problems = (error as { details?: { problems?: unknown } }).details?.problems;
  return problems ?? messageOf(error);
}
