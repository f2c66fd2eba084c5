/** How the API is reached: the certificate, its renewal while the program runs, and what people are told about it. */
import { hostname } from "node:os";
import { type Clock, type Log, messageOf } from "cortex";
import type { Config } from "../core/config/schema.ts";
import { assertSafeTransport, isLoopbackListen, type Served } from "../core/http/serve.ts";
import { parseListen } from "../core/http/door/origin.ts";
import type { TransportFacts } from "../core/http/services.ts";
import {
  EXPIRY_WARNING_MS,
  loadServerCertificate,
  type ServerCertificate,
  wantsTls,
} from "../core/ports/network/server-certificate.ts";

/** How often the files are looked at. */
const LOOK_MS = 30_000;
const WARN_AGAIN_MS = 24 * 3_600_000;

export interface Transport {
  certificate: ServerCertificate | null;
  facts(): TransportFacts;
  /** Look at the files now and from time to time; a certificate that is new is served to new connections. */
  follow(server: Pick<Served, "replaceTls">): void;
  /** Look now. What is wrong is logged, and the former certificate stays. */
  look(): Promise<void>;
  stop(): void;
}

export interface TransportDeps {
  config: () => Config;
  /** `DATA/keys`. */
  folder: string;
  clock: Clock;
  log: Log;
  /** Called whenever the facts change. */
  announce(facts: TransportFacts): void;
}

/** Errors: `config.tls`, `config.insecure_http`. */
export async function openTransport(deps: TransportDeps): Promise<Transport> {
  const { clock, log, folder } = deps;
  const server = () => deps.config().server;
  const load = () => {
    const { tls, listen, allowed_hosts: allowed } = server();
    return loadServerCertificate(tls, { folder, names: namesOf(listen, allowed), now: clock.now() });
  };
  assertSafeTransport(server());
  let certificate = await load();
  let served: Pick<Served, "replaceTls"> | null = null;
  let complaint = "";
  let warnedAt = -Infinity;
  let cancel = () => {};

  const facts = (): TransportFacts => ({
    tls: certificate && {
      selfSigned: certificate.selfSigned,
      fingerprint: certificate.fingerprint,
      publicKeyFingerprint: certificate.publicKeyFingerprint,
      notAfter: certificate.notAfter,
    },
    insecure: certificate === null && !isLoopbackListen(server().listen),
  });

  /** The reason is logged once, not every half minute. */
  async function look(): Promise<void> {
    if (certificate === null || !wantsTls(server().tls)) return;
    try {
      const found = await load();
      if (found === null) return;
      if (found.cert !== certificate.cert || found.key !== certificate.key) {
        served?.replaceTls(found);
        certificate = found;
        deps.announce(facts());
        log.info("The certificate was read again.", { fingerprint: found.fingerprint });
      }
      complaint = "";
    } catch (error) {
      if (complaint !== messageOf(error))
        log.error("The new certificate was not taken; the former one stays.", { reason: messageOf(error) });
      complaint = messageOf(error);
    }
    warnOfExpiry();
  }

  function warnOfExpiry(): void {
    const leftMs = (certificate?.notAfter ?? Infinity) - clock.now();
    if (leftMs > EXPIRY_WARNING_MS || clock.now() - warnedAt < WARN_AGAIN_MS) return;
    warnedAt = clock.now();
    log.warn("The certificate ends soon: put a new one in place; it is read again by itself.", {
      notAfter: new Date(certificate?.notAfter ?? 0).toISOString(),
    });
  }

  deps.announce(facts());
  if (facts().insecure)
    log.warn(
      "Plain HTTP is served on the network: passwords and keys can be read on the way. Set server.tls.",
      {
        listen: server().listen,
      },
    );
  warnOfExpiry();
  return {
    get certificate() {
      return certificate;
    },
    facts,
    look,
    follow(running) {
      served = running;
      const again = () => {
        cancel = clock.after(LOOK_MS, () => void look().finally(again));
      };
      again();
    },
    stop: () => cancel(),
  };
}

/** What a certificate made here is for: every name by which this server may be addressed. */
function namesOf(listen: string, allowed: readonly string[]): string[] {
  const host = parseListen(listen)?.host ?? "";
  const all = [
    hostname(),
    host,
    ...allowed.map((name) => name.replace(/:\d+$/, "")),
    "localhost",
    "127.0.0.1",
    "::1",
  ];
  const usable = all.filter(
    (name) => /^[A-Za-z0-9:][A-Za-z0-9.:_-]*$/.test(name) && !["0.0.0.0", "::"].includes(name),
  );
  return [...new Set(usable)];
}
