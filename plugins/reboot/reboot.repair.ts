/** host.reboot: boot again, at most once a day, when nothing is half done and the next kernel can start. */
import {
  defineRepair,
  formatDuration,
  isCortexError,
  type Plan,
  type PluginContext,
  type Precondition,
  type Repair,
} from "cortex";
import * as z from "zod";

export interface RebootRepairConfig {
  command: string[];
  within: number;
  min_interval: number;
}

const params = z.strictObject({
  bootId: z
    .string()
    .min(1)
    .max(100)
    .describe("The boot that is to end; in another one there is nothing to do."),
  kernel: z.string().max(200).describe("Newest installed kernel, as the check found it."),
});
type Params = z.infer<typeof params>;

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const RELEASE = "/proc/sys/kernel/osrelease";
/** systemd writes it for `shutdown +10`; /run/nologin stands for the last five minutes before one. */
const SCHEDULED = ["/run/systemd/shutdown/scheduled", "/run/nologin"];
/** dpkg keeps here what it has not finished: the names are numbers. */
const UNFINISHED = "/var/lib/dpkg/updates";
const LAST = "asked";
const REBOOT = { kind: "host", verb: "reboot" } as const;
const SYSTEMCTL = "/usr/bin/systemctl";

const rule = (name: string, broken: string | null): Precondition => ({
  name,
  ok: broken === null,
  detail: broken ?? "yes",
});

export function createRebootRepair(ctx: PluginContext, config: RebootRepairConfig): Repair {
  const { fs, clock, acts, store } = ctx;

  const isHelped = () => ctx.privileges.helper(REBOOT) !== null;

  /** A command of the operator's may have its own way to the right; systemctl has none without root or the helper. */
  function lacking(): string | null {
    if (isHelped() || ctx.node.isRoot || config.command[0] !== SYSTEMCTL) return acts.missing("reboot");
    return 'Cortex does not run as root; allow "reboot" in the privileged helper\'s policy, or set plugins.reboot.command';
  }

  const read = async (path: string) => ((await fs.readTextIfPresent(path)) ?? "").trim();
  const isSameBoot = async ({ bootId }: Params) => (await read(BOOT_ID)) === bootId;

  async function unfinished(): Promise<string | null> {
    try {
      const left = (await fs.list(UNFINISHED)).filter((name) => /^\d+$/.test(name));
      return left.length === 0 ? null : "dpkg was interrupted; run: dpkg --configure -a";
    } catch (error) {
      if (isCortexError(error) && error.code === "fs.not_found") return null;
      throw error;
    }
  }

  async function scheduled(): Promise<string | null> {
    for (const path of SCHEDULED)
      if (await fs.exists(path)) return `${path} is there: a shutdown is under way already`;
    return null;
  }

  /** Where kernels have their initial RAM disk beside them, one without it would not find its root file system. */
  async function bootable(kernel: string): Promise<string | null> {
    if (kernel === "") return null;
    const disks = (release: string) => [`/boot/initrd.img-${release}`, `/boot/initramfs-${release}.img`];
    const has = async (release: string) =>
      (await Promise.all(disks(release).map((path) => fs.exists(path)))).some(Boolean);
    if (!(await has(await read(RELEASE))) || (await has(kernel))) return null;
    return `kernel ${kernel} has no initial RAM disk in /boot; run: update-initramfs -u -k ${kernel}`;
  }

  function lately(): string | null {
    const ago = clock.now() - (store.get<number>(LAST) ?? -Infinity);
    if (ago >= config.min_interval) return null;
    return `Cortex rebooted it ${formatDuration(ago)} ago; the next one may come after ${formatDuration(config.min_interval)}`;
  }

  return defineRepair<Params>({
    name: "host.reboot",
    version: 1,
    summary: "Boot the host again, so that installed updates take effect.",
    class: "R3",
    remedies: ["reboot.needed"],
    maxAttempts: 1,
    cooldownMs: config.min_interval,
    // The command, its time to take effect, and some room.
    timeoutMs: config.within + 90_000,
    params,
    async resolve(problem) {
      const { newest = "" } = (problem.result.data ?? {}) as { newest?: string };
      const bootId = await read(BOOT_ID);
      return bootId === "" ? null : { bootId, kernel: newest };
    },
    async preconditions(given) {
      const isSame = await isSameBoot(given);
      return [
        rule("has the right", lacking()),
        rule("the same boot", isSame ? null : "the host has booted since; nothing is to be done"),
        rule("no reboot lately", lately()),
        rule("no package operation is unfinished", await unfinished()),
        rule("no shutdown is under way", await scheduled()),
        rule("the newest kernel can start", await bootable(given.kernel)),
      ];
    },
    async plan({ bootId, kernel }): Promise<Plan> {
      const running = await read(RELEASE);
      const isOther = kernel !== "" && kernel !== running;
      return {
        summary: isOther ? `reboot the host into kernel ${kernel}` : "reboot the host",
        changes: [
          {
            what: `host ${ctx.node.name}`,
            from: "up",
            to: "booted again; all its services are away meanwhile",
          },
          ...(isOther ? [{ what: "kernel", from: running, to: kernel }] : []),
        ],
        effects: [REBOOT],
        data: { bootId, command: config.command },
      };
    },
    async apply(_params, _plan, run) {
      store.set(LAST, clock.now());
      const asked =
        isHelped() && run.helper !== undefined
          ? await run.helper()
          : await acts.run({ verb: "reboot", command: config.command }, run.signal);
      if (!asked.ok) return asked;
      // The end of the host ends this program first: whether it booted is looked at by the next one.
      await clock.sleep(config.within, run.signal);
      const summary = `the host was asked to boot again and is still up after ${formatDuration(config.within)}`;
      return { ok: false, summary, data: asked.data };
    },
    async verify(given) {
      const ok = !(await isSameBoot(given));
      return {
        name: "the host has booted",
        ok,
        detail: ok ? "it is another boot" : "it is still the same boot",
      };
    },
    probe: async (given) => ((await isSameBoot(given)) ? "not_done" : "done"),
    // A boot can't be taken back; the old kernel is still there to be chosen.
    undo: "none",
    async evidence() {
      const sessions = await fs.list("/run/systemd/sessions").catch(() => []);
      return {
        "kernel and boot": `${await read(RELEASE)} ${await read(BOOT_ID)}`,
        "packages that ask for it": await read("/run/reboot-required.pkgs"),
        sessions: `${sessions.filter((name) => !name.endsWith(".ref")).length} open`,
      };
    },
    needs: () => [lacking()].filter((one) => one !== null),
  });
}
