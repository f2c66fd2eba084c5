/** fs.remount: write access again for a file system that is read-only although it should not be, and is not broken. */
import {
  defineRepair,
  formatDuration,
  messageOf,
  type Plan,
  type PluginContext,
  type Precondition,
  type Repair,
  type RepairRun,
} from "cortex";
import * as z from "zod";
import { type Mount, parseMountInfo } from "../common/proc/mountinfo.parse.ts";
import { diskTrouble } from "./kernel-log.parse.ts";

export interface RemountConfig {
  quiet_for: number;
}

const params = z.strictObject({
  path: z.string().startsWith("/").describe("Mount point."),
  device: z
    .string()
    .regex(/^\d+:\d+$/)
    .describe("major:minor of the file system that was looked at."),
});
type Params = z.infer<typeof params>;

const DMESG_MS = 5000;
const LOG_BYTES = 4 * 2 ** 20;
const SHOWN_LINES = 100;

/** Both the mount and the file system refuse to write: people and boot scripts leave it like that. */
const isReadOnly = ({ options, superOptions }: Mount) =>
  options.includes("ro") || superOptions.includes("ro");
/** Only the file system does: the kernel stopped by itself. Linux 6.15 and later say so for ext4. */
const stoppedByKernel = ({ options, superOptions }: Mount) =>
  superOptions.includes("emergency_ro") || (superOptions.includes("ro") && !options.includes("ro"));

const rule = (name: string, broken: string | null): Precondition => ({
  name,
  ok: broken === null,
  detail: broken ?? "yes",
});

