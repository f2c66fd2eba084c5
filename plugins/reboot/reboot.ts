/** reboot_needed: what is installed only takes effect after the next boot. */
import {
  type Check,
  formatDuration,
  type HostFs,
  isCortexError,
  judge,
  oneLine,
  type PluginContext,
  type Result,
  type Skipped,
} from "cortex";
import { isContainer } from "../common/container.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";
import { newerKernels, parsePackages } from "./reboot.parse.ts";

export interface RebootConfig {
  warning_after: number;
  critical_after: number;
}

const MARK = "/run/reboot-required";

/** Names in a folder; none when it is absent or closed to this user (a hardened /boot). */
async function listOrNone(fs: HostFs, path: string): Promise<string[]> {
  try {
    return await fs.list(path);
  } catch (error) {
    if (isCortexError(error) && (error.code === "fs.not_found" || error.code === "fs.denied")) return [];
    throw error;
  }
}

/** When a file was changed last, wall ms; null when it is not there. */
async function changedAt(fs: HostFs, path: string): Promise<number | null> {
  try {
    return (await fs.stat(path)).modifiedAt;
  } catch (error) {
    if (isCortexError(error) && error.code === "fs.not_found") return null;
    throw error;
  }
}

/**
 * Kernels that could be booted: images in /boot, or beside their modules as Fedora keeps them. A folder of modules alone does not
 * count where there are images: removed kernels leave such folders behind.
 */
async function installedKernels(fs: HostFs): Promise<string[]> {
  const images = (await listOrNone(fs, "/boot"))
    .filter((name) => name.startsWith("vmlinuz-"))
    .map((name) => name.slice("vmlinuz-".length));
  const modules = await listOrNone(fs, "/lib/modules");
  const beside = await Promise.all(
    modules.map(async (name) => ((await fs.exists(`/lib/modules/${name}/vmlinuz`)) ? [name] : [])),
  );
  const bootable = new Set([...images, ...beside.flat()]);
  if (bootable.size > 0) return [...bootable];
  const complete = await Promise.all(
    modules.map(async (name) => ((await fs.exists(`/lib/modules/${name}/modules.dep`)) ? [name] : [])),
  );
  return complete.flat();
}

/**
 * When a kernel was installed. depmod(8) writes modules.dep then; the image itself carries the date of its build.
 */
const installedAt = (fs: HostFs, release: string): Promise<number | null> =>
  changedAt(fs, `/lib/modules/${release}/modules.dep`);

interface Reason {
  words: string;
  /** Wall ms since when. */
  since: number;
}

/** Since when this boot has been too old. Kept, because each later update makes the files younger again. */
interface Needed {
  bootId: string;
  since: number;
}

export function createRebootCheck(ctx: PluginContext, config: RebootConfig): Check {
  const { fs, clock, node, store } = ctx;

  function sinceWhen(reasons: readonly Reason[]): number {
    const before = store.get<Needed>("needed");
    const known = before?.bootId === node.bootId ? before.since : clock.now();
    const since = Math.min(known, ...reasons.map((reason) => reason.since));
    if (reasons.length === 0) {
      if (before !== null) store.delete("needed");
    } else if (before?.bootId !== node.bootId || before.since !== since)
      store.set("needed", { bootId: node.bootId, since } satisfies Needed);
    return since;
  }

  /** Newer kernels that came since this boot. One that was there before was not chosen, and would not be again. */
  async function kernelReason(running: string, newer: readonly string[]): Promise<Reason | null> {
    const bootedAt = clock.now() - node.uptimeMs();
    const installed = await Promise.all(newer.map((release) => installedAt(fs, release)));
    const since = installed.map((at) => at ?? clock.now()).filter((at) => at >= bootedAt);
    if (since.length === 0) return null;
    const words = `kernel ${newer.at(-1)} is installed, ${running} is running`;
    return { words, since: Math.min(...since) };
  }

  async function packageReason(packages: readonly string[]): Promise<Reason | null> {
    const since = await changedAt(fs, MARK);
    const by = packages.length === 0 ? "" : ` by ${packages.slice(0, 5).join(", ")}`;
    return since === null ? null : { words: `asked for${by}`, since };
  }

  return {
    name: "reboot_needed",
    summary: "Updates that wait for a reboot: a newer kernel, or packages that ask for it.",
    type: "reboot.needed",
    nature: "fact",
    intervalMs: 3_600_000,
    confirmMs: 0,
    async run(): Promise<(Result | Skipped)[]> {
      if (await isContainer(fs)) return [{ skipped: "in a container, where the kernel is the host's" }];
      const osrelease = await readOrSkip(fs, "/proc/sys/kernel/osrelease", "no /proc/sys/kernel/osrelease");
      if (isSkipped(osrelease)) return [osrelease];
      const running = osrelease.trim();
      const kernels = await installedKernels(fs);
      const packages = parsePackages((await fs.readTextIfPresent(`${MARK}.pkgs`)) ?? "");
      const asked = await packageReason(packages);
      if (kernels.length === 0 && asked === null)
        return [{ skipped: `no installed kernels in /boot or /lib/modules, and no ${MARK}` }];

      const newer = newerKernels(running, kernels);
      const reasons = [asked, await kernelReason(running, newer)].filter((reason) => reason !== null);
      const needed = reasons.length > 0;
      const age = Math.max(0, clock.now() - sinceWhen(reasons));
      const limits = { warning: config.warning_after, critical: config.critical_after };
      const words = reasons.map((reason) => reason.words).join("; ");
      const otherwise =
        newer.length > 0
          ? `kernel ${running} was booted, though ${newer.at(-1)} was installed already`
          : `kernel ${running} is the newest one installed`;
      return [
        {
          target: "host",
          status: needed ? judge(age, limits, null) : "ok",
          summary: oneLine(needed ? `a reboot is needed since ${formatDuration(age)}: ${words}` : otherwise),
          metrics: { "reboot.needed": needed ? 1 : 0, "reboot.needed_seconds": Math.round(age / 1000) },
          data: { running, newest: newer.at(-1) ?? running, packages },
        },
      ];
    },
  };
}
