/** Joining a Monitor: its key is verified before the token is shown, the node's key never leaves the node. */
import { createHash } from "node:crypto";
import { type Clock, CortexError, defineErrors, type Fetch } from "cortex";
import { fingerprintWords } from "../domain/node-key.ts";
import { enrolBytes } from "../domain/signing.ts";
import type { StoredIdentity } from "../store/identity.ts";
import type { Upstream } from "../store/upstream.ts";
import { type JoinString, parseJoinString } from "../wire/join-string.ts";
import { type EnrolAnswer, enrolAnswer, type EnrolRequest } from "../wire/link-messages.ts";
import { monitorAddress } from "./address.ts";
import { greet, type MonitorAddress, trustOf } from "./monitor-client.ts";

export const joinErrors = defineErrors("join", {
  token: "invalid",
  expired: "invalid",
  refused: "forbidden",
});

export interface JoinDeps {
  fetch: Fetch;
  clock: Clock;
  identity: StoredIdentity;
  /** From here on the node believes this Monitor. */
  believe: (joined: Upstream) => void | Promise<void>;
}

export interface JoinWish {
  /** Instead of the address in the join string. */
  url: string | null;
  token: string;
  facts: EnrolRequest["facts"];
  /** The name in the facts was chosen for this membership: the node keeps it. */
  keepsName?: boolean;
  allowInsecureHttp: boolean;
}

export interface Joined extends EnrolAnswer {
  url: string;
  /** Fingerprint of the Monitor's key. */
  monitorWords: string;
}

const TIMEOUT_MS = 15_000;

/** Errors: `join.*`, `upstream.*`, `link.not_the_monitor`, `fetch.*`, and what the Monitor says. */
export async function joinMonitor(deps: JoinDeps, wish: JoinWish): Promise<Joined> {
  const join = readToken(wish.token, deps.clock.now());
  const url = monitorAddress(wish.url ?? join.url, wish.allowInsecureHttp);
  const monitor: MonitorAddress = { url, fingerprint: join.server, keyHash: join.keyHash };
  const hello = await greet(deps.fetch, monitor);
  const { identity } = deps;
  const tokenHash = createHash("sha256").update(join.secret).digest("hex");
  const request: EnrolRequest = {
    token: join.secret,
    publicKey: Buffer.from(identity.publicKey).toString("base64"),
    nonce: hello.nonce,
    signature: identity.sign(enrolBytes({ nonce: hello.nonce, monitorKey: hello.key, tokenHash })),
    facts: wish.facts,
  };
  const answer = await deps.fetch(new URL("/enrol", url).href, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    timeoutMs: TIMEOUT_MS,
    ...trustOf(join.server),
  });
  const enrolled = answerOf(answer);
  const now = deps.clock.now();
  if (enrolled.node !== identity.nodeId) identity.adopt(enrolled.node);
  await deps.believe({
    url: url.href,
    publicKey: hello.publicKey,
    fingerprint: join.server,
    decisionKey: null,
    joinedAt: now,
    keySince: now,
    ...(wish.keepsName === true && { name: wish.facts.name }),
  });
  const monitorWords = fingerprintWords(Buffer.from(hello.publicKey, "base64"));
  return { ...enrolled, url: url.href, monitorWords };
}

function readToken(token: string, now: number): JoinString {
  const join = parseJoinString(token.trim());
  if (join === null)
    throw joinErrors.token(
      "this is no join string: it begins with cxj1. and is one line; copy it whole from `cortex token create`",
    );
  if (join.expiresAt <= now)
    throw joinErrors.expired("this join string has expired; ask for a new one: cortex token create");
  return join;
}

function answerOf({ status, body }: { status: number; body: string }): EnrolAnswer {
  let json: unknown = null;
  try {
    json = JSON.parse(body);
  } catch {
    // Said below.
  }
  const parsed = enrolAnswer.safeParse(json);
  if (status === 201 && parsed.success) return parsed.data;
  const error = (json as { error?: { code?: string; message?: string } } | null)?.error;
  if (error?.code === undefined)
    throw joinErrors.refused(`the Monitor answered with status ${status}; look at its log`);
  const kind = status === 409 ? "conflict" : status === 429 || status === 503 ? "unavailable" : "forbidden";
  throw new CortexError(error.code, kind, error.message ?? `the Monitor answered with status ${status}`);
}
