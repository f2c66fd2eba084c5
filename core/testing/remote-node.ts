/** A remote node of a test API: a real key, real signatures, the real uplink; only the wire is a function call. */
import type { Fetch, FetchResult, Log } from "cortex";
import { loadIdentity } from "../store/identity.ts";
import { createUpstreamFiles, type Upstream } from "../store/upstream.ts";
import { createHttpsUplink } from "../uplink/https-uplink.ts";
import { joinMonitor } from "../uplink/join.ts";
import { carryOutTrust } from "../uplink/trust-wish.ts";
import { createMonitorClient } from "../uplink/monitor-client.ts";
import { type EnrolAnswer, SIGNATURE_SCHEME } from "../wire/link-messages.ts";
import { keyHashOf, keyIdOf } from "../domain/node-key.ts";
import { requestBytes } from "../domain/signing.ts";
import type { TestApi } from "./test-api.ts";
import { createTestBeliefs } from "./test-beliefs.ts";

/** One request as it went over the wire, to be sent again or changed. */
export interface Captured {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  status: number;
}

export interface RemoteNodeOptions {
  /** Its folder; an earlier node's is the same host after a restart, or a copy of its key. */
  keys: string;
  /** Address the Monitor sees. */
  ip?: string;
  epoch?: number;
  /** In place of the wire: whoever is on the way. */
  through?: Fetch;
  /** What the link says; nothing is kept without it. */
  log?: Log;
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export const MONITOR_URL = "http://localhost";

export function createRemoteNode(t: TestApi, options: RemoteNodeOptions) {
  const { keys, ip = "10.0.0.7", epoch = 1 } = options;
  const wire = (): Fetch => options.through ?? fetch;
  const captured: Captured[] = [];
  let isCut = false;
  let seq = 0;

  const fetch: Fetch = async (url, { method = "GET", headers = {}, body } = {}): Promise<FetchResult> => {
    const { pathname, search } = new URL(url);
    const sent: Captured = { method, path: pathname + search, headers, body: String(body ?? ""), status: 0 };
    captured.push(sent);
    if (isCut) throw new Error("the line is cut");
    const answer = await t.send(method, sent.path, { headers, ip, ...(body === undefined ? {} : { body }) });
    sent.status = answer.status;
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: answer.text,
      durationMs: 1,
    };
  };

  const identity = loadIdentity(keys);
  const upstream = createUpstreamFiles(keys);
  const beliefs = createTestBeliefs(keys, () => t.clock.now());
  const believe = (joined: Upstream) =>
    void carryOutTrust(beliefs, { act: "join", upstream: joined }, "local");

  function connect() {
    const joined = upstream.read()!;
    const publicKey = Buffer.from(joined.publicKey, "base64");
    const client = createMonitorClient({
      fetch: wire(),
      clock: t.clock,
      identity,
      epoch: () => epoch,
      monitor: { url: new URL(joined.url), fingerprint: null, publicKey, keyHash: keyHashOf(publicKey) },
    });
    const uplink = createHttpsUplink({
      clock: t.clock,
      log: options.log ?? quiet,
      client,
      identity,
      upstream,
      beliefs,
      version: "1.2.3",
      random: () => 0.5,
      rotateAfterMs: () => 90 * 86_400_000,
    });
    return { client, uplink };
  }

  return {
    id: identity.nodeId,
    keys,
    identity,
    upstream,
    beliefs,
    believe,
    captured,
    fetch,
    connect,
    /** Headers that sign one request of any method, as a node would that tries other doors. */
    signed(method: string, path: string, body: string): Record<string, string> {
      const to = keyIdOf(Buffer.from(upstream.read()!.publicKey, "base64"));
      const stamp = {
        node: identity.nodeId,
        key: identity.keyId,
        to,
        epoch: 1000,
        seq: (seq += 1),
        ts: t.clock.now(),
      };
      const sig = identity.sign(requestBytes({ method, target: path, body: Buffer.from(body), ...stamp }));
      const fields = Object.entries({ ...stamp, sig }).map(([name, value]) => `${name}=${value}`);
      return { authorization: `${SIGNATURE_SCHEME} ${fields.join(", ")}` };
    },
    join: (token: string, name = "web-1"): Promise<EnrolAnswer> =>
      joinMonitor(
        {
          fetch,
          clock: t.clock,
          identity,
          believe,
        },
        {
          url: null,
          token,
          facts: { name, os: "Debian", arch: "x64", version: "1.2.3" },
          allowInsecureHttp: false,
        },
      ),
    cut: (is: boolean) => {
      isCut = is;
    },
  };
}

/** A join string of a new token. */
export async function joinString(t: TestApi, wish: Record<string, unknown> = {}): Promise<string> {
  const answer = await t.send("POST", "/api/v1/tokens", {
    principal: ADMIN,
    body: { url: MONITOR_URL, ...wish },
  });
  if (answer.status !== 201) throw new Error(answer.text);
  return String(answer.json.join);
}

export const ADMIN = { kind: "local", id: "local", name: "local", role: "admin", grants: [] } as const;
