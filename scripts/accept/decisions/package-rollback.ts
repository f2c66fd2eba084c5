/**
 * A real package is upgraded by the real dpkg, below a root of its own, to a version that does not work: the version before is
 * proposed from the archive, installed after a yes, and works. An essential package is left to people.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { approvedOnce, askingConfig, ensureHeld, must } from "./asking.ts";

const NAME = "zz-acceptance-shop";
const PROGRAM = "opt/shop/server.py";
/** The second one is what a bad release looks like: it does not even start. */
const VERSIONS = { "1:1.4-1": "import sys\nsys.exit(0)\n", "1:1.5-1": "import sys\nsys.exit(0\n" };

export interface ShopPackage {
  root: string;
  install(version: keyof typeof VERSIONS): Promise<unknown>;
  /** Instances of the plugin package-rollback that look after it. */
  declared: object[];
}

/** A root of its own with two versions in its archive, of which none is installed yet. */
export async function shopPackage(rig: Rig, name: string, essential: boolean): Promise<ShopPackage> {
  const place = join(rig.folder, name);
  const [root, archives] = [join(place, "system"), join(place, "archives")];
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  mkdirSync(archives, { recursive: true });
  for (const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"])
    mkdirSync(join(root, path), { recursive: true });
  write(join(root, "var/lib/dpkg/status"), "");
  const fileOf = (version: string) => join(archives, `${NAME}_${version.replaceAll(":", "%3a")}_all.deb`);
  for (const [version, program] of Object.entries(VERSIONS)) {
    const tree = join(place, version);
    write(
      join(tree, "DEBIAN/control"),
      `Package: ${NAME}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\n` +
        `${essential ? "Essential: yes\n" : ""}Description: for acceptance runs\n`,
    );
    write(join(tree, PROGRAM), program);
    await must(rig, ["dpkg-deb", "--build", "--root-owner-group", tree, fileOf(version)]);
  }
  return {
    root,
    install: (version) =>
      must(rig, ["dpkg", `--root=${root}`, `--log=${root}/var/log/dpkg.log`, "--install", fileOf(version)]),
    declared: [
      {
        id: "shop",
        package: NAME,
        test: ["/usr/bin/python3", join(root, PROGRAM)],
        archives: [archives],
        root,
        interval: "1s",
        confirm: "1s",
      },
    ],
  };
}

async function upgraded(rig: Rig, name: string, essential: boolean) {
  const { root, install, declared } = await shopPackage(rig, name, essential);
  for (const version of Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]) await install(version);
  const cortex = await rig.cortex({ config: askingConfig({ "package-rollback": declared }) });
  const works = () => readFileSync(join(root, PROGRAM), "utf8") === VERSIONS["1:1.4-1"];
  const version = () =>
    must(rig, ["dpkg-query", `--root=${root}`, "--show", "--showformat=${Version}", NAME]);
  return { cortex, works, version };
}

async function rolledBack(rig: Rig): Promise<string> {
  const { cortex, works, version } = await upgraded(rig, "ordinary", false);
  const { decision, doneMs } = await approvedOnce(cortex, "package.rollback", works);
  ensure(
    decision.plan?.changes.some(({ from, to }) => from === "1:1.5-1" && to === "1:1.4-1") ?? false,
    "the plan does not say old and new",
  );
  ensureEqual(await version(), "1:1.4-1", "installed version");
  return inTime(doneMs);
}

async function leftAlone(rig: Rig, essential: boolean): Promise<string> {
  const { cortex, version } = await upgraded(rig, "essential", essential);
  const why = await ensureHeld(cortex, "package_works", "the package is essential");
  ensureEqual(await version(), "1:1.5-1", "installed version of what is left alone");
  return why;
}

const scenario: Scenario = {
  name: "package-rollback",
  quick: false,
  timeoutMs: 180_000,
  needs: ["dpkg"],
  async run(rig) {
    const doneIn = await rolledBack(rig);
    const why = await leftAlone(rig, true);
    ensure(why.includes("is essential"), `it was held because ${why}`);
    return `a broken upgrade waited, was rolled back ${doneIn} after the yes, verified; an essential package was left alone`;
  },
  control: (rig) => leftAlone(rig, false),
};
export default scenario;
