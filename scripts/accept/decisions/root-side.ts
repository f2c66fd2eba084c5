/**
 * A machine with two sides: a user without rights, under whom the agent runs, and root, under whom the built helper runs.
 * systemd is a stand-in that starts nothing for anybody but root; everything between is real.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensure } from "../lib/ensure.ts";
import { end, processesOf } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv, type Ran } from "../lib/run.ts";
import { until } from "../lib/wait.ts";
import { serverArgv } from "../loop/demo.ts";

export interface RootSide {
  /** The throw-away user. */
  user: string;
  uid: number;
  settings: string;
  state: string;
  socket: string;
  /** Prefix of a command that sees the stand-in in the place of systemctl, as root. */
  asRoot: string[];
  /** The same, with no right at all. */
  asUser: string[];
  /** `cortex helper …` as root. */
  helper(...args: string[]): Promise<Ran>;
  writePolicy(policy: object): void;
  /** Starts `cortex helper run` as its units do, and waits until it answers. */
  listen(options?: { faults?: boolean; env?: Record<string, string> }): Promise<Bun.Subprocess>;
  /** A web server of root; `slow`: seconds that systemd takes to start it. */
  unit(name: string, port: number, slow?: number): void;
  /** Of a unit that runs. */
  pidOf(unit: string): number | null;
  /** `start web.service`, one for each time that systemd was told. */
  acts(): string[];
}

/** As its unit does it: root, without a capability, with the socket from outside. */
const NO_CAPABILITIES = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"];

let serial = 0;

export async function rootSide(rig: Rig): Promise<RootSide> {
  // Other users pass through, and find nothing that is not theirs.
  chmodSync(rig.folder, 0o711);
  const user = `cortex-acc-${process.pid}-${(serial += 1)}`;
  const made = await rig.run([
    "useradd",
    "--system",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    user,
  ]);
  ensure(made.code === 0, `useradd: ${made.stderr.trim()}`);
  rig.atEnd(async () => {
    // A user who still runs something can't be removed.
    await end(processesOf(rig.folder), 1000);
    await rig.run(["userdel", user]);
  });
  const uid = Number((await rig.run(["id", "-u", user])).stdout);
  const gid = Number((await rig.run(["id", "-g", user])).stdout);

  const units = join(rig.folder, "units");
  const [settings, state, run] = ["etc", "state", "run"].map((name) => join(rig.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [units, settings, run]) {
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(folder, 0o755);
  }
  const source = readFileSync(join(rig.root, "scripts/accept/lib/stand-in-systemctl.py"), "utf8");
  const systemctl = rig.file("systemctl", source.replace("@FOLDER@", units), 0o755);
  chmodSync(systemctl, 0o755);
  const view = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", systemctl, "/usr/bin/systemctl"];
  const asRoot = [
    ...view,
    "--tmpfs",
    "/run/systemd",
    "--dir",
    "/run/systemd/system",
    "--cap-add",
    "ALL",
    "--",
  ];
  const drop = [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
  ];
  const socket = join(run, "helper.sock");
  const where = ["--settings", settings, "--state", state, "--socket", socket];
  const policyFile = join(settings, "helper.yaml");

  const pidOf = (unit: string) => {
    const path = join(units, `${unit}.pid`);
    return existsSync(path) ? Number(readFileSync(path, "utf8")) : null;
  };
  return {
    user,
    uid,
    settings,
    state,
    socket,
    asRoot,
    asUser: [...asRoot, ...drop, "--inh-caps=-all", "--"],
    helper: async (...args) => rig.run([await rig.binary(), "helper", ...args]),
    writePolicy(policy) {
      writeFileSync(policyFile, JSON.stringify({ version: 1, user, ...policy }), { mode: 0o644 });
      chmodSync(policyFile, 0o644);
    },
    async listen({ faults = false, env = {} } = {}) {
      const program = await rig.binary(faults);
      const activate = join(rig.root, "scripts/accept/lib/activate.py");
      rmSync(socket, { force: true });
      const started = [
        "/usr/bin/python3",
        activate,
        socket,
        `${uid}`,
        "--",
        "/usr/bin/setpriv",
        ...NO_CAPABILITIES,
      ];
      const child = rig.spawn([...asRoot, ...started, program, "helper", "run", ...where], {
        cwd: "/",
        env: { ...plainEnv(), ...env },
      });
      await until(
        () => rig.run([program, "helper", "status", "--socket", socket]).then(({ code }) => code === 0),
        {
          what: "the helper listens",
          timeoutMs: 15_000,
        },
      );
      return child;
    },
    unit(name, port, slow = 0) {
      // The folder is what all processes of a scenario are found by.
      const argv = [...serverArgv(port), "--directory", rig.folder];
      writeFileSync(join(units, `${name}.json`), JSON.stringify({ argv, slow }), { mode: 0o644 });
    },
    pidOf,
    acts() {
      const path = join(units, "acts");
      return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    },
  };
}
