/** The certificate that the API is served with: two files of the operator, or one made here for a laboratory. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { defineErrors, messageOf } from "cortex";
import { createSelfSigned } from "./self-signed.ts";
import { printsOf } from "./server-trust.ts";

const errors = defineErrors("config", { tls: "invalid" });

export interface TlsSettings {
  /** Path of the certificate with its chain, PEM. */
  cert?: string | undefined;
  /** Path of its private key, PEM. */
  key?: string | undefined;
  self_signed: boolean;
}

export interface ServerCertificate {
  /** PEM, with the chain. */
  cert: string;
  /** PEM. */
  key: string;
  selfSigned: boolean;
  /** SHA-256 of the certificate and of its public key, in hex with colons. */
  fingerprint: string;
  publicKeyFingerprint: string;
  /** Epoch ms. */
  notAfter: number;
}

export const wantsTls = (settings: TlsSettings): boolean =>
  settings.cert !== undefined || settings.self_signed;

export interface CertificateOptions {
  /** `DATA/keys`, for the one that is made here. */
  folder: string;
  /** Names and addresses that the one made here is for. */
  names: readonly string[];
  /** Epoch ms. */
  now: number;
}

const DAY_MS = 86_400_000;
/** Browsers take no longer ones; renewed with the same key in time. */
const SELF_SIGNED_MS = 820 * DAY_MS;
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** From here on people are warned. */
export const EXPIRY_WARNING_MS = 21 * DAY_MS;

/** What is to be served now; null without TLS. Errors: `config.tls`, with what to do. */
export async function loadServerCertificate(
  settings: TlsSettings,
  options: CertificateOptions,
): Promise<ServerCertificate | null> {
  const { cert, key, self_signed: selfSigned } = settings;
  if (!wantsTls(settings)) return null;
  if (selfSigned && cert !== undefined)
    throw errors.tls("server.tls: give cert and key, or self_signed, not both");
  if (selfSigned) return ownCertificate(options);
  if (cert === undefined || key === undefined)
    throw errors.tls("server.tls: cert and key go together; give the paths of both");
  return describe(readPem(cert, "cert"), readKey(key), false);
}

function readPem(path: string, setting: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw errors.tls(`server.tls.${setting}: ${path} can't be read (${messageOf(error)})`, { cause: error });
  }
}

/** A group may read it, as Debian's ssl-cert does; the whole world may not. */
function readKey(path: string): string {
  const pem = readPem(path, "key");
  if ((statSync(path).mode & 0o007) !== 0)
    throw errors.tls(`server.tls.key: everybody on this machine can use ${path}; run: chmod o= ${path}`);
  return pem;
}

function describe(cert: string, key: string, selfSigned: boolean): ServerCertificate {
  let first: X509Certificate;
  try {
    first = new X509Certificate(cert);
  } catch (error) {
    throw errors.tls("server.tls.cert: there is no certificate in this file (PEM)", { cause: error });
  }
  let matches: boolean;
  try {
    matches = first.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw errors.tls("server.tls.key: there is no private key in this file (PEM, without a password)", {
      cause: error,
    });
  }
  if (!matches)
    throw errors.tls(
      "server.tls: the key is not the one of the certificate, which must come first in its file",
    );
  const prints = printsOf(first);
  return {
    cert,
    key,
    selfSigned,
    fingerprint: prints.certificate,
    publicKeyFingerprint: prints.publicKey,
    notAfter: Date.parse(first.validTo),
  };
}

/** Made once, renewed with the same key before it ends or when a name is new, so that the key's fingerprint stays. */
async function ownCertificate({ folder, names, now }: CertificateOptions): Promise<ServerCertificate> {
  const [certPath, keyPath] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const key = existsSync(keyPath) ? readKey(keyPath) : undefined;
  if (key !== undefined && existsSync(certPath)) {
    const found = describe(readPem(certPath, "self_signed"), key, true);
    if (found.notAfter - now > RENEW_BEFORE_MS && isFor(found.cert, names)) return found;
  }
  const made = await createSelfSigned({
    names,
    notBefore: now - DAY_MS,
    notAfter: now + SELF_SIGNED_MS,
    key,
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (key === undefined) put(keyPath, made.key);
  put(certPath, made.certificate);
  return describe(made.certificate, made.key, true);
}

function isFor(cert: string, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert);
  return names.every(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
  );
}

function put(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}
