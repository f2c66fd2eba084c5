/** Kernel log lines about the OOM killer → who was killed. */
import { oneLine } from "cortex";
import { unitOfCgroup } from "../common/proc/cgroup.parse.ts";

export interface OomVictim {
  pid: number;
  name: string;
  /** systemd unit, from the task's cgroup; Linux before 4.20 does not log it. */
  unit: string | null;
}

/**
 * `Out of memory: Killed process 812 (postgres) total-vm:…` and `Memory cgroup out of memory: Killed process …`, oldest
 * first. The line before it, `oom-kill:constraint=…,task_memcg=/system.slice/postgresql.service,task=postgres,pid=812`,
 * tells the cgroup. Linux before 5.0 also logs `Kill process 812 (…) or sacrifice child`, which names no victim yet.
 */
export function parseOomVictims(text: string): OomVictim[] {
  const units = new Map<string, string | null>();
  const victims: OomVictim[] = [];
  for (const line of text.split("\n")) {
    const cause = /oom-kill:.*\btask_memcg=([^,]*),.*\bpid=(\d+)/.exec(line);
    if (cause) units.set(cause[2]!, unitOfCgroup(cause[1]!));
    const killed = /Killed process (\d{1,10}) \((.{1,64}?)\)/.exec(line);
    if (killed)
      victims.push({
        pid: Number(killed[1]),
        name: oneLine(killed[2]!) || "unnamed",
        unit: units.get(killed[1]!) ?? null,
      });
  }
  return victims;
}
