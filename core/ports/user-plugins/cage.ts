/**
 * The cage of users' plugins: which of the host's means is there, and how a child is started in it. Every cage seals the
 * child itself (see seal.ts: no sockets, no processes, no new privileges, limits); bubblewrap adds namespaces and an empty
 * file system, Landlock the file system alone. What is missing is said, never assumed.
 */
import { lstatSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Exec, messageOf } from "cortex";
import type { Sealed, SealOptions } from "./seal.ts";

export type CageKind = "bubblewrap" | "landlock" | "seccomp" | "none";

export interface Cage {
  kind: CageKind;
  /** For people, one line: "bubblewrap", or what is missing and what to do. */
  label: string;
  /** User that children run as; null: the user Cortex runs as. */
  uid: number | null;
  /** The command that starts a child in it. */
  argv: readonly string[];
  /** Put before a program that a plugin declared, so that it has the rights of the plugin's user; null: none can run. */
  programs: readonly string[] | null;
}

export interface CageDeps {
  exec: Exec;
  /** Starts this program as the child of a plugin, without a cage. */
  childArgv: readonly string[];
  /** What the program reads to start. */
  readable: readonly string[];
  isRoot: boolean;
  /** Folders that no program of a plugin sees. */
  hidden: readonly string[];
}

/** The system's account for plugins, made by the installer; "nobody" stands in where there is none. */
const PLUGIN_USER = "cortex-plugin";
const NOBODY = 65_534;
const LIBRARIES = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/libexec", "/etc/ld.so.cache"];
/** What a process asks the kernel about itself and the machine while it starts. */
const KERNEL_FILES = [
  "/proc/self",
  "/proc/meminfo",
  "/proc/cpuinfo",
  "/proc/stat",
  "/dev/null",
  "/dev/urandom",
];
const TMP_BYTES = 16 * 2 ** 20;
const PROBE_MS = 10_000;

/** Looks once what this host offers. Nothing here throws: a host that offers nothing gets `none`, with the reason. */
export async function findCage(deps: CageDeps): Promise<Cage> {
  const uid = deps.isRoot ? pluginUid() : null;
  const bwrap = deps.exec.which("bwrap");
  const limits = { uid, maxFiles: 256 };
  let why = bwrap === null ? "bubblewrap is not installed" : "";
  if (bwrap !== null) {
    const options: SealOptions = { ...limits, readable: null, maxThreads: 256 };
    const argv = [bwrap, ...namespaces(deps), "--", ...sealed(deps, options)];
    const found = await probe(deps.exec, argv);
    if (typeof found !== "string" && found.seccomp)
      return { kind: "bubblewrap", label: "bubblewrap", uid, argv, programs: programsOf(deps, bwrap, uid) };
    why = `bubblewrap does not work here: ${typeof found === "string" ? found : "no seccomp"}`;
  }
  const readable = [...LIBRARIES, ...KERNEL_FILES, ...deps.readable];
  const argv = sealed(deps, { ...limits, readable, maxThreads: uid === null ? null : 256 });
  const found = await probe(deps.exec, argv);
  const programs = programsOf(deps, null, uid);
  if (typeof found === "string" || (!found.seccomp && found.landlock === 0))
    return {
      kind: "none",
      label: `none (${why}); install bubblewrap`,
      uid: null,
      argv: deps.childArgv,
      programs: uid === null ? [] : null,
    };
  if (found.landlock > 0 && found.seccomp)
    return { kind: "landlock", label: `landlock (${why})`, uid, argv, programs };
  return { kind: "seccomp", label: `seccomp only (${why}); install bubblewrap`, uid, argv, programs };
}

/** bubblewrap makes the folders above a bind for root alone. */
function parentsOf(paths: readonly string[]): string[] {
  const all = paths.flatMap((path) => {
    const parts = dirname(path).split("/").filter(Boolean);
    return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(all)].filter((path) => !LIBRARIES.includes(path));
}

function namespaces({ readable, isRoot }: CageDeps): string[] {
  const bind = (path: string) => ["--ro-bind-try", path, path];
  return [
    ...(isRoot ? [] : ["--unshare-user"]),
    ...["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    // Only to become the plugins' user; both are gone with that.
    ...(isRoot ? ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] : []),
    ...["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
    ...["--perms", "1777", "--size", String(TMP_BYTES), "--tmpfs", "/tmp"],
    // After /tmp: a program that lies below it would be covered.
    ...parentsOf([...LIBRARIES, ...readable]).flatMap((path) => ["--perms", "0755", "--dir", path]),
    ...[...LIBRARIES, ...readable].flatMap(bind),
    ...["--remount-ro", "/", "--chdir", "/"],
  ];
}

const sealed = ({ childArgv }: CageDeps, options: SealOptions) => [
  ...childArgv,
  "--seal",
  JSON.stringify(options),
];

/**
 * A declared program runs outside the cage, since it needs the host. As root it runs as the plugins' user; as another
 * user it can't change, but does not see Cortex's own folders where bubblewrap can hide them.
 */
function programsOf(deps: CageDeps, bwrap: string | null, uid: number | null): string[] | null {
  if (uid !== null) {
    const setpriv = deps.exec.which("setpriv");
    const ids = [
      `--reuid=${uid}`,
      `--regid=${uid}`,
      "--clear-groups",
      "--no-new-privs",
      "--bounding-set=-all",
    ];
    return setpriv === null ? null : [setpriv, ...ids, "--inh-caps=-all", "--"];
  }
  if (bwrap === null) return [];
  const hide = deps.hidden.flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return stat.isDirectory() ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path];
  });
  return [bwrap, "--dev-bind", "/", "/", ...hide, "--die-with-parent", "--new-session", "--"];
}

/** What a child in this cage says about itself, or why it did not start. */
async function probe(exec: Exec, argv: readonly string[]): Promise<Sealed | string> {
  try {
    const result = await exec.run([...argv, "--probe"], { timeoutMs: PROBE_MS });
    if (result.exitCode === 0) return JSON.parse(result.stdout) as Sealed;
    return result.stderr.trim().split("\n").at(-1)?.slice(0, 200) || `exit code ${result.exitCode}`;
  } catch (error) {
    return messageOf(error);
  }
}

function pluginUid(): number {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((one) => one.startsWith(`${PLUGIN_USER}:`));
    const uid = Number(line?.split(":")[2]);
    return Number.isSafeInteger(uid) && uid > 0 ? uid : NOBODY;
  } catch {
    return NOBODY;
  }
}
