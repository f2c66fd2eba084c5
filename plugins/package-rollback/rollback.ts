/** package.rollback: the last version that is known to have worked, from a local file, for one package. */
import {
  defineRepair,
  type Plan,
  type PluginContext,
  type Precondition,
  type Repair,
  type RepairRun,
} from "cortex";
import { PACKAGE_NAME, PACKAGE_VERSION } from "cortex";
import * as z from "zod";
import type { Archive, Dpkg, DpkgConfig } from "./dpkg.ts";
import { GOOD, ownerOf, TYPE } from "./package-works.ts";

const version = z.string().regex(PACKAGE_VERSION);
const params = z.strictObject({
  name: z.string().regex(PACKAGE_NAME).describe("The package."),
  from: version.describe("Version that is installed and fails."),
  to: version.describe("Version that worked last."),
  architecture: z.string().regex(/^[a-z0-9-]{1,30}$/),
});
type Params = z.infer<typeof params>;

/** What the host boots by, what packages are installed with, the way in, and Cortex: a wrong version locks people out. */
const NEVER =
  /^(cortex|dpkg|apt|libc6|libc-bin|systemd|udev|dbus|init|base-files|base-passwd|bash|dash|coreutils|util-linux|mount|grub|linux-(image|headers|modules)|initramfs-tools|dracut|shim|openssh|sudo|login|passwd|pam|libpam|lvm2|cryptsetup|mdadm|ifupdown|netplan|network-manager|nftables|iptables)([.0-9-]|$)/;

const rule = (name: string, broken: string | null): Precondition => ({
  name,
  ok: broken === null,
  detail: broken ?? "yes",
});

interface PlanData {
  archive: Archive | null;
}

export function createRollback(ctx: PluginContext, config: DpkgConfig, dpkg: Dpkg): Repair {
  const { acts, store } = ctx;

  /** Measured here as good, else what was there before the change to the installed one. */
  async function lastGood(installed: string): Promise<string | null> {
    const known = (store.get<string[]>(GOOD) ?? []).filter((one) => one !== installed);
    if (known.length > 0) return known.at(-1)!;
    return (await dpkg.changes()).findLast(({ to }) => to === installed)?.from ?? null;
  }

  const install = (archive: Archive, { name, from, to }: Params, signal: AbortSignal) =>
    acts.run(
      {
        verb: "install_package",
        file: archive.file,
        sha256: archive.sha256,
        name,
        version: to,
        from,
        root: config.root,
      },
      signal,
    );

  async function ofThePackage(given: Params, signal: AbortSignal): Promise<Precondition[]> {
    const now = await dpkg.installed(signal);
    const isSame = now?.version === given.from && now.status === "installed";
    const vital = NEVER.test(given.name) || now?.essential === true || now?.priority === "required";
    return [
      rule(
        "the version that fails is installed",
        isSame
          ? null
          : `${given.name} is ${now === null ? "not installed" : `${now.version}, ${now.status}`}`,
      ),
      rule("the host can do without it", vital ? `${given.name} is essential: that is done by hand` : null),
      rule(
        "nobody holds it",
        now?.want === "hold" ? `${given.name} is on hold: somebody chose this version` : null,
      ),
    ];
  }

  async function ofTheArchive(
    { name, to, architecture }: Params,
    signal: AbortSignal,
  ): Promise<Precondition[]> {
    const archive = await dpkg.archive(to, architecture, signal);
    if (archive === null) {
      const how = `run there: apt-get download ${name}=${to}`;
      return [
        rule(
          "the older version is at hand",
          `no file of ${name} ${to} in ${config.archives.join(", ")}; ${how}`,
        ),
      ];
    }
    const inside = await dpkg.inside(archive.file, signal);
    const unmet = await dpkg.unmetBy(to, signal);
    const [first] = unmet;
    return [
      rule("the older version is at hand", inside === `${name} ${to}` ? null : `${archive.file}: ${inside}`),
      rule(
        "nothing needs the newer one",
        first === undefined ? null : `${first.by} needs ${name} ${first.relation} ${first.version}`,
      ),
      rule("dpkg would take it", await dpkg.wouldRefuse(archive.file, signal)),
    ];
  }

  async function isNow(wanted: string, signal: AbortSignal): Promise<boolean> {
    const now = await dpkg.installed(signal);
    return now?.version === wanted && now.status === "installed";
  }

  return defineRepair<Params>({
    name: "package.rollback",
    version: 1,
    summary: "Install the version of a package again that worked before.",
    class: "R3",
    remedies: [TYPE],
    owners: ["package"],
    maxAttempts: 1,
    timeoutMs: 660_000,
    params,
    async resolve(problem, run) {
      if (problem.owner !== ownerOf(config.package)) return null;
      const now = await dpkg.installed(run.signal);
      const to = now === null ? null : await lastGood(now.version);
      if (now === null || to === null || !(await dpkg.isOlder(to, now.version, run.signal))) return null;
      return { name: config.package, from: now.version, to, architecture: now.architecture };
    },
    async preconditions(given, { signal }) {
      return [
        rule("has the right", acts.missing("install_package")),
        ...(await ofThePackage(given, signal)),
        ...(await ofTheArchive(given, signal)),
      ];
    },
    async plan(given, { signal }): Promise<Plan> {
      const { name, from, to, architecture } = given;
      const archive = await dpkg.archive(to, architecture, signal);
      const back = await dpkg.archive(from, architecture, signal);
      const data: PlanData = { archive };
      return {
        summary: `roll ${name} back from ${from} to ${to}`,
        changes: [
          { what: `package ${name}`, from, to },
          { what: "file", to: archive?.file ?? "not there" },
          { what: "way back", to: back?.file ?? `apt-get install ${name}=${from}` },
        ],
        effects: [{ kind: "package", verb: "rollback", name, version: to }],
        data,
      };
    },
    async apply(given, plan, run) {
      const { archive } = plan.data as PlanData;
      if (archive === null) return { ok: false, summary: `there is no file of ${given.name} ${given.to}` };
      return install(archive, given, run.signal);
    },
    async verify({ name, to }, _plan, { signal }) {
      const ok = await isNow(to, signal);
      return {
        name: "the older version is installed",
        ok,
        detail: ok ? `${name} ${to}` : `${name} is not ${to}`,
      };
    },
    async probe({ from, to }, { signal }) {
      if (await isNow(to, signal)) return "done";
      return (await isNow(from, signal)) ? "not_done" : "unknown";
    },
    async undo(given, _plan, run) {
      const { name, from, to, architecture } = given;
      const newer = await dpkg.archive(from, architecture, run.signal);
      const byHand = `run: apt-get install ${name}=${from}`;
      if (newer === null) return { ok: false, summary: `there is no file of ${name} ${from}; ${byHand}` };
      return install(newer, { ...given, from: to, to: from }, run.signal);
    },
    evidence: async (_params, run: RepairRun) => ({
      "dpkg.log": await dpkg.history(),
      "changed files of the package": await dpkg.verify(run.signal),
    }),
    needs: () => [acts.missing("install_package")].filter((one) => one !== null),
  });
}
