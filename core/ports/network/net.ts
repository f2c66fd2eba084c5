/** Outside-in probes: a TCP handshake, a DNS answer, a served certificate. */
import { lookup, Resolver } from "node:dns/promises";
import { isIP, connect as tcpConnect } from "node:net";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { connect as tlsConnect } from "node:tls";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { CortexError, defineErrors, messageOf } from "cortex";
import type { Net, ServedCertificate } from "cortex";
import { createDeadline } from "../deadline.ts";
import type { Deadline } from "../deadline.ts";

const errors = defineErrors("net", { timeout: "timeout", refused: "unavailable", failed: "unavailable" });

/** Run `work` under a limit and turn what goes wrong into the three codes of the contract. */
async function probe<T>(
  what: string,
  timeoutMs: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = createDeadline(timeoutMs);
  try {
    return await deadline.race(work(deadline));
  } catch (error) {
    if (error instanceof CortexError) throw error;
    if (deadline.expired()) throw errors.timeout(`${what} did not answer within ${timeoutMs} ms`);
    const code = String((error as { code?: unknown }).code ?? "");
    if (/ECONNREFUSED/.test(code)) throw errors.refused(`${what} refused the connection`, { cause: error });
    throw errors.failed(`${what}: ${messageOf(error)}`, { details: { reason: code }, cause: error });
  } finally {
    deadline.end();
  }
}

/** Wait for the event that says the connection stands; the socket dies with the deadline. */
function established<S extends Socket>(socket: S, event: string, deadline: Deadline): Promise<S> {
  return new Promise((resolve, reject) => {
    // The listener stays: a socket that fails after it was destroyed must not end the program.
    socket.on("error", reject);
    socket.once(event, () => resolve(socket));
    deadline.signal.addEventListener("abort", () => socket.destroy(), { once: true });
  });
}

/** A name that is not known or has no record of this family is an empty list; anything else is an error. */
async function noneIfUnknown(answers: Promise<string[]>): Promise<string[]> {
  try {
    return await answers;
  } catch (error) {
    if (/ENODATA|ENOTFOUND/.test(String((error as { code?: unknown }).code))) return [];
    throw error;
  }
}

async function askServer(name: string, server: string): Promise<string[]> {
  const resolver = new Resolver();
  resolver.setServers([server]);
  const [four, six] = await Promise.all([
    noneIfUnknown(resolver.resolve4(name)),
    noneIfUnknown(resolver.resolve6(name)),
  ]);
  return [...four, ...six];
}

const joinName = (name: DetailedPeerCertificate["subject"] | undefined) =>
  String(name?.CN ?? name?.O ?? "unnamed");

function describe(socket: TLSSocket): ServedCertificate {
  const certificate = socket.getPeerCertificate();
  const reason = socket.authorizationError;
  return {
    subject: joinName(certificate.subject),
    issuer: joinName(certificate.issuer),
    notBefore: Date.parse(certificate.valid_from),
    notAfter: Date.parse(certificate.valid_to),
    trusted: socket.authorized,
    reason: socket.authorized
      ? null
      : reason
        ? String((reason as { code?: string }).code ?? reason)
        : "not verified",
  };
}

export interface NetPortOptions {
  /** Roots in PEM to trust instead of the built-in ones. */
  ca?: string;
}

export function createNet(options: NetPortOptions = {}): Net {
  return {
    connect: (host, port, timeoutMs) =>
      probe(`${host}:${port}`, timeoutMs, async (deadline) => {
        const started = performance.now();
        const socket = await established(tcpConnect({ host, port }), "connect", deadline);
        const took = performance.now() - started;
        socket.destroy();
        return took;
      }),

    resolve: (name, timeoutMs, server) =>
      probe(server === undefined ? name : `${name} at ${server}`, timeoutMs, async () => {
        const addresses =
          server === undefined
            ? await noneIfUnknown(lookup(name, { all: true }).then((all) => all.map((one) => one.address)))
            : await askServer(name, server);
        if (addresses.length === 0) throw errors.failed(`${name} has no address`);
        return [...new Set(addresses)];
      }),

    certificate: (host, port, serverName, timeoutMs) =>
      probe(`${host}:${port}`, timeoutMs, async (deadline) => {
        const socket = await established(
          tlsConnect({
            host,
            port,
            // SNI takes names only; an address is checked against the certificate all the same.
            ...(isIP(serverName) ? {} : { servername: serverName }),
            ...(options.ca === undefined ? {} : { ca: options.ca }),
            // A bad certificate is the answer, not an error: nothing is sent over this connection.
            rejectUnauthorized: false,
          }),
          "secureConnect",
          deadline,
        );
        const served = describe(socket);
        socket.destroy();
        return served;
      }),
  };
}
