/** process.end_group: SIGTERM, and after a while SIGKILL, to one process group that is exactly what was looked at. */
import {
  defineRepair,
  type Plan,
  type PluginContext,
  type Precondition,
  type ProcessIdentity,
  type Repair,
} from "cortex";
import * as z from "zod";
import { type Group, groupsOf, ownTree, sizeOf } from "./groups.ts";
import { ownerOf, type RunawayConfig, TYPE } from "./runaway.ts";

const identity = z.strictObject({
  pid: z.number().int().min(3),
  startTicks: z.number().int().nonnegative(),
  bootId: z.string(),
  exe: z.string(),
});
const params = z.strictObject({
  group: z.number().int().min(3).describe("Number of the process group."),
  first: identity.describe("Its oldest member: with it the number can't mean another group later."),
});
type Params = z.infer<typeof params>;

const KILLED_WITHIN_MS = 2000;
const POLL_MS = 50;
const NAMED = 1000;

const isSame = (a: ProcessIdentity, b: ProcessIdentity) =>
  a.pid === b.pid && a.startTicks === b.startTicks && a.bootId === b.bootId;

export function createEndGroup(ctx: PluginContext, config: RunawayConfig): Repair {
  const { program } = config;
  const { daemons, clock } = ctx;

  const numbered = async (id: number): Promise<Group | null> =>
    (await groupsOf(ctx, program))?.find((one) => one.id === id) ?? null;

  /** The group of the parameters, as long as it is that one. */
  async function current({ group, first }: Params): Promise<Group | null> {
    const found = await numbered(group);
    return found && isSame(found.members[0]!.identity, first) ? found : null;
  }

  async function untouchable(group: Group): Promise<string | null> {
    const own = await ownTree(ctx);
    for (const { identity: one } of group.members) {
      if (one.pid <= 2 || own.has(one.pid))
        return `process ${one.pid} is Cortex's own, or what it runs under`;
      if (one.exe !== program)
        return `process ${one.pid} of the same group is ${one.exe || "a program that can't be seen"}; end it by hand`;
    }
    return null;
  }

  async function preconditions(given: Params): Promise<Precondition[]> {
    const group = await current(given);
    const what = "the same group";
    if (group === null)
      return [{ name: what, ok: false, detail: `group ${given.group} is not there any more` }];
    const stranger = await untouchable(group);
    return [
      { name: what, ok: true, detail: `group ${group.id}, ${sizeOf(group.members)}` },
      { name: "only the declared program", ok: stranger === null, detail: stranger ?? program },
    ];
  }

  /** Those still alive after `ms`, or as soon as none is. */
  async function remaining(members: ProcessIdentity[], ms: number, signal: AbortSignal) {
    const end = clock.monotonic() + ms;
    for (;;) {
      const alive = members.filter((one) => daemons.alive(one));
      if (alive.length === 0 || clock.monotonic() >= end) return alive;
      await clock.sleep(POLL_MS, signal);
    }
  }

  return defineRepair<Params>({
    name: "process.end_group",
    version: 1,
    summary: "End a process group of a declared program that keeps processors busy.",
    class: "R2",
    remedies: [TYPE],
    owners: ["program"],
    order: 50,
    timeoutMs: config.stop_timeout + 15_000,
    params,
    resolve(problem) {
      if (problem.owner !== ownerOf(program)) return null;
      return params.safeParse(problem.result.data).data ?? null;
    },
    preconditions,
    async plan(given): Promise<Plan> {
      const pids = ((await current(given))?.members ?? []).map(({ identity: one }) => one.pid);
      return {
        summary: `end process group ${given.group} of ${program}`,
        changes: pids.map((pid) => ({ what: `process ${pid} (${program})`, from: "running", to: "ended" })),
        effects: [{ kind: "process", verb: "end", name: program, pids: pids.slice(0, NAMED) }],
        // A runaway forks: bound is which group it is, not who is in it at the moment.
        basis: JSON.stringify([
          given.group,
          given.first.pid,
          given.first.startTicks,
          given.first.bootId,
          program,
        ]),
        empty: pids.length === 0,
      };
    },
    async apply(given, _plan, run) {
      const group = await current(given);
      const stranger = group && (await untouchable(group));
      if (group === null || stranger !== null)
        return { ok: false, summary: stranger ?? `group ${given.group} is not there any more` };
      const members = group.members.map(({ identity: one }) => one);
      daemons.signal(members[0]!, "SIGTERM");
      const stubborn = await remaining(members, config.stop_timeout, run.signal);
      for (const one of stubborn) daemons.signal(one, "SIGKILL");
      const left = await remaining(stubborn, KILLED_WITHIN_MS, run.signal);
      const how = stubborn.length === 0 ? "by SIGTERM" : `${stubborn.length} of them by SIGKILL`;
      return {
        ok: left.length === 0,
        summary:
          left.length === 0
            ? `ended ${sizeOf(members)} of group ${given.group}, ${how}`
            : `process ${left[0]!.pid} does not end even by SIGKILL; it waits in the kernel, look at its disks`,
        data: { pids: members.map(({ pid }) => pid), killed: stubborn.map(({ pid }) => pid) },
      };
    },
    async verify(given) {
      // Whoever is left has a parent that is gone: the number alone tells.
      const left = await numbered(given.group);
      return {
        name: "group has ended",
        ok: left === null && !daemons.alive(given.first),
        detail: left === null ? `group ${given.group} is gone` : `${sizeOf(left.members)} left`,
      };
    },
    probe: (given) => Promise.resolve(daemons.alive(given.first) ? "not_done" : "done"),
    // What a process had in memory is gone for good; who started it starts it again.
    undo: "none",
    async evidence({ first }) {
      const read = (name: string) => ctx.fs.readTextIfPresent(`/proc/${first.pid}/${name}`).catch(() => null);
      const files = await Promise.all(
        ["status", "stack", "wchan"].map(async (name) => [name, await read(name)] as const),
      );
      return Object.fromEntries(files.map(([name, text]) => [`process ${first.pid} ${name}`, text ?? ""]));
    },
  });
}
