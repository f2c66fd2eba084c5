/** `cortex up`: start everything, say where it is, obey signals, stop in order. */
import { messageOf } from "cortex";
import { serve, type Served } from "../core/http/serve.ts";
import { openCortex } from "./cortex.ts";
import { surviveFailures } from "./failures.ts";
import { openTransport, type Transport } from "./transport.ts";
import { loadSettings, type SettingsOptions } from "./settings.ts";

/** A stop that takes longer is cut short: what is durable is durable. */
const STOP_TIMEOUT_MS = 10_000;

export async function runDaemon(options: SettingsOptions): Promise<number> {
  process.umask(0o077);
  const settings = loadSettings(options);
  const cortex = await openCortex(settings);
  const { log } = cortex;
  surviveFailures(log);
  const { listen } = settings.config.server;
  let server: Served;
  let transport: Transport;
  try {
    transport = await openTransport({
      config: () => cortex.settings().config,
      folder: cortex.dir.keys,
      clock: cortex.clock,
      log,
      announce: cortex.monitor.announce,
    });
    server = await serve(cortex.monitor.api, {
      listen,
      socket: cortex.dir.socket,
      tls: transport.certificate,
    });
    transport.follow(server);
  } catch (error) {
    await cortex.stop();
    throw error;
  }
  const stopping = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.resolve(signal));
  process.on("SIGHUP", () => {
    cortex
      .reload()
      .catch((error: unknown) => {
        log.error("The configuration was not taken; the old one stays.", { reason: reasonOf(error) });
      })
      .finally(() => void transport.look());
  });

  await cortex.start();
  process.stdout.write(`Cortex: ${server.url}\n`);
  const { certificate } = transport;
  if (certificate?.selfSigned)
    process.stdout.write(`TLS: self-signed, SHA-256 fingerprint ${certificate.fingerprint}\n`);
  const token = cortex.monitor.setupToken();
  if (token !== null) process.stdout.write(`Setup: ${server.url}/setup#${token}\n`);
  log.info("Cortex is up.", { url: server.url, dataDir: cortex.dir.root });

  const signal = await stopping.promise;
  log.info("Stopping.", { signal });
  const cut = setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
  transport.stop();
  await server.stop();
  await cortex.stop();
  clearTimeout(cut);
  return 0;
}

/** All problems of a bad file, on one line each in the log's field. */
function reasonOf(error: unknown): unknown {
  const problems = (error as { details?: { problems?: unknown } }).details?.problems;
  return problems ?? messageOf(error);
}
