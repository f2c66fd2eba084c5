/**
 * From wishes to files: a polkit rule for exact units and verbs, one hardened one-shot unit for each chore, and a list that
 * Cortex reads to know what it may. Pure and deterministic: the same wishes give the same bytes.
 */
import type { Chore, PrivilegeWishes, UnitVerb } from "cortex";
import { defineErrors, UNIT_VERBS } from "cortex";
import * as z from "zod";

const errors = defineErrors("privileges", { invalid: "invalid" });

export const PRIVILEGE_FILES = {
  rules: "/etc/polkit-1/rules.d/50-cortex.rules",
  units: "/etc/systemd/system",
  list: "/etc/cortex/privileges.json",
} as const;
/** Beginning of the names of all one-shot units. */
export const CHORE_PREFIX = "cortex-act-";
/** The user that the rule speaks of. */
const USER = "cortex";

/** One exact unit: no pattern (systemctl takes them), no option, no path, no template without instance. */
const UNIT = /^[A-Za-z0-9][A-Za-z0-9:_.\\@-]{0,200}\.(service|timer|socket|mount)$/;
export const exactUnit = z
  .string()
  .regex(UNIT, { error: "must be one full unit name such as nginx.service, without patterns" })
  .refine((unit) => !unit.includes("@."), {
    error: "must name an instance, as in postgresql@15-main.service",
  });
const CHORE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const CAPABILITY = /^CAP_[A-Z_]+$/;
/** No control characters, no line end: a unit file is made of lines. */
const WORD = /^[\x20-\x7e]{1,4096}$/;
const FOLDER = /^(\/[A-Za-z0-9_.@+-]+)+$/;

export const grantedSchema = z.strictObject({
  version: z.literal(1),
  units: z.record(z.string().regex(UNIT), z.array(z.enum(UNIT_VERBS))),
  /** Chore → unit. */
  chores: z.record(z.string().max(200), z.string().regex(UNIT)),
});
export type Granted = z.infer<typeof grantedSchema>;

export interface Privileged {
  units: Record<string, UnitVerb[]>;
  chores: Chore[];
}

