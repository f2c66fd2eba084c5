/** `cortex doctor --security`: the installation against what the design asks of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "cortex";
import { findUserPlugins } from "../../core/ports/user-plugins/plugin-folders.ts";
import { readPlugin } from "../../core/ports/user-plugins/plugin-files.ts";
import { lockPathOf, notAllowed, readLock } from "../../core/ports/user-plugins/plugin-lock.ts";
import { privilegeFiles } from "../../core/domain/privileges.ts";
import { type ConnectionArgs, withClient } from "../cli/client.ts";
import { createSystemPorts } from "../ports.ts";
import { compare } from "../rights/privileged-files.ts";
import { wantedPrivileges } from "../rights/privileges.ts";
import type { Settings } from "../settings.ts";
import { findCageHere, ownPlaces, rulesOf } from "../user-plugins.ts";
import { examineFiles } from "./files.ts";
import { critical, type Finding, ok, warning } from "./finding.ts";
import { examineHost } from "./host.ts";
import { examinePeople } from "./people.ts";

export async function auditSecurity(
  args: ConnectionArgs & { root?: string | undefined },
  settings: Settings,
): Promise<Finding[]> {
  const root = (args.root ?? "").replace(/\/+$/, "");
  const pid = daemonPid(settings.dataDir);
  const now = Date.now();
  return [
    ...examineFiles(settings, now),
    ...network(settings),
    ...(await plugins(settings)),
    ...privileges(root, settings),
    ...examineHost(root, pid),
    ...(await withClient(args, (client) => examinePeople(client, now)).catch((error: unknown) => [
      warning("people.unknown", `users, keys and nodes could not be looked at: ${messageOf(error)}`),
    ])),
  ];
}

function daemonPid(dataDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(dataDir, "lock.pid"), "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

function network({ config }: Settings): Finding[] {
  const { listen, allowed_hosts: hosts } = config.server;
  const isLoopback = LOOPBACK.test(listen.slice(0, listen.lastIndexOf(":")));
  // Sections of later versions are looked at as far as they are there.
  const tls = (config.server as { tls?: unknown }).tls;
  const encrypted = tls !== undefined && tls !== null;
  const found: Finding[] = [];
  if (isLoopback) found.push(ok("network.listen", `listens on ${listen}, this machine alone`));
  else if (encrypted) found.push(ok("network.listen", `listens on ${listen}, with TLS`));
  else
    found.push(
      critical(
        "network.listen",
        `listens on ${listen} without TLS: passwords and keys cross the network in the clear; set server.tls, or listen on loopback behind a proxy`,
      ),
    );
  if (hosts.includes("*"))
    found.push(critical("network.hosts", "server.allowed_hosts takes any name; name those that people use"));
  if (config.server.metrics_on_loopback)
    found.push(
      warning(
        "network.metrics",
        "/metrics answers every user of this machine without a key (server.metrics_on_loopback)",
      ),
    );
  return found;
}

async function plugins(settings: Settings): Promise<Finding[]> {
  const { pluginsDir, config } = settings;
  const lock = readLock(pluginsDir);
  const folders = findUserPlugins(pluginsDir);
  const { load, cage: wanted } = rulesOf(config, pluginsDir);
  const found: Finding[] = [];
  if (lock.refused !== null)
    found.push(critical("plugins.lock", lock.refused, `chmod 644 ${lockPathOf(pluginsDir)}`));
  for (const { name, dir, refused } of folders) {
    const bundle = readPlugin(dir, name);
    const why =
      refused ??
      ("refused" in bundle ? bundle.refused : load === "any" ? null : notAllowed(lock, name, bundle.hashes));
    if (why !== null) found.push(critical("plugins.refused", `plugin ${name} is not run: ${why}`));
  }
  if (folders.length === 0) return [...found, ok("plugins.lock", "no plugins of your own")];
  if (load === "any")
    found.push(
      warning(
        "plugins.any",
        `every plugin in ${pluginsDir} is run as it is; keep an allow-list`,
        `cortex plugin allow ${folders[0]!.name}`,
      ),
    );
  const cage = await findCageHere(createSystemPorts(config), ownPlaces(settings));
  if (cage.kind === "none")
    found.push(
      (wanted === "require" ? warning : critical)(
        "plugins.cage",
        `there is no cage for plugins: ${cage.label}`,
        "apt-get install bubblewrap",
      ),
    );
  else if (cage.kind === "seccomp")
    found.push(
      warning("plugins.cage", `the cage for plugins is weak: ${cage.label}`, "apt-get install bubblewrap"),
    );
  else found.push(ok("plugins.cage", cage.label));
  return found;
}

function privileges(root: string, { config, instances, definitions }: Settings): Finding[] {
  const isRoot = process.getuid?.() === 0;
  const differences = compare(root, privilegeFiles(wantedPrivileges(config, instances, definitions)));
  const drift = differences.filter(({ what }) => what === "differs" || what === "left over");
  if (drift.length > 0)
    return [
      critical(
        "privileges.drift",
        `${drift.map(({ path, what }) => `${path} ${what}`).join(", ")}: not what the configuration asks for`,
        "sudo cortex privileges install",
      ),
    ];
  const missing = differences.filter(({ what }) => what === "missing");
  if (missing.length === 0)
    return [ok("privileges.files", "granted rights are those that the configuration asks for")];
  const text = isRoot
    ? "no rights are granted to the user cortex; as root Cortex needs none, but may everything: install it as a service"
    : `Cortex may not repair all it could: ${missing.map(({ path }) => path).join(", ")} missing`;
  return [warning("privileges.files", text, "sudo cortex privileges install")];
}
