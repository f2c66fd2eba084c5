/** Who listens on a port, and which processes belong to a session; read from /proc when something changed. */
import type { HostFs, ProcessIdentity } from "cortex";
import {
  type Listener,
  parseListeners,
  parseProcess,
  type ProcessFields,
  servesAddress,
} from "./service.parse.ts";

export interface Holder {
  pid: number;
  name: string;
  /** The leader, a member of its session, or a descendant. */
  ours: boolean;
}

export interface ProcessEntry extends ProcessFields {
  pid: number;
}

/** What lacks rights, or ended while it was looked at, counts as absent. */
async function orElse<T>(reading: Promise<T>, fallback: T): Promise<T> {
  try {
    return await reading;
  } catch {
    return fallback;
  }
}

export async function readProcess(fs: HostFs, pid: number): Promise<ProcessEntry | null> {
  const fields = parseProcess(await orElse(fs.readText(`/proc/${pid}/stat`), ""));
  return fields && fields.state !== "Z" && fields.state !== "X" ? { pid, ...fields } : null;
}

/** All living processes, in order of their ids. */
export async function listProcesses(fs: HostFs): Promise<ProcessEntry[]> {
  const pids = (await orElse(fs.list("/proc"), [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map((pid) => readProcess(fs, pid)));
  return entries.filter((entry) => entry !== null).sort((a, b) => a.pid - b.pid);
}

/** Listening sockets on this port that serve the address. */
export async function findListeners(fs: HostFs, address: string, port: number): Promise<Listener[]> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => orElse(fs.readText(path), "")),
  );
  return tables
    .flatMap(parseListeners)
    .filter((listener) => listener.port === port && servesAddress(listener, address));
}

/** The first descriptor of the process that is one of these sockets. */
async function findSocket(
  fs: HostFs,
  pid: number,
  sockets: ReadonlySet<string>,
): Promise<{ descriptor: string; socket: string } | null> {
  for (const fd of await orElse(fs.list(`/proc/${pid}/fd`), [])) {
    const descriptor = `/proc/${pid}/fd/${fd}`;
    const socket = await orElse(fs.readLink(descriptor), "");
    if (sockets.has(socket)) return { descriptor, socket };
  }
  return null;
}

function isOurs(entry: ProcessEntry, leader: number, byPid: ReadonlyMap<number, ProcessEntry>): boolean {
  const seen = new Set<number>();
  for (let at: ProcessEntry | undefined = entry; at && !seen.has(at.pid); at = byPid.get(at.parent)) {
    if (at.pid === leader || at.session === leader) return true;
    seen.add(at.pid);
  }
  return false;
}

/**
 * The process that holds one of these sockets, and by which descriptor (`/proc/12/fd/3`); those that belong to `leader` are
 * looked at first. null when nobody does, or when its descriptors may not be read (another user's process, seen without root).
 */
export async function findHolder(
  fs: HostFs,
  listeners: readonly Listener[],
  leader: number | null,
): Promise<(Holder & { descriptor: string; socket: string }) | null> {
  const sockets = new Set(listeners.map(({ inode }) => `socket:[${inode}]`));
  const processes = await listProcesses(fs);
  const byPid = new Map(processes.map((entry) => [entry.pid, entry]));
  const judged = processes.map((entry) => ({ entry, ours: leader !== null && isOurs(entry, leader, byPid) }));
  for (const { entry, ours } of [...judged.filter((one) => one.ours), ...judged.filter((one) => !one.ours)]) {
    const held = await findSocket(fs, entry.pid, sockets);
    if (held !== null) return { pid: entry.pid, name: entry.name, ours, ...held };
  }
  return null;
}

/** A process to be ended, with the process group through which it is signalled. */
export interface Member {
  identity: ProcessIdentity;
  group: number;
}

/**
 * The other members of the session that this process leads or led. The kernel hands out no process id that still names
 * a session, so those of a dead leader can only be what it left behind.
 */
export async function findMembers(fs: HostFs, leader: ProcessIdentity): Promise<Member[]> {
  return (await listProcesses(fs))
    .filter((entry) => entry.session === leader.pid && entry.pid !== leader.pid)
    .map(({ pid, startTicks, group }) => ({
      identity: { pid, startTicks, bootId: leader.bootId, exe: "" },
      group,
    }));
}

/** Session leaders whose standard output is this file: daemons started by this instance, even if they hid their environment. */
export async function findByOutput(fs: HostFs, file: string, bootId: string): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const entry of await listProcesses(fs)) {
    if (entry.session !== entry.pid) continue;
    if ((await orElse(fs.readLink(`/proc/${entry.pid}/fd/1`), "")) !== file) continue;
    const exe = await orElse(fs.readLink(`/proc/${entry.pid}/exe`), "");
    found.push({ pid: entry.pid, startTicks: entry.startTicks, bootId, exe });
  }
  return found;
}
