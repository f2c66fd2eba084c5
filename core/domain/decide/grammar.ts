/** What names and paths in effects look like. A value that does not fit is no typo to be tolerated: it may be a second command. */
import type { Effect } from "cortex";
import * as z from "zod";
import { argvFault } from "./argv.ts";
import { rule, type Ruling } from "./reasons.ts";

/** systemd.unit(5), and what other supervisors name: `group:name`. */
const SERVICE = /^[A-Za-z0-9_.@\\:][A-Za-z0-9_.@\\:-]*$/;
/** Debian Policy 5.6.1 and RPM names, with an architecture. */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9+._:-]*$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+:~^_-]*$/;
/** useradd(8). */
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;
/** sysctl names and those of limits: `net.core.somaxconn`, `fs/file-max`. */
const SETTING = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/;
/** Control characters, and those that make text look like other text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** The first effect that does not fit its grammar; null when all do. */
export function grammarFault(target: string, effects: readonly Effect[] | null): Ruling | null {
  if (target.startsWith("-") || HIDDEN.test(target))
    return rule("invalid_parameter", `target ${shown(target)}`);
  for (const effect of effects ?? []) {
    if (effect.kind === "exec") {
      const fault = argvFault(effect.argv);
      if (fault !== null) return rule("dangerous_argument", shown(fault));
      continue;
    }
    const fault = faultOf(effect);
    if (fault !== null) return rule("invalid_parameter", fault);
  }
  return null;
}

function faultOf(effect: Exclude<Effect, { kind: "exec" }>): string | null {
  switch (effect.kind) {
    case "service":
      return named("unit", effect.name, SERVICE);
    case "process":
      return plain("process", effect.name);
    case "delete":
      return pathFault(effect.root);
    case "write":
      return pathFault(effect.file);
    case "mount":
      return pathFault(effect.path);
    case "network":
      return network.safeParse(effect.cidr).success ? null : `network ${shown(effect.cidr)}`;
    case "package":
      return (
        named("package", effect.name, PACKAGE) ??
        (effect.version === undefined ? null : named("version", effect.version, VERSION))
      );
    case "account":
      return named("account", effect.name, ACCOUNT);
    case "setting":
      return (
        named("setting", effect.name, SETTING) ??
        (effect.name.split(/[/.]{1,2}/).includes("") ? `setting ${shown(effect.name)}` : null) ??
        (HIDDEN.test(effect.value) ? `value of ${effect.name}` : null)
      );
    case "host":
    case "read":
      return null;
  }
}

const named = (what: string, value: string, grammar: RegExp) =>
  grammar.test(value) ? null : `${what} ${shown(value)}`;

const plain = (what: string, value: string) =>
  value.startsWith("-") || HIDDEN.test(value) ? `${what} ${shown(value)}` : null;

/** Absolute; `..` is for the invariants, which look at where it leads. */
const pathFault = (path: string) =>
  path.startsWith("/") && !HIDDEN.test(path) ? null : `path ${shown(path)}`;

const shown = (text: string) => JSON.stringify(text.slice(0, 80));
