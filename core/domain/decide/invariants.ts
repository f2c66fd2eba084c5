/**
 * What no policy, model or click crosses; compiled in. Looks at effects only. Lists err on the side of care: a name that is
 * protected for nothing costs a person a look, one that is missing may cost the host.
 */
import { type Effect, normal } from "cortex";
import { rule, type Ruling } from "./reasons.ts";

export interface InvariantFacts {
  /** Generations of backups and snapshots that must be left. */
  minGenerations: number;
  /** The data folder, plug-ins and settings of Cortex on the node. */
  ownPaths: readonly string[];
  /** Names of its own units and of the user it runs as. */
  ownNames: readonly string[];
  /** Further protected units of this installation. */
  protectedUnits: readonly string[];
  /** Accounts with which somebody can still administer the node; empty when unknown. */
  admins: readonly string[];
}

const PROTECTED_UNITS = [
  "auditd",
  "sshd",
  "ssh",
  "dropbear",
  "firewalld",
  "nftables",
  "iptables",
  "ip6tables",
  "ufw",
  "apparmor",
  "selinux",
  "fail2ban",
  "crowdsec",
  "falco",
  "osqueryd",
  "wazuh-agent",
  "systemd-journald",
  "rsyslog",
  "syslog-ng",
  "systemd-logind",
  "polkit",
  "dbus",
];

/** A file, or with a trailing slash everything below it. */
const PROTECTED_FILES = [
  "/etc/ssh/",
  "/etc/passwd",
  "/etc/shadow",
  "/etc/group",
  "/etc/gshadow",
  "/etc/sudoers",
  "/etc/sudoers.d/",
  "/etc/pam.d/",
  "/etc/security/",
  "/etc/polkit-1/",
  "/etc/audit/",
  "/etc/nftables.conf",
  "/etc/iptables/",
  "/etc/firewalld/",
  "/etc/ufw/",
  "/etc/crontab",
  "/etc/cron.d/",
  "/etc/ld.so.preload",
  "/etc/fstab",
  "/root/.ssh/",
  "/boot/",
];

/** Where data lives that nobody makes again. */
const DATA_ROOTS = [
  "/var/lib/mysql",
  "/var/lib/mariadb",
  "/var/lib/postgresql",
  "/var/lib/pgsql",
  "/var/lib/mongodb",
  "/var/lib/redis",
  "/var/lib/etcd",
  "/var/lib/elasticsearch",
  "/var/lib/docker/volumes",
  "/var/lib/containerd",
  "/var/lib/kubelet",
  "/var/lib/libvirt",
  "/var/lib/dpkg",
  "/var/lib/rpm",
  "/var/backups",
  "/srv",
  "/home",
  "/root",
  "/etc",
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/boot",
  "/opt",
];

/** A network is the world when it is wider than these; inside them it is somebody's own. */
const PRIVATE = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^127\./,
  /^169\.254\./,
  /^f[cd][0-9a-f]{2}:/i,
  /^fe80:/i,
  /^::1\b/,
];

/** The first invariant that an act would cross; null when it crosses none. */
export function crossedInvariant(effects: readonly Effect[], facts: InvariantFacts): Ruling | null {
  for (const effect of effects) {
    const crossed = judge(effect, facts);
    if (crossed !== null) return crossed;
  }
  return null;
}

function judge(effect: Effect, facts: InvariantFacts): Ruling | null {
  switch (effect.kind) {
    case "service":
      return judgeService(effect, facts);
    case "process":
      return effect.verb === "end" && isOwnName(effect.name, facts)
        ? rule("invariant_self", `process ${effect.name}`)
        : null;
    case "delete":
      return judgeDelete(effect, facts);
    case "write":
      return judgeWrite(effect.file, facts);
    case "mount":
      return effect.verb === "unmount" && (effect.path === "/" || reaches(effect.path, facts.ownPaths))
        ? rule("invariant_self", `unmount ${effect.path}`)
        : null;
    case "network":
      return effect.verb === "open" && isWorld(effect.cidr)
        ? rule("invariant_public_exposure", `${effect.cidr} to port ${effect.port}`)
        : null;
    case "package":
      return ["remove", "rollback"].includes(effect.verb) && isOwnName(effect.name, facts)
        ? rule("invariant_self", `package ${effect.name}`)
        : null;
    case "account":
      return judgeAccount(effect, facts);
    case "setting":
    case "host":
    case "exec":
    case "read":
      return null;
  }
}

