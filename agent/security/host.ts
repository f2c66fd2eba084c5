/** The host under Cortex: environment, kernel settings, groups, units as they are installed, rules of polkit. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import agentUnit from "../../config/systemd/cortex-agent.service" with { type: "text" };
import monitorUnit from "../../config/systemd/cortex-monitor.service" with { type: "text" };
import combinedUnit from "../../config/systemd/cortex.service" with { type: "text" };
import { critical, type Finding, ok, warning } from "./finding.ts";

/** `root` is "" or another root; the daemon's pid where one runs. */
export function examineHost(root: string, pid: number | null): Finding[] {
  return [environment(), ...kernel(root), cores(pid), groups(root), ...units(root), ...polkit(root)].filter(
    (one) => one !== null,
  );
}

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

/** A compiled program still obeys these. */
function environment(): Finding {
  const names = ["BUN_BE_BUN", "BUN_OPTIONS", "NODE_OPTIONS", "LD_PRELOAD", "LD_LIBRARY_PATH"];
  const found = names.filter((name) => process.env[name]);
  return found.length === 0
    ? ok("host.environment", "nothing in it changes what a program runs")
    : critical(
        "host.environment",
        `${found.join(", ")} can run other code in this program; start it by its wrapper`,
        `unset ${found.join(" ")}`,
      );
}

const SETTINGS: [path: string, least: number, why: string][] = [
  ["fs.protected_symlinks", 1, "links in shared folders can lead programs astray"],
  ["fs.protected_hardlinks", 1, "hard links to files of others can be made in shared folders"],
  ["fs.protected_fifos", 1, "a pipe can stand in for a file in shared folders"],
  ["fs.protected_regular", 1, "a file of somebody else can stand in for one in shared folders"],
];

function kernel(root: string): Finding[] {
  const found = SETTINGS.flatMap(([name, least, why]) => {
    const value = textOf(`${root}/proc/sys/${name.replaceAll(".", "/")}`);
    if (value === null) return [];
    return Number(value) >= least
      ? [ok("host.kernel", `${name} = ${value.trim()}`)]
      : [warning("host.kernel", `${name} is off: ${why}`, `sysctl -w ${name}=${least}`)];
  });
  const dumps = textOf(`${root}/proc/sys/fs/suid_dumpable`)?.trim();
  if (dumps === "1")
    found.push(
      warning(
        "host.kernel",
        "fs.suid_dumpable = 1: privileged programs leave dumps that others read",
        "sysctl -w fs.suid_dumpable=0",
      ),
    );
  return found;
}

/** A dump of the daemon holds its keys. */
function cores(pid: number | null): Finding | null {
  if (pid === null) return null;
  const limit = /^Max core file size\s+(\S+)/m.exec(textOf(`/proc/${pid}/limits`) ?? "")?.[1];
  if (limit === undefined) return null;
  return limit === "0"
    ? ok("host.core_dumps", "the daemon leaves no core dump")
    : warning(
        "host.core_dumps",
        `the daemon may leave a core dump (${limit}), which holds its keys; start it by its unit (LimitCORE=0)`,
      );
}

/** Groups that are as good as root, or read everybody's secrets. */
const STRONG_GROUPS = ["docker", "lxd", "libvirt", "sudo", "wheel", "root", "disk", "shadow", "kvm"];

function groups(root: string): Finding | null {
  const lines = (textOf(`${root}/etc/group`) ?? "").split("\n");
  if (!(textOf(`${root}/etc/passwd`) ?? "").includes("\ncortex:")) return null;
  const strong = lines
    .map((line) => line.split(":"))
    .filter(
      ([name, , , members]) => STRONG_GROUPS.includes(name!) && (members ?? "").split(",").includes("cortex"),
    )
    .map(([name]) => name!);
  return strong.length === 0
    ? ok("host.groups", "the user cortex is in no group that is as good as root")
    : critical(
        "host.groups",
        `the user cortex is in ${strong.join(", ")}, which is as good as root`,
        `gpasswd -d cortex ${strong[0]}`,
      );
}

