/** What routes work with. Built by the composition root. */
import type { Clock, Log } from "cortex";
import type { Access } from "../access/access.ts";
import type { Backups } from "../backup/backups.ts";
import type { Decide } from "../decide/create-decide.ts";
import type { Enrol } from "../enrol/enrol.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { SealedStore } from "../access/sealed.ts";
import type { Vault } from "../ports/secrets/vault.ts";

export interface ServerSettings {
  /** `host:port`. */
  listen: string;
  /** How others reach this server, where that is not the listen address. */
  public_url?: string | undefined;
  allowed_hosts: string[];
  /** Addresses and ranges of reverse proxies that say who the client is. */
  trusted_proxies: string[];
  metrics_on_loopback: boolean;
  max_body: number;
  request_rate: number;
  ingest_rate: number;
}

/** How people and nodes reach this server. */
export interface TransportFacts {
  /** null: plain HTTP. */
  tls: {
    selfSigned: boolean;
    /** SHA-256 of the certificate and of its public key, hex with colons. */
    fingerprint: string;
    publicKeyFingerprint: string;
    /** Epoch ms. */
    notAfter: number;
  } | null;
  /** Plain HTTP on more than loopback: shown in red. */
  insecure: boolean;
}

/** Figures of this process, for `/metrics`. */
export interface ProcessFigures {
  rssBytes: number;
  cpuSeconds: number;
  /** Epoch ms. */
  startedAt: number;
  openFiles: number | null;
}

/** A built file of the dashboard. */
export interface Asset {
  body: Uint8Array | string;
  /** Media type. */
  type: string;
  /** Short content hash, for the ETag. */
  hash: string;
}

export interface Services {
  clock: Clock;
  log: Log;
  newId: () => string;
  version: string;
  monitor: Monitor;
  access: Access;
  vault: Vault;
  /** Databases beside the Monitor's whose records the vault seals: that of a node in the same program. */
  sealedBeside: () => readonly SealedStore[];
  backups: Backups;
  /** Applied to the text of every error. */
  redact?: (text: string) => string;
  decide: Decide;
  enrol: Enrol;
  /** `server.*` of the config; asked for at every use, so that a reload takes effect. */
  server: () => ServerSettings;
  /** Name of this machine. */
  hostName: string;
  /** Whether the API is served over TLS. */
  tls: () => boolean;
  transport: () => TransportFacts;
  /** `policy.autonomy` of the config. */
  autonomy: () => "act" | "ask" | "observe";
  /** The file that this program was started with; null when it runs on defaults. */
  configFile: () => string | null;
  /** The same, or where one would be read from. */
  configPlace: () => string;
  /** Where plugins of the user's own are. */
  pluginsDir: () => string;
  process: () => ProcessFigures;
  /** False while starting or stopping. */
  ready: () => boolean;
  /** This API as an OpenAPI document. Its routes can't ask for it themselves: it is made of them. */
  document: () => Promise<Record<string, unknown>>;
  /** The dashboard by path: `/index.html`, `/assets/…`. Empty when it is not built in. */
  assets: ReadonlyMap<string, Asset>;
}
