/** Signed requests to one Monitor, and answers that are believed only with its signature under them. */
import { randomBytes } from "node:crypto";
import { type Clock, defineErrors, type Fetch, type FetchOptions, type FetchResult } from "cortex";
import { keyHashOf, keyIdOf } from "../domain/node-key.ts";
import { answerBytes, helloBytes, requestBytes } from "../domain/signing.ts";
import type { NodeIdentity } from "../store/identity.ts";
import { verifySignature } from "../store/key-file.ts";
import {
  ANSWER_SIGNATURE,
  ANSWER_TIME,
  type HelloAnswer,
  helloAnswer,
  SIGNATURE_SCHEME,
} from "../wire/link-messages.ts";

export const clientErrors = defineErrors("link", {
  unreachable: "unavailable",
  not_the_monitor: "forbidden",
  unsigned: "unavailable",
});

export interface MonitorAddress {
  url: URL;
  /** Fingerprint of the server, hex; null where a public authority vouches for it. */
  fingerprint: string | null;
  /** What the Monitor's key must hash to (sha256, base64url). */
  keyHash: string;
}

const CLOCK_SLACK_MS = 1000;
const HELLO_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Ask for the Monitor's key and check it, before anything else is said. Errors: `link.not_the_monitor`, `fetch.*`. */
export async function greet(
  fetch: Fetch,
  { url, fingerprint, keyHash }: MonitorAddress,
): Promise<HelloAnswer> {
  const clientNonce = randomBytes(32).toString("base64url");
  const answer = await fetch(new URL(`/enrol/hello?nonce=${clientNonce}`, url).href, {
    timeoutMs: HELLO_TIMEOUT_MS,
    ...trustOf(fingerprint),
  });
  const parsed = helloAnswer.safeParse(jsonOf(answer));
  if (answer.status !== 200 || !parsed.success)
    throw clientErrors.unreachable(
      `${url.origin} answers, but not as a Cortex Monitor; is the address right?`,
    );
  const { key, nonce, at, signature } = parsed.data;
  const publicKey = Buffer.from(parsed.data.publicKey, "base64");
  const statement = helloBytes({ key, clientNonce, nonce, ts: Date.parse(at) });
  if (
    keyHashOf(publicKey) !== keyHash ||
    keyIdOf(publicKey) !== key ||
    parsed.data.clientNonce !== clientNonce ||
    !verifySignature(publicKey, statement, signature)
  )
    throw clientErrors.not_the_monitor(
      `${url.origin} does not hold the key that was promised: somebody else answers there, or the Monitor was set up anew; nothing was sent`,
    );
  return parsed.data;
}

export const trustOf = (fingerprint: string | null): Pick<FetchOptions, "trust"> =>
  fingerprint === null ? {} : { trust: { fingerprint } };

export interface SignedAnswer {
  status: number;
  json: unknown;
  /** `code` and `message` of a refusal; empty otherwise. */
  code: string;
  message: string;
}

export interface MonitorClient {
  /** Ask for the Monitor's time, by which all messages are dated. */
  synchronize(): Promise<void>;
  /** Errors: `link.unsigned` (an answer that is not the Monitor's), `fetch.*`. */
  post(path: string, body: unknown, timeoutMs: number): Promise<SignedAnswer>;
}

export interface MonitorClientDeps {
  fetch: Fetch;
  clock: Clock;
  identity: NodeIdentity;
  monitor: MonitorAddress & { publicKey: Uint8Array };
  /** Number of this start, durable. */
  epoch: () => number;
}

export function createMonitorClient(deps: MonitorClientDeps): MonitorClient {
  const { clock, identity, monitor } = deps;
  const to = keyIdOf(monitor.publicKey);
  let seq = 0;
  /** Monitor's time minus monotonic time; the node's own wall clock may be wrong. */
  let offset = clock.now() - clock.monotonic();
  let lastTs = 0;

  function nextTs(): number {
    lastTs = Math.max(lastTs + 1, Math.round(clock.monotonic() + offset));
    return lastTs;
  }

  return {
    async synchronize() {
      const hello = await greet(deps.fetch, monitor);
      const at = Date.parse(hello.at);
      // The Monitor's clock may have been set back: what was dated before it does not count any more.
      if (at < lastTs - CLOCK_SLACK_MS) lastTs = 0;
      offset = at - clock.monotonic();
    },
    async post(path, body, timeoutMs) {
      const text = JSON.stringify(body);
      const stamp = { node: identity.nodeId, key: identity.keyId, to, epoch: deps.epoch(), seq: (seq += 1) };
      const ts = nextTs();
      const signature = identity.sign(
        requestBytes({ method: "POST", target: path, body: Buffer.from(text), ...stamp, ts }),
      );
      const fields = Object.entries({ ...stamp, ts, sig: signature }).map(
        ([name, value]) => `${name}=${value}`,
      );
      const answer = await deps.fetch(new URL(path, monitor.url).href, {
        method: "POST",
        headers: {
          authorization: `${SIGNATURE_SCHEME} ${fields.join(", ")}`,
          "content-type": "application/json",
        },
        body: text,
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        ...trustOf(monitor.fingerprint),
      });
      const signed = answerBytes({
        request: signature,
        status: answer.status,
        body: Buffer.from(answer.body),
        key: to,
        ts: Number(answer.headers[ANSWER_TIME] ?? 0),
      });
      if (!verifySignature(monitor.publicKey, signed, answer.headers[ANSWER_SIGNATURE] ?? ""))
        throw clientErrors.unsigned(
          `${monitor.url.origin} answered with status ${answer.status} and without the Monitor's signature: something on the way speaks for it`,
        );
      const json = jsonOf(answer);
      return { status: answer.status, json, ...refusalOf(json) };
    },
  };
}

function jsonOf(answer: FetchResult): unknown {
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    return null;
  }
}

function refusalOf(json: unknown): { code: string; message: string } {
  const error = (json as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  return { code: String(error?.code ?? ""), message: String(error?.message ?? "") };
}