const SHIPPED: Record<string, string> = {
  "cortex.service": combinedUnit,
  "cortex-agent.service": agentUnit,
  "cortex-monitor.service": monitorUnit,
};
/** Differ by where things lie. */
const LOCAL = /^(ExecStart|EnvironmentFile|WorkingDirectory|Documentation|StateDirectory)=/;

function units(root: string): Finding[] {
  const folder = `${root}/etc/systemd/system`;
  return Object.entries(SHIPPED).flatMap(([name, shipped]) => {
    const installed = textOf(join(folder, name));
    if (installed === null) return [];
    const lines = new Set(installed.split("\n"));
    const missing = shipped
      .slice(shipped.indexOf("[Service]"))
      .split("\n")
      .filter((line) => /^[A-Z]\w+=/.test(line) && !LOCAL.test(line) && !lines.has(line));
    const dropIns = existsSync(join(folder, `${name}.d`)) ? readdirSync(join(folder, `${name}.d`)) : [];
    const found: Finding[] = [
      missing.length === 0
        ? ok("host.unit", `${name} is as it was shipped`)
        : critical("host.unit", `${name} lacks ${missing.join(" ")}`, "sudo ./install.sh"),
    ];
    if (dropIns.length > 0)
      found.push(
        warning(
          "host.unit_drop_in",
          `${name} is changed by ${dropIns.join(", ")}; look at what it opens`,
          `systemctl cat ${name}`,
        ),
      );
    return found;
  });
}

type Rule = (action: object, subject: object) => unknown;
/** Units that no rule for Cortex has a reason to allow. */
const PROBES = ["ssh.service", "any-unit-at-all.service", "*"];

/** Asks the installed rules, as polkitd would, whether Cortex may do what nobody granted. */
function polkit(root: string): Finding[] {
  const folders = ["/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"].map((path) => root + path);
  const found: Finding[] = [];
  let unreadable = false;
  for (const folder of folders.filter((path) => existsSync(path))) {
    let names: string[] = [];
    try {
      names = readdirSync(folder).filter((name) => name.endsWith(".rules"));
    } catch {
      unreadable = true;
    }
    for (const name of names) {
      const text = textOf(join(folder, name));
      const wide = text === null ? [] : PROBES.filter((unit) => allows(text, unit));
      if (wide.length > 0)
        found.push(
          critical(
            "host.polkit",
            `${join(folder, name)} lets the user cortex restart any unit (${wide.join(", ")}); allow exact units`,
            `rm ${join(folder, name)} && cortex privileges install`,
          ),
        );
    }
  }
  if (unreadable)
    return [
      warning("host.polkit", "rules of polkit can be read by root alone", "sudo cortex doctor --security"),
    ];
  return found.length > 0
    ? found
    : [ok("host.polkit", "no rule allows the user cortex more than exact units")];
}

function allows(text: string, unit: string): boolean {
  const rules: Rule[] = [];
  const Result = {
    YES: "yes",
    NO: "no",
    NOT_HANDLED: null,
    AUTH_ADMIN: "auth",
    AUTH_ADMIN_KEEP: "auth",
    AUTH_SELF: "auth",
    AUTH_SELF_KEEP: "auth",
  };
  const nothing = () => undefined;
  const api = {
    addRule: (rule: Rule) => rules.push(rule),
    addAdminRule: nothing,
    log: nothing,
    spawn: () => "",
    Result,
  };
  const action = {
    id: "org.freedesktop.systemd1.manage-units",
    lookup: (key: string) => ({ unit, verb: "restart" })[key],
  };
  const subject = { user: "cortex", groups: [], local: true, active: true, isInGroup: () => false };
  try {
    runInNewContext(text, { polkit: api }, { timeout: 500 });
    return rules.map((rule) => rule(action, subject)).find((said) => said != null) === "yes";
  } catch {
    // A rule that breaks decides nothing.
    return false;
  }
}
