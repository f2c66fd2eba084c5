import { beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { diskFolder } from "../core/testing/test-folder.ts";
import { run } from "./lib/run.ts";
import { rootDir } from "./lib/tree.ts";

/** Any program of this machine's processor; with --root it is never started. */
const SOME_PROGRAM = "/usr/bin/env";
const canInstall = process.getuid?.() === 0 && existsSync("/usr/sbin/useradd");

/** Below a root of its own, so that this machine stays as it is. */
describe.skipIf(!canInstall)("install.sh", () => {
  const root = diskFolder();
  const at = (path: string) => join(root, path);
  const install = (...options: string[]) =>
    run(["sh", join(rootDir, "install.sh"), "--root", root, "--binary", SOME_PROGRAM, ...options]);

  beforeAll(async () => {
    mkdirSync(at("etc"));
    for (const name of ["passwd", "group", "shadow", "gshadow"])
      copyFileSync(`/etc/${name}`, at(`etc/${name}`));
    await install();
  });

  test("gives program, unit, settings and data to the right owners", () => {
    const [, , uid, gid] = /^cortex:.*$/m.exec(readFileSync(at("etc/passwd"), "utf8"))![0].split(":");
    const facts = (path: string) => {
      const { uid, gid, mode } = statSync(at(path));
      return { uid: String(uid), gid: String(gid), mode: (mode & 0o7777).toString(8) };
    };
    expect(facts("usr/local/lib/cortex/cortex")).toEqual({ uid: "0", gid: "0", mode: "755" });
    expect(facts("etc/cortex/cortex.yaml")).toEqual({ uid: "0", gid: gid!, mode: "640" });
    expect(facts("var/lib/cortex")).toEqual({ uid: uid!, gid: gid!, mode: "700" });
    expect(facts("var/lib/cortex-key")).toEqual({ uid: uid!, gid: gid!, mode: "700" });
    expect(readFileSync(at("etc/cortex/cortex.yaml"), "utf8")).toContain("key_file: /var/lib/cortex-key/kek");
    expect(readFileSync(at("etc/systemd/system/cortex.service"), "utf8")).toContain("User=cortex");
  });

  test("T98 only plugins that were looked at run from the start, and the list belongs to root", () => {
    const { uid, mode } = statSync(at("etc/cortex/plugins.lock"));
    expect([uid, (mode & 0o777).toString(8)]).toEqual([0, "644"]);
    expect(JSON.parse(readFileSync(at("etc/cortex/plugins.lock"), "utf8"))).toEqual({
      version: 1,
      plugins: {},
    });
  });

  test("T51 the wrapper and the units clear what a program would obey in its environment", () => {
    for (const unit of ["cortex", "cortex-agent", "cortex-monitor", "cortex-helper"]) {
      const text = readFileSync(join(rootDir, "config/systemd", `${unit}.service`), "utf8");
      expect(text).toContain(
        "UnsetEnvironment=BUN_BE_BUN BUN_OPTIONS NODE_OPTIONS LD_PRELOAD LD_LIBRARY_PATH",
      );
    }
    expect(readFileSync(at("usr/local/bin/cortex"), "utf8")).toContain("exec env -i PATH=/usr/local/sbin");
  });

  test("T108 the user of the service is in no group that is as good as root", () => {
    const groups = readFileSync(at("etc/group"), "utf8")
      .split("\n")
      .filter((line) => /[:,]cortex(,|$)/.test(line));
    expect(
      groups.map((line) => line.split(":")[0]).filter((name) => !["systemd-journal", "adm"].includes(name!)),
    ).toEqual([]);
  });

  test("a role has a unit of its own", async () => {
    expect((await install("--role", "monitor")).exitCode).toBe(0);
    expect(readFileSync(at("etc/systemd/system/cortex-monitor.service"), "utf8")).toContain("--role monitor");
    expect((await install("--role", "king")).output).toContain("must be all, agent or monitor");
  });

  test("T41 the privileged helper is installed only when it is asked for, and then belongs to root and allows nothing", async () => {
    const units = ["cortex-helper.service", "cortex-helper.socket"].map((name) =>
      at(`etc/systemd/system/${name}`),
    );
    expect(units.map((path) => existsSync(path))).toEqual([false, false]);
    expect((await install("--with-helper", "--role", "monitor")).output).toContain(
      "goes where an agent runs",
    );
    expect((await install("--with-helper")).exitCode).toBe(0);
    expect(units.map((path) => existsSync(path))).toEqual([true, true]);
    expect(readFileSync(units[1]!, "utf8")).toContain("SocketUser=cortex\nSocketMode=0600\n");
    const { uid, mode } = statSync(at("etc/cortex/trust.d"));
    expect([uid, (mode & 0o777).toString(8)]).toEqual([0, "755"]);
    expect(existsSync(at("etc/cortex/helper.yaml"))).toBe(false);
  });

  test("run again, it keeps settings and data", async () => {
    appendFileSync(at("etc/cortex/cortex.yaml"), "# mine\n");
    writeFileSync(at("var/lib/cortex/agent.db"), "data");
    expect((await install()).exitCode).toBe(0);
    expect(readFileSync(at("etc/cortex/cortex.yaml"), "utf8")).toEndWith("# mine\n");
    expect(readFileSync(at("var/lib/cortex/agent.db"), "utf8")).toBe("data");
  });

  test("T107 no core file holds what was in memory", () => {
    for (const unit of ["cortex.service"])
      expect(readFileSync(at(`etc/systemd/system/${unit}`), "utf8")).toContain("LimitCORE=0");
  });

  test("T104 the command starts the program with a clean environment, Cortex's own settings aside", async () => {
    const wrapper = readFileSync(at("usr/local/bin/cortex"), "utf8");
    const command = at("try");
    writeFileSync(command, wrapper.replace("/usr/local/lib/cortex/cortex", SOME_PROGRAM), { mode: 0o755 });
    const { output } = await run([command], root, {
      PATH: "/usr/bin:/bin:/evil",
      BUN_OPTIONS: "--preload x",
      BUN_BE_BUN: "1",
      NODE_OPTIONS: "-r x",
      CORTEX_KEY: "a 'quoted' $key",
      HOME: "/home/a",
    });
    expect(output.trim().split("\n").sort()).toEqual([
      "CORTEX_KEY=a 'quoted' $key",
      "HOME=/home/a",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
  });

  test.each([
    [["--binary", "/nowhere"], "does not exist"],
    [["--binary", "/etc/hostname"], "is not a Linux program"],
    [["--sha256", "00"], "does not have the checksum"],
    [["--purge"], "goes with --uninstall"],
    [["--prefix", "/a b"], "may hold only"],
    [["--wat"], "unknown option"],
  ])("%j is refused", async (options, message) => {
    const { exitCode, output } = await install(...options);
    expect(exitCode).toBe(1);
    expect(output).toContain(message);
  });

  test("removing keeps settings and data, unless told to purge", async () => {
    mkdirSync(at("etc/polkit-1/rules.d"), { recursive: true });
    for (const path of ["etc/polkit-1/rules.d/50-cortex.rules", "etc/systemd/system/cortex-act-x.service"])
      writeFileSync(at(path), "");
    await install("--uninstall");
    expect(existsSync(at("etc/polkit-1/rules.d/50-cortex.rules"))).toBe(false);
    expect(existsSync(at("etc/systemd/system/cortex-act-x.service"))).toBe(false);
    expect(existsSync(at("etc/systemd/system/cortex-monitor.service"))).toBe(false);
    expect(existsSync(at("usr/local/lib/cortex"))).toBe(false);
    expect(existsSync(at("usr/local/bin/cortex"))).toBe(false);
    expect(existsSync(at("var/lib/cortex/agent.db"))).toBe(true);
    expect(existsSync(at("etc/cortex/cortex.yaml"))).toBe(true);
    await install("--uninstall", "--purge");
    expect(existsSync(at("var/lib/cortex"))).toBe(false);
    expect(existsSync(at("etc/cortex"))).toBe(false);
    expect(readFileSync(at("etc/passwd"), "utf8")).not.toMatch(/^cortex:/m);
  });
});

test("T113 the units allow more open files than the program keeps connections", () => {
  for (const unit of ["cortex", "cortex-agent", "cortex-monitor"]) {
    const text = readFileSync(join(rootDir, "config/systemd", `${unit}.service`), "utf8");
    expect(Number(/^LimitNOFILE=(\d+)$/m.exec(text)?.[1])).toBeGreaterThan(10_000);
  }
});
