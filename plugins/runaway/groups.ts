/** Process groups as they are now, from one pass over /proc. */
import { isCortexError, type PluginContext, type ProcessIdentity } from "cortex";
import type { ProcessStat } from "../common/proc/pid-stat.parse.ts";
import { scanProcesses } from "../common/proc/processes.ts";

export interface Member {
  identity: ProcessIdentity;
  /** Clock ticks of processor time since its start. */
  cpuTicks: number;
}

export interface Group {
  id: number;
  /** Oldest first: with the group's number, the first one names the group for good. */
  members: Member[];
}

/** `1 process`, `2 processes`. */
export const sizeOf = (many: readonly unknown[]): string =>
  many.length === 1 ? "1 process" : `${many.length} processes`;

/** Zombies have ended, whoever has not collected them yet. */
const isAlive = ({ state }: ProcessStat) => state !== "Z" && state !== "X";

/** "" for kernel threads, and for others' processes where rights lack. */
async function exeOf({ fs }: PluginContext, pid: number): Promise<string> {
  try {
    return (await fs.readLink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "");
  } catch (error) {
    if (isCortexError(error)) return "";
    throw error;
  }
}

async function memberOf(ctx: PluginContext, { pid, startTicks, cpuTicks }: ProcessStat): Promise<Member> {
  const identity = { pid, startTicks, bootId: ctx.node.bootId, exe: await exeOf(ctx, pid) };
  return { identity, cpuTicks };
}

/** Groups with at least one process of this program, each with all its members. null: there is no /proc. */
export async function groupsOf(ctx: PluginContext, program: string): Promise<Group[] | null> {
  const all = (await scanProcesses(ctx.fs)).filter(isAlive);
  if (all.length === 0) return null;
  const groups: Group[] = [];
  // By the link and not by the name in stat: a script's name is its interpreter's alias, and a thread may rename itself.
  const visible = await Promise.all(
    all
      .filter(({ group }) => group > 0)
      .map(async (stat) => ({ group: stat.group, member: await memberOf(ctx, stat) })),
  );
  const wanted = visible.filter(({ member }) => member.identity.exe === program);
  for (const id of new Set(wanted.map(({ group }) => group))) {
    const members = visible.filter(({ group }) => group === id).map(({ member }) => member);
    members.sort((a, b) => a.identity.startTicks - b.identity.startTicks || a.identity.pid - b.identity.pid);
    groups.push({ id, members });
  }
  return groups;
}

/** Cortex itself and all that it descends from. */
export async function ownTree({ fs }: PluginContext): Promise<Set<number>> {
  const parents = new Map((await scanProcesses(fs)).map(({ pid, parent }) => [pid, parent]));
  const tree = new Set<number>();
  let pid = Number(await fs.readLink("/proc/self").catch(() => "0"));
  while (pid > 0 && !tree.has(pid)) {
    tree.add(pid);
    pid = parents.get(pid) ?? 0;
  }
  return tree;
}