/** `nginx.service` and `nginx` are one unit; an instance is its template's. */
const baseName = (unit: string) =>
  unit
    .toLowerCase()
    .replace(/\.(service|socket|timer|target|path|mount)$/, "")
    .replace(/@.*$/, "");

/** Whether it guards the machine, or is the way into it. */
export const isProtectedUnit = (unit: string): boolean => PROTECTED_UNITS.includes(baseName(unit));

function judgeService(
  { verb, name }: Extract<Effect, { kind: "service" }>,
  facts: InvariantFacts,
): Ruling | null {
  const base = baseName(name);
  // Started or told to read its settings again, a guard goes on guarding.
  const interrupts = verb === "stop" || verb === "restart";
  if (verb === "stop" && isOwnName(name, facts)) return rule("invariant_self", `unit ${name}`);
  if (verb === "stop" && [...PROTECTED_UNITS, ...facts.protectedUnits.map(baseName)].includes(base))
    return rule("protected_unit", `unit ${name}`);
  return interrupts && isOwnName(name, facts) ? rule("invariant_self", `unit ${name}`) : null;
}

function judgeDelete(
  { root, what, keeps }: Extract<Effect, { kind: "delete" }>,
  facts: InvariantFacts,
): Ruling | null {
  const place = normal(root);
  const isOwn = facts.ownPaths.some((own) => isBelow(place, normal(own)));
  if (isOwn) return rule("invariant_self", `files below ${root}`);
  if (what === "snapshots" || what === "backups")
    return (keeps ?? 0) < facts.minGenerations
      ? rule("invariant_min_retention", `${keeps ?? 0} would be left, ${facts.minGenerations} must be`)
      : null;
  if (what === "data" || place === "/" || place === "/var" || place === "/var/lib")
    return rule("invariant_data", `files below ${root}`);
  if (reaches(place, DATA_ROOTS)) return rule("invariant_data", `files below ${root}`);
  return reaches(place, facts.ownPaths) ? rule("invariant_self", `files below ${root}`) : null;
}

function judgeWrite(file: string, facts: InvariantFacts): Ruling | null {
  const place = normal(file);
  if (reaches(place, facts.ownPaths)) return rule("invariant_self", `file ${file}`);
  const isProtected = PROTECTED_FILES.some((one) =>
    one.endsWith("/") ? place.startsWith(one) : place === one || place === `${one}-`,
  );
  return isProtected ? rule("protected_config", `file ${file}`) : null;
}

function judgeAccount(
  { verb, name }: Extract<Effect, { kind: "account" }>,
  facts: InvariantFacts,
): Ruling | null {
  if (verb === "add") return null;
  if (isOwnName(name, facts)) return rule("invariant_self", `account ${name}`);
  const isLast = facts.admins.length === 0 || (facts.admins.length === 1 && facts.admins[0] === name);
  return isLast ? rule("invariant_last_admin", `account ${name}`) : null;
}

const isOwnName = (name: string, facts: InvariantFacts) =>
  [...facts.ownNames.map(baseName)].some(
    (own) => baseName(name) === own || baseName(name).startsWith(`${own}-`),
  );

/** Whether deleting below `place` would touch one of `roots`, or the place lies inside one. */
function reaches(place: string, roots: readonly string[]): boolean {
  return roots.map(normal).some((root) => isBelow(place, root) || isBelow(root, place));
}

export const isBelow = (path: string, root: string): boolean =>
  path === root || path.startsWith(root === "/" ? "/" : `${root}/`);

function isWorld(cidr: string): boolean {
  const [address = "", bits] = cidr.trim().split("/");
  if (PRIVATE.some((one) => one.test(address))) {
    // 10.0.0.0/4 begins like a private network and is none.
    const width = bits === undefined ? 128 : Number(bits);
    return !(width >= 8);
  }
  return true;
}
