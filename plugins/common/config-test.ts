/**
 * Syntax checks of well-known programs' configuration (guard G7): a broken file must not turn a repair into an outage.
 * Keyed by the unit's name, and by the program's name for processes that Cortex runs itself.
 */
import type { Capability, ConfigTest, Exec } from "cortex";
import { firstLine } from "./systemd-unit.ts";

interface Tester {
  /** Unit names without `.service`; an instance of a template (`nginx@a`) has its own configuration and no test. */
  units: string[];
  /** Base names of the server's program. */
  programs: string[];
  /** Test of the system's configuration; the first installed program is used. */
  system: string[][];
  /** Options of the server's command line that choose its configuration, and the test they belong to. */
  command?: { options: string[]; test: (program: string, options: string[]) => string[] };
}

const sameProgram =
  (...test: string[]) =>
  (program: string, options: string[]) => [program, ...test, ...options];

const TESTERS: Tester[] = [
  {
    units: ["nginx", "openresty"],
    programs: ["nginx", "openresty"],
    system: [["nginx", "-t"]],
    command: { options: ["-c", "-p", "-e", "-g"], test: sameProgram("-t") },
  },
  {
    units: ["ssh", "sshd"],
    programs: ["sshd"],
    system: [["sshd", "-t"]],
    command: { options: ["-f"], test: sameProgram("-t") },
  },
  {
    units: ["haproxy"],
    programs: ["haproxy"],
    system: [["haproxy", "-c", "-q", "-f", "/etc/haproxy/haproxy.cfg"]],
    command: { options: ["-f", "-C"], test: sameProgram("-c", "-q") },
  },
  {
    // Debian's apache2 needs the variables that apache2ctl reads from envvars.
    units: ["apache2", "httpd"],
    programs: ["apache2", "httpd"],
    system: [
      ["apache2ctl", "-t"],
      ["httpd", "-t"],
    ],
    command: { options: ["-f", "-d", "-D"], test: sameProgram("-t") },
  },
  {
    units: ["named", "bind9"],
    programs: ["named"],
    system: [["named-checkconf"]],
    command: { options: ["-c"], test: (_program, options) => ["named-checkconf", ...options.slice(-1)] },
  },
  { units: ["postfix", "postfix@-"], programs: [], system: [["postfix", "check"]] },
  {
    units: ["unbound"],
    programs: ["unbound"],
    system: [["unbound-checkconf"]],
    command: { options: ["-c"], test: (_program, options) => ["unbound-checkconf", ...options.slice(-1)] },
  },
  {
    units: ["dnsmasq"],
    programs: ["dnsmasq"],
    system: [["dnsmasq", "--test"]],
    command: { options: ["-C", "-7"], test: sameProgram("--test") },
  },
  { units: ["rsyslog"], programs: ["rsyslogd"], system: [["rsyslogd", "-N1"]] },
  {
    units: ["caddy"],
    programs: ["caddy"],
    system: [["caddy", "validate", "--config", "/etc/caddy/Caddyfile"]],
    command: { options: ["--config", "--adapter"], test: sameProgram("validate") },
  },
  {
    units: ["keepalived"],
    programs: ["keepalived"],
    system: [["keepalived", "--config-test"]],
    command: { options: ["-f"], test: sameProgram("--config-test") },
  },
  { units: ["smbd", "smb", "samba"], programs: ["smbd"], system: [["testparm", "-s"]] },
];

/** What a plugin that tests units declares. */
export const CONFIG_TEST_CAPABILITIES = [
  ...new Set(TESTERS.flatMap(({ system }) => system.map((argv) => `exec:${argv[0]!}` as Capability))),
];

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** `["-c", "x", "-g", "daemon off;", "-q"]` with options -c and -g → those two with their values; also `--config=x`. */
function pick(argv: readonly string[], options: readonly string[]): string[] {
  const picked: string[] = [];
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (options.includes(word) && at + 1 < argv.length) {
      picked.push(word, argv[at + 1]!);
      at += 1;
    } else if (options.some((option) => option.startsWith("--") && word.startsWith(`${option}=`)))
      picked.push(word);
  }
  return picked;
}

export interface ConfigTestSubject {
  /** `nginx.service` */
  unit?: string;
  /** Command line of a process; its options choose the file that is tested. */
  argv?: readonly string[];
}

/** The command that tests this subject's configuration, or null when none is known. */
export function configTestOf({ unit, argv }: ConfigTestSubject): string[] | null {
  const program = argv?.[0];
  const tester = TESTERS.find(
    ({ units, programs }) =>
      (unit !== undefined && units.includes(unit.replace(/\.service$/, ""))) ||
      (program !== undefined && programs.includes(baseName(program))),
  );
  if (!tester) return null;
  if (argv === undefined || program === undefined) return tester.system[0]!;
  const options = tester.command ? pick(argv, tester.command.options) : [];
  return tester.command ? tester.command.test(program, options) : tester.system[0]!;
}

/** Every way to test a unit's configuration, the preferred first. */
const alternatives = (command: readonly string[]): readonly (readonly string[])[] =>
  TESTERS.find(({ system }) => system[0]!.join("\0") === command.join("\0"))?.system ?? [command];

/** Run it; null when the program that tests is not installed. */
export async function runConfigTest(
  exec: Exec,
  command: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<ConfigTest | null> {
  const argv = alternatives(command).find((words) => exec.which(words[0]!) !== null);
  if (!argv) return null;
  const result = await exec.run(argv, { ...options, timeoutMs: 20_000 });
  const name = [baseName(argv[0]!), ...argv.slice(1)].join(" ");
  if (result.exitCode === 0) return { ok: true, summary: `${name}: good` };
  // Warnings often come before the line that says what is wrong.
  const worst = result.stderr.split("\n").find((line) => /emerg|fatal|error|alert/i.test(line));
  const why = result.timedOut
    ? "did not answer within 20 s"
    : (worst?.trim().slice(0, 300) ?? firstLine(result));
  return { ok: false, summary: `${name}: ${why}` };
}
