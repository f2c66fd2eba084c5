/** Certificates for a laboratory, made here: no authority vouches for them, their fingerprint does. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { isIP } from "node:net";

export interface SelfSigned {
  /** PEM. */
  certificate: string;
  /** PKCS #8 PEM, ECDSA P-256. */
  key: string;
}

export interface SelfSignedOptions {
  /** Host names and addresses it is for; the first is its common name. */
  names: readonly string[];
  /** Epoch ms. */
  notBefore: number;
  notAfter: number;
  /** Of the former certificate, so that the public key's fingerprint stays. */
  key?: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const newKey = (): string =>
  generateKeyPairSync("ec", {
    namedCurve: ALGORITHM.namedCurve,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).privateKey;

async function keyPair(pem: string): Promise<CryptoKeyPair> {
  const { subtle } = crypto;
  const privateDer = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  const publicDer = createPublicKey(pem).export({ type: "spki", format: "der" });
  return {
    privateKey: await subtle.importKey("pkcs8", new Uint8Array(privateDer), ALGORITHM, false, ["sign"]),
    publicKey: await subtle.importKey("spki", new Uint8Array(publicDer), ALGORITHM, true, ["verify"]),
  };
}

/** A server's certificate that signs itself (RFC 5280), good for TLS servers only. */
export async function createSelfSigned(options: SelfSignedOptions): Promise<SelfSigned> {
  // Some hundred kilobytes of ASN.1: loaded only where one is made.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const key = options.key ?? newKey();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [options.names[0] ?? "cortex"] }],
    notBefore: new Date(options.notBefore),
    notAfter: new Date(options.notAfter),
    signingAlgorithm: ALGORITHM,
    keys: await keyPair(key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        options.names.map((value) => ({
          type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
          value,
        })),
      ),
    ],
  });
  return { certificate: certificate.toString("pem"), key };
}
