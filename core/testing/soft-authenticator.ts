/**
 * A passkey authenticator in software (WebAuthn Level 3, ES256, attestation "none"), for tests without a browser. It answers
 * the JSON forms that `navigator.credentials` gives.
 */
import type { SignInPlace } from "cortex";

interface Held {
  id: Uint8Array;
  keys: CryptoKeyPair;
  rpId: string;
  userHandle: string;
  counter: number;
}

export interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}
export interface RequestOptions {
  challenge: string;
  rpId: string;
  allowCredentials?: { id: string }[];
}

export interface SoftAuthenticatorOptions {
  /** Whether it asks its owner for a finger or a PIN. */
  verifiesUser?: boolean;
  /** Says so in place of the origin it is at; what a phishing page can't do and a hostile client can. */
  originSaid?: string;
}

const base64url = (bytes: Uint8Array) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });
const utf8 = (text: string) => new TextEncoder().encode(text);
const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
const concat = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const u16 = (n: number) => [n >> 8, n & 255];
const u32 = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

/** Flags of authenticator data (6.1): user present, user verified, attested credential data. */
const UP = 0x01;
const UV = 0x04;
const AT = 0x40;

/** CBOR byte string of fewer than 65,536 bytes. */
const cborBytes = (bytes: Uint8Array) =>
  bytes.length < 24
    ? concat([0x40 + bytes.length], bytes)
    : bytes.length < 256
      ? concat([0x58, bytes.length], bytes)
      : concat([0x59, ...u16(bytes.length)], bytes);
const cborText = (text: string) => concat([0x60 + text.length], utf8(text));

/** COSE key: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}. */
async function coseKey(publicKey: CryptoKey): Promise<Uint8Array> {
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const coordinate = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
  return concat(
    [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21],
    cborBytes(coordinate(x!)),
    [0x22],
    cborBytes(coordinate(y!)),
  );
}

/** WebAuthn wants ASN.1 DER; Web Crypto gives r and s side by side. */
function derSignature(raw: Uint8Array): Uint8Array {
  const integer = (part: Uint8Array) => {
    const start = Math.max(
      0,
      part.findIndex((byte) => byte !== 0),
    );
    const short = part.slice(start);
    const bytes = short[0]! > 127 ? concat([0], short) : short;
    return concat([0x02, bytes.length], bytes);
  };
  const body = concat(integer(raw.slice(0, 32)), integer(raw.slice(32)));
  return concat([0x30, body.length], body);
}

export function createSoftAuthenticator(options: SoftAuthenticatorOptions = {}) {
  const held: Held[] = [];
  const flags = UP | (options.verifiesUser === false ? 0 : UV);

  const clientData = (type: string, challenge: string, place: SignInPlace) =>
    utf8(JSON.stringify({ type, challenge, origin: options.originSaid ?? place.origin, crossOrigin: false }));
  const authData = async (rpId: string, bits: number, counter: number, more: Uint8Array = new Uint8Array()) =>
    concat(await sha256(utf8(rpId)), [bits], u32(counter), more);

  return {
    held,
    /** Answer to `navigator.credentials.create`. */
    async create(asked: CreationOptions, place: SignInPlace) {
      const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
        "sign",
        "verify",
      ]);
      const one: Held = {
        id: crypto.getRandomValues(new Uint8Array(16)),
        keys,
        rpId: asked.rp.id,
        userHandle: asked.user.id,
        counter: 1,
      };
      held.push(one);
      const attested = concat(new Uint8Array(16), u16(one.id.length), one.id, await coseKey(keys.publicKey));
      const data = await authData(one.rpId, flags | AT, one.counter, attested);
      const attestation = concat(
        [0xa3],
        cborText("fmt"),
        cborText("none"),
        cborText("attStmt"),
        [0xa0],
        cborText("authData"),
        cborBytes(data),
      );
      return {
        id: base64url(one.id),
        rawId: base64url(one.id),
        type: "public-key" as const,
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", asked.challenge, place)),
          attestationObject: base64url(attestation),
          transports: ["internal"],
        },
      };
    },
    /** Answer to `navigator.credentials.get`, by the newest fitting credential. */
    async get(asked: RequestOptions, place: SignInPlace) {
      const wanted = asked.allowCredentials?.map(({ id }) => id) ?? [];
      const one = held.findLast(
        ({ id, rpId }) => rpId === asked.rpId && (wanted.length === 0 || wanted.includes(base64url(id))),
      );
      if (one === undefined) throw new Error("no credential of this authenticator fits");
      one.counter += 1;
      const client = clientData("webauthn.get", asked.challenge, place);
      const data = await authData(one.rpId, flags, one.counter);
      const signed = concat(data, await sha256(client));
      const raw = await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        one.keys.privateKey,
        signed as Uint8Array<ArrayBuffer>,
      );
      return {
        id: base64url(one.id),
        rawId: base64url(one.id),
        type: "public-key" as const,
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(derSignature(new Uint8Array(raw))),
          userHandle: one.userHandle,
        },
      };
    },
  };
}
