/** All processes in one pass, shared by whoever asks within the same inspection tick (the port keeps the readings). */
import { isCortexError } from "cortex";
import type { HostFs } from "cortex";
import { parseUnit } from "./cgroup.parse.ts";
import { parseProcessStat } from "./pid-stat.parse.ts";
import type { ProcessStat } from "./pid-stat.parse.ts";

/** Process ids, ascending as text; none where there is no /proc. Where /proc is mounted with hidepid, others' processes are not among them. */
export async function listPids(fs: HostFs): Promise<string[]> {
  const names = (await fs.exists("/proc")) ? await fs.list("/proc") : [];
  // The first character tells: no other entry of /proc begins with a digit.
  return names.filter((name) => name.charCodeAt(0) >= 49 && name.charCodeAt(0) <= 57);
}

const isGone = (error: unknown) =>
  isCortexError(error) && (error.code === "fs.not_found" || error.code === "fs.denied");

/** Every process with its state, name and parent. Those that end while they are being read are left out. */
export async function scanProcesses(fs: HostFs): Promise<ProcessStat[]> {
  const processes: ProcessStat[] = [];
  for (const pid of await listPids(fs)) {
    const path = `/proc/${pid}/stat`;
    try {
      processes.push(parseProcessStat(await fs.readText(path), path));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return processes;
}

/** The systemd unit that a process belongs to; null when there is none, or when the process is gone. */
export async function unitOf(fs: HostFs, pid: number): Promise<string | null> {
  try {
    return parseUnit(await fs.readText(`/proc/${pid}/cgroup`));
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
