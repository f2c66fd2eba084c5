/** Which server is believed: one that the usual authorities vouch for, a given authority, or one known by its fingerprint. */
import { createHash, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate } from "node:tls";
import { defineErrors, type FetchTrust } from "cortex";
import type { Deadline } from "../deadline.ts";

const errors = defineErrors("fetch", { untrusted: "unavailable" });

export interface CertificatePrints {
  /** SHA-256 of the certificate, as browsers and openssl show it: upper case, with colons. */
  certificate: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo): stays when the certificate is renewed with the same key. */
  publicKey: string;
}

const withColons = (hex: string) => hex.toUpperCase().replace(/(..)(?!$)/g, "$1:");

export function printsOf(certificate: X509Certificate): CertificatePrints {
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  return {
    certificate: certificate.fingerprint256,
    publicKey: withColons(createHash("sha256").update(spki).digest("hex")),
  };
}

/** 64 hex digits, upper or lower case, with or without colons; null for anything else. */
export function parseFingerprint(text: string): string | null {
  const hex = text.replaceAll(":", "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? withColons(hex) : null;
}

/** Whether the certificate or its public key has this fingerprint. */
export function hasFingerprint(certificate: X509Certificate, fingerprint: string): boolean {
  const wanted = parseFingerprint(fingerprint);
  const prints = printsOf(certificate);
  return wanted !== null && [prints.certificate, prints.publicKey].includes(wanted);
}

/** What Bun's fetch takes as `tls`. */
export interface TlsOptions {
  serverName?: string;
  ca?: string;
  checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

export interface Endpoint {
  address: string;
  port: number;
  /** Name or address in the URL. */
  host: string;
}

/** A look at the certificate that is served; nothing is sent. */
function servedCertificate({ address, port, host }: Endpoint, deadline: Deadline): Promise<X509Certificate> {
  return deadline.race(
    new Promise((resolve, reject) => {
      const socket = connect({
        host: address,
        port,
        ...(isIP(host) ? {} : { servername: host }),
        // Judged by its fingerprint, by whoever asked; this connection carries nothing.
        rejectUnauthorized: false,
      });
      socket.on("error", reject);
      socket.once("secureConnect", () => {
        const { raw } = socket.getPeerCertificate();
        socket.destroy();
        if (raw === undefined) reject(errors.untrusted(`${host} shows no certificate`));
        else resolve(new X509Certificate(raw));
      });
      deadline.signal.addEventListener("abort", () => socket.destroy(), { once: true });
    }),
  );
}

const isSelfSigned = (certificate: X509Certificate) =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

/**
 * Options for one connection. With a fingerprint the certificate is looked at first, on a connection that carries nothing,
 * and again on the one that carries the request. A self-signed certificate with the right fingerprint is its own
 * authority and may have any name; any other is also checked as usual. Errors: `fetch.untrusted`.
 */
export async function tlsFor(endpoint: Endpoint, trust: FetchTrust, deadline: Deadline): Promise<TlsOptions> {
  const { host } = endpoint;
  const options: TlsOptions = {
    ...(isIP(host) ? {} : { serverName: host }),
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
  };
  const { fingerprint } = trust;
  if (fingerprint === undefined) return options;
  const differs = () =>
    errors.untrusted(
      `${host} shows another certificate than the one with the fingerprint that is expected here`,
    );
  const served = await servedCertificate(endpoint, deadline);
  if (!hasFingerprint(served, fingerprint)) throw differs();
  const own = isSelfSigned(served);
  return {
    ...options,
    ...(own ? { ca: served.toString() } : {}),
    checkServerIdentity: (name, certificate) => {
      if (!hasFingerprint(new X509Certificate(certificate.raw), fingerprint)) return differs();
      return own ? undefined : checkServerIdentity(isIP(host) ? host : name, certificate);
    },
  };
}