export function createRemount(ctx: PluginContext, config: RemountConfig): Repair {
  const { fs, exec, clock, acts, store } = ctx;
  const keyOf = (path: string) => `remounted:${path}`;

  async function mountAt(path: string): Promise<Mount | null> {
    // Those of the host, also where this process is shielded and has its own.
    const text = await fs.readText("/proc/1/mountinfo").catch(() => fs.readText("/proc/self/mountinfo"));
    const mounts = parseMountInfo(text);
    return mounts.findLast(({ mountPoint }) => mountPoint === path) ?? null;
  }

  /** `sda1`, and the disk that it is part of; null for what is no block device (tmpfs, NFS). */
  async function blockDevice(device: string): Promise<{ name: string; disk: string } | null> {
    const link = await fs.readLink(`/sys/dev/block/${device}`).catch(() => null);
    if (link === null) return null;
    const parts = link.split("/");
    const name = parts.at(-1)!;
    const isPartition = await fs.exists(`/sys/dev/block/${device}/partition`);
    return { name, disk: isPartition ? parts.at(-2)! : name };
  }

  const flag = async (path: string) => ((await fs.readTextIfPresent(path)) ?? "0").trim();

  async function deviceRules(device: string, run: RepairRun): Promise<Precondition[]> {
    const block = await blockDevice(device);
    if (block === null) return [];
    const { name, disk } = block;
    const isLocked = [
      await flag(`/sys/class/block/${disk}/ro`),
      await flag(`/sys/class/block/${name}/ro`),
    ].includes("1");
    const errors = await flag(`/sys/fs/ext4/${name}/errors_count`);
    return [
      rule(
        "device is writable",
        isLocked ? `${disk} itself is read-only: look at the disk, its controller or its storage` : null,
      ),
      rule(
        "file system has no errors",
        errors === "0"
          ? null
          : `${name} has recorded ${errors} errors: unmount it and run fsck by hand; that is never done from here`,
      ),
      await logRule(name, disk, run),
    ];
  }

  async function readKernelLog(run: RepairRun): Promise<string> {
    const argv = ["dmesg", "--time-format=iso"];
    const result = await exec.run(argv, {
      signal: run.signal,
      timeoutMs: DMESG_MS,
      maxOutputBytes: LOG_BYTES,
    });
    if (result.exitCode !== 0) throw new Error(result.stderr.trim().split("\n")[0] ?? "dmesg failed");
    return result.stdout;
  }

  async function logRule(name: string, disk: string, run: RepairRun): Promise<Precondition> {
    const what = "kernel is quiet about the disk";
    try {
      const log = await readKernelLog(run);
      const since = clock.now() - config.quiet_for;
      const trouble = [...new Set([name, disk])].flatMap((one) => diskTrouble(log, one, since));
      const last = trouble.at(-1);
      return rule(
        what,
        last === undefined ? null : `within ${formatDuration(config.quiet_for)}: ${last.slice(0, 300)}`,
      );
    } catch (error) {
      return rule(what, `the kernel's log can't be read: ${messageOf(error)}`);
    }
  }

  async function preconditions({ path, device }: Params, run: RepairRun): Promise<Precondition[]> {
    const mount = await mountAt(path);
    const isThere = mount?.dev === device;
    const there = rule("the same file system", isThere ? null : `${path} is not ${device} any more`);
    if (mount === null || !isThere) return [there];
    const last = store.get<number>(keyOf(path)) ?? -Infinity;
    const isAgain = clock.now() - last < config.quiet_for;
    return [
      rule("has the right", acts.missing("remount")),
      there,
      rule(
        "kernel did not stop writing by itself",
        stoppedByKernel(mount)
          ? `the kernel stopped writing to ${path} after an error: unmount it and run fsck by hand; that is never done from here`
          : null,
      ),
      rule("it is read-only", isReadOnly(mount) ? null : `${path} is writable`),
      ...(await deviceRules(device, run)),
      rule(
        "it was not made writable lately",
        isAgain
          ? `it was made writable ${formatDuration(clock.now() - last)} ago and is read-only again: find out by whom`
          : null,
      ),
    ];
  }

  const isWritable = async ({ path, device }: Params) => {
    const mount = await mountAt(path);
    return mount?.dev === device && !isReadOnly(mount) && !stoppedByKernel(mount);
  };

  return defineRepair<Params>({
    name: "fs.remount",
    version: 1,
    summary: "Mount a healthy file system read-write again.",
    class: "R3",
    remedies: ["fs.readonly"],
    owners: ["mount"],
    maxAttempts: 1,
    params,
    async resolve(problem) {
      if (problem.owner !== `mount:${problem.target}`) return null;
      const mount = await mountAt(problem.target).catch(() => null);
      return mount === null ? null : { path: problem.target, device: mount.dev };
    },
    preconditions,
    async plan({ path, device }): Promise<Plan> {
      const mount = await mountAt(path);
      const what = mount === null ? path : `${path} (${mount.source}, ${mount.fsType})`;
      return {
        summary: `mount ${path} read-write`,
        changes: [{ what, from: "read-only", to: "read-write" }],
        effects: [{ kind: "mount", verb: "remount", path }],
        data: { device },
      };
    },
    async apply({ path, device }, _plan, run) {
      store.set(keyOf(path), clock.now());
      return acts.run({ verb: "remount", path, access: "rw", device }, run.signal);
    },
    verify: async (given) =>
      rule("it is writable", (await isWritable(given)) ? null : `${given.path} is read-only`),
    probe: async (given) => ((await isWritable(given)) ? "done" : "not_done"),
    // Back to what was found; refused by the kernel while a file is open for writing.
    undo: async ({ path, device }, _plan, run) =>
      acts.run({ verb: "remount", path, access: "ro", device }, run.signal),
    async evidence({ path, device }, run) {
      const block = await blockDevice(device);
      const log = block === null ? "" : await readKernelLog(run).catch(messageOf);
      const about = (line: string) =>
        block !== null && (line.includes(block.name) || line.includes(block.disk));
      const mounts = (await fs.readTextIfPresent("/proc/self/mountinfo")) ?? "";
      return {
        [`mounts at ${path}`]: mounts
          .split("\n")
          .filter((line) => line.includes(` ${path} `))
          .join("\n"),
        "kernel log about the disk": log.split("\n").filter(about).slice(-SHOWN_LINES).join("\n"),
      };
    },
    needs: () => [acts.missing("remount")].filter((one) => one !== null),
  });
}
