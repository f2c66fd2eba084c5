/** The agent half: its store, the node that watches and repairs, and the link to a Monitor, here or elsewhere. */
import { resolve } from "node:path";
import { CortexError, type Log, messageOf } from "cortex";
import { checkKey } from "../core/access/sealed.ts";
import type { Backups } from "../core/backup/backups.ts";
import { showConfig } from "../core/config/show.ts";
import type { Api } from "../core/http/app.ts";
import type { Ids } from "../core/ports/ids.ts";
import type { RootLog } from "../core/ports/log.ts";
import type { Vault } from "../core/ports/secrets/vault.ts";
import type { AgentStore } from "../core/store/agent/agent-store.ts";
import { createAgentStore } from "../core/store/agent/create-agent-store.ts";
import type { DataDir } from "../core/store/data-dir.ts";
import type { DecidingKey } from "../core/store/deciding-key.ts";
import { nextEpoch, type StoredIdentity } from "../core/store/identity.ts";
import type { Upstream, UpstreamFiles } from "../core/store/upstream.ts";
import { type Beliefs, ledgerOf } from "../core/uplink/beliefs.ts";
import { decidingKeys, followInto } from "../core/uplink/deciding-keys.ts";
import type { HttpsUplink } from "../core/uplink/https-uplink.ts";
import type { Uplink } from "../core/wire/link.ts";
import { builtins } from "../plugins/index.gen.ts";
import { createAgentApi } from "./agent-api.ts";
import { createNode, type Node } from "./node.ts";
import type { SystemPorts } from "./ports.ts";
import { absolute, type Settings } from "./settings.ts";
import { createTrust } from "./trust.ts";
import { createUpstreamLink } from "./upstream-link.ts";
import { ownPlaces, placeOf } from "./user-plugins.ts";
export interface AgentHalf {
  store: AgentStore;
  node: Node;
  /** null where the Monitor is in this program. */
  link: HttpsUplink | null;
  /** What it answers to its own commands; null where the Monitor's API does. */
  api: Api | null;
}

export interface AgentHalfDeps {
  settings: () => Settings;
  dir: DataDir;
  ports: SystemPorts;
  identity: StoredIdentity;
  vault: Vault;
  files: UpstreamFiles;
  beliefs: Beliefs;
  /** The Monitor this node has joined; null where `uplink` leads to the one in this program. */
  joined: Upstream | null;
  uplink: Uplink | null;
  /** Of the Monitor in this program. */
  decidingKey: DecidingKey | null;
  backups: Backups;
  openedAt: number;
  ready: () => boolean;
  redact: (text: string) => string;
  reload: () => Promise<{ changed: string[] }>;
  log: RootLog;
  ids: Ids;
}

export function createAgentHalf(deps: AgentHalfDeps): AgentHalf {
  const { settings, dir, ports, identity, vault, files, beliefs, joined, decidingKey, log, ids, backups } =
    deps;
  const config = () => settings().config;
  const store = createAgentStore(dir.agentDb, {
    origin: identity.nodeId,
    sign: identity.sign,
    verify: identity.verify,
    now: () => ports.clock.now(),
    redact: deps.redact,
    newId: ids.uuid,
  });
  try {
    checkKey(store, vault);
  } catch (error) {
    log.warn("What plugins keep sealed can't be read; they do without it.", { reason: messageOf(error) });
  }
  // Before anything that acts: whom this node believes, as its people last said.
  beliefs.writeInto(ledgerOf(store));
  let counted: number | null = null;
  // Only who sends something has started: a command that looks changes nothing, above all not beside the keys.
  const epoch = () => (counted ??= nextEpoch(dir.keys));
  const link =
    deps.uplink === null
      ? createUpstreamLink({
          joined: joined!,
          files,
          beliefs,
          identity,
          ports,
          config,
          epoch,
          random: ids.random,
          log: log.child({ part: "link" }),
        })
      : null;
  const trusted = () =>
    decidingKey?.trusted(ports.clock.now()) ?? decidingKeys(files.read(), ports.clock.now());
  const node = createNode({
    config,
    instances: settings().instances,
    setAside: () => settings().setAside,
    place: (instance, fault) => placeOf(settings(), instance, fault),
    definitions: builtins,
    ports,
    nodeId: identity.nodeId,
    givenName: joined?.name,
    store,
    vault,
    epoch,
    uplink: link ?? deps.uplink!,
    trust: createTrust(trusted),
    newId: ids.uuid,
    random: ids.random,
    followKey: (links, actor) =>
      decidingKey === null
        ? followInto(beliefs, links, ports.clock.now(), actor)
        : { from: decidingKey.name, to: decidingKey.name },
    rotateKey: () => (link === null ? Promise.reject(localNode()) : link.rotate()),
    backups: () => {
      const { enabled, everyMs, lastGoodAt, failure } = backups.status();
      return enabled && deps.ready() ? { everyMs, startedAt: deps.openedAt, lastGoodAt, failure } : null;
    },
    redact: deps.redact,
    log: (plugin, instance): Log => log.child({ plugin, instance }),
    servicesDir: dir.services,
    pluginsDir: settings().pluginsDir,
    hidden: ownPlaces(settings()),
    reload: deps.reload,
    showConfig: () => showConfig(settings()).value,
  });
  const own =
    link &&
    createAgentApi({
      log,
      newId: ids.uuid,
      store,
      vault,
      upstream: joined!,
      identity,
      link,
      inventory: node.inventory,
      command: node.command,
      backups,
      configFile: () => absolute(settings().path),
      configPlace: () => settings().configPlace,
      pluginsDir: () => resolve(settings().pluginsDir),
      ready: deps.ready,
    });
  return { store, node, link, api: own };
}

const localNode = () =>
  new CortexError(
    "link.local",
    "conflict",
    "this node runs inside its Monitor: it has no key that could be replaced",
  );