/** One set of all wishes. Errors: `privileges.invalid` for anything that is not exact. */
export function mergeWishes(wishes: readonly PrivilegeWishes[]): Privileged {
  const units = new Map<string, Set<UnitVerb>>();
  const chores = new Map<string, Chore>();
  for (const { units: some = [], chores: more = [] } of wishes) {
    for (const { unit, verbs } of some) {
      if (!UNIT.test(unit) || unit.includes("@."))
        throw errors.invalid(
          `${unit} is not one exact unit; write a full name such as nginx.service, without patterns`,
        );
      if (unit.startsWith("cortex"))
        throw errors.invalid(`${unit} is Cortex itself; it never restarts itself`);
      const known = units.get(unit) ?? new Set();
      for (const verb of verbs) known.add(verb);
      units.set(unit, known);
    }
    for (const chore of more) {
      assertExact(chore);
      const other = chores.get(chore.name);
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(chore))
        throw errors.invalid(`two different chores are named ${chore.name}`);
      chores.set(chore.name, chore);
    }
  }
  return {
    units: Object.fromEntries(
      [...units]
        .toSorted(byName)
        .map(([unit, verbs]) => [unit, UNIT_VERBS.filter((verb) => verbs.has(verb))]),
    ),
    chores: [...chores].toSorted(byName).map(([, chore]) => chore),
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

function assertExact({ name, summary, commands, writes, capabilities }: Chore): void {
  const fail = (what: string) => errors.invalid(`chore ${name}: ${what}`);
  if (!CHORE_NAME.test(name) || name.length > 100) throw fail("its name is none");
  if (!WORD.test(summary)) throw fail("its summary is no plain line");
  for (const argv of commands) {
    if (!argv[0]?.startsWith("/")) throw fail(`${argv[0]} is no absolute program`);
    const bad = argv.find((word) => !WORD.test(word));
    if (bad !== undefined) throw fail(`${JSON.stringify(bad)} can't be written into a unit`);
  }
  const folder = writes.find((path) => !FOLDER.test(path) || path.split("/").includes(".."));
  if (folder !== undefined) throw fail(`${folder} is no plain folder`);
  if (capabilities.some((one) => !CAPABILITY.test(one))) throw fail("a capability is none");
}

/** Path → text of every file. */
export function privilegeFiles(wanted: Privileged): Record<string, string> {
  const granted: Granted = {
    version: 1,
    units: wanted.units,
    chores: Object.fromEntries(wanted.chores.map(({ name }) => [name, choreUnit(name)])),
  };
  return {
    [PRIVILEGE_FILES.list]: `${JSON.stringify(granted, null, 2)}\n`,
    [PRIVILEGE_FILES.rules]: polkitRules(wanted),
    ...Object.fromEntries(
      wanted.chores.map((chore) => [`${PRIVILEGE_FILES.units}/${choreUnit(chore.name)}`, choreText(chore)]),
    ),
  };
}

export const choreUnit = (name: string) => `${CHORE_PREFIX}${name}.service`;

/**
 * systemd asks polkit for the action manage-units with the details "unit" and "verb" (since version 226). Details that are
 * missing match nothing. Whatever else this user asks of systemd's units is refused here, before any other rule.
 */
function polkitRules({ units, chores }: Privileged): string {
  const allowed = {
    ...units,
    ...Object.fromEntries(chores.map(({ name }) => [choreUnit(name), ["start"]])),
  };
  return `// Written by \`cortex privileges install\` from the configuration; edits are lost. Only what is named here, only these verbs.
polkit.addRule(function (action, subject) {
  if (subject.user !== ${JSON.stringify(USER)}) return polkit.Result.NOT_HANDLED;
  if (action.id !== "org.freedesktop.systemd1.manage-units") return polkit.Result.NOT_HANDLED;
  var allowed = ${JSON.stringify(allowed, null, 2).replaceAll("\n", "\n  ")};
  var unit = action.lookup("unit");
  var verb = action.lookup("verb");
  if (typeof unit !== "string" || typeof verb !== "string") return polkit.Result.NO;
  if (!Object.prototype.hasOwnProperty.call(allowed, unit)) return polkit.Result.NO;
  return allowed[unit].indexOf(verb) >= 0 ? polkit.Result.YES : polkit.Result.NO;
});
`;
}

/** As systemd.service(5) reads a command line: % and $ doubled, quoted where a word holds more than plain characters. */
function quoted(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_/.,:=+@%-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function choreText({ name, summary, commands, writes, capabilities }: Chore): string {
  const ownTmp = !writes.some((path) => /^(\/var)?\/tmp(\/|$)/.test(path));
  const changesOwners = capabilities.includes("CAP_CHOWN");
  return `# Written by \`cortex privileges install\` from the configuration; edits are lost. A change of it is a change of the configuration.
[Unit]
Description=Cortex: ${summary.replaceAll("%", "%%")}

[Service]
Type=oneshot
${commands.map((argv) => `ExecStart=${argv.map(quoted).join(" ")}`).join("\n")}
SyslogIdentifier=${CHORE_PREFIX}${name}
TimeoutStartSec=60
Nice=10
IOSchedulingClass=idle
LimitCORE=0
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=${[...capabilities].toSorted().join(" ")}
AmbientCapabilities=
ProtectSystem=strict
${writes.map((path) => `ReadWritePaths=-${path}`).join("\n")}
ProtectHome=yes
PrivateTmp=${ownTmp ? "yes" : "no"}
PrivateDevices=yes
DevicePolicy=closed
PrivateNetwork=yes
PrivateIPC=yes
IPAddressDeny=any
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources${changesOwners ? "" : " @privileged"}
SystemCallErrorNumber=EPERM
`;
}
