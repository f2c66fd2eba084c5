/** The link of this node to the Monitor it has joined, from what the join left on the disk. */
import type { Log } from "cortex";
import { keyHashOf } from "../core/domain/node-key.ts";
import type { Config } from "../core/config/schema.ts";
import type { StoredIdentity } from "../core/store/identity.ts";
import type { Upstream, UpstreamFiles } from "../core/store/upstream.ts";
import { monitorAddress } from "../core/uplink/address.ts";
import type { Beliefs } from "../core/uplink/beliefs.ts";
import { createHttpsUplink, type HttpsUplink } from "../core/uplink/https-uplink.ts";
import { createMonitorClient } from "../core/uplink/monitor-client.ts";
import type { SystemPorts } from "./ports.ts";
import { VERSION } from "./version.ts";

export interface UpstreamLinkDeps {
  joined: Upstream;
  files: UpstreamFiles;
  beliefs: Beliefs;
  identity: StoredIdentity;
  ports: SystemPorts;
  config: () => Config;
  epoch: () => number;
  random: () => number;
  log: Log;
}

/** Errors: `upstream.address`, `upstream.insecure`. */
export function createUpstreamLink(deps: UpstreamLinkDeps): HttpsUplink {
  const { joined, files, identity, ports, config } = deps;
  const publicKey = Buffer.from(joined.publicKey, "base64");
  const { url, allow_insecure_http: allowInsecure } = config().upstream;
  const client = createMonitorClient({
    fetch: ports.fetch,
    clock: ports.clock,
    identity,
    epoch: deps.epoch,
    monitor: {
      url: monitorAddress(url ?? joined.url, allowInsecure),
      fingerprint: joined.fingerprint,
      publicKey,
      keyHash: keyHashOf(publicKey),
    },
  });
  return createHttpsUplink({
    clock: ports.clock,
    log: deps.log,
    client,
    identity,
    upstream: files,
    beliefs: deps.beliefs,
    version: VERSION,
    random: deps.random,
    rotateAfterMs: () => config().upstream.rotate_key,
  });
}
