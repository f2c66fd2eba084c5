/** As a user without any right, Cortex runs, looks at everything it may, and says of the rest why not. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv } from "../lib/run.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const NOBODY = 65_534;
/** Everything that could give a process rights. */
const DROP = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "--no-new-privs",
  "--bounding-set=-all",
  "--inh-caps=-all",
  "--",
];

/** Where neither systemd nor a journal runs, about this many are left that have something to look at. */
const LEAST_ABLE = 15;

interface Check {
  name: string;
  state: string;
  status: string | null;
  reason: string | null;
  runs: number;
}

async function started(rig: Rig, prefix: readonly string[]) {
  // A folder of its own that this user may enter and write.
  chmodSync(rig.folder, 0o711);
  const home = join(rig.folder, "home");
  mkdirSync(home, { mode: 0o700 });
  const program = join(home, "cortex");
  copyFileSync(await rig.binary(), program);
  chmodSync(program, 0o755);
  const config = join(home, "cortex.yaml");
  const text = {
    link: { report: "1s" },
    privileges: { units: ["nginx.service"], file: join(home, "privileges.json") },
  };
  writeFileSync(config, JSON.stringify(text), { mode: 0o644 });
  if (prefix.length > 0) for (const path of [home, program, config]) chownSync(path, NOBODY, NOBODY);
  const port = await rig.port();
  const where = ["--config", config, "--data-dir", join(home, "data")];
  const env = { ...plainEnv(), HOME: home };
  const child = rig.spawn([...prefix, program, "up", "--listen", `127.0.0.1:${port}`, ...where], {
    cwd: "/",
    env,
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, {
    what: "Cortex is ready",
    timeoutMs: 15_000,
  });
  const cli = (...args: string[]) =>
    rig.run([...prefix, program, ...args, ...where, "--json"], { cwd: "/", env });
  return { child, cli };
}

async function rightsOf(rig: Rig, pid: number): Promise<Record<string, string>> {
  const { stdout } = await rig.run(["cat", `/proc/${pid}/status`]);
  const rows = stdout.split("\n").map((line) => line.split(":\t") as [string, string]);
  return Object.fromEntries(
    rows.filter(([key]) => /^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs|Groups)$/.test(key)),
  );
}

async function judge(rig: Rig, prefix: readonly string[]): Promise<string> {
  const { child, cli } = await started(rig, prefix);
  const rights = await rightsOf(rig, child.pid);
  ensureEqual(
    [rights.CapEff, rights.CapPrm, rights.CapBnd, rights.NoNewPrivs],
    ["0000000000000000", "0000000000000000", "0000000000000000", "1"],
    "capabilities and no_new_privs of the daemon",
  );
  const checks = await until(
    async () => {
      const all = JSON.parse((await cli("checks", "list")).stdout) as Check[];
      return all.length > 20 && all.every((one) => one.runs > 0 || one.state === "skipped") && all;
    },
    { what: "every check has run once", timeoutMs: 40_000, everyMs: 500 },
  );
  const silent = checks.filter((one) => (one.state === "skipped" || one.status === "unknown") && !one.reason);
  ensureEqual(
    silent.map((one) => one.name),
    [],
    "checks that don't say why they know nothing",
  );
  const able = checks.filter((one) => one.state === "active" && one.status !== "unknown");
  ensure(able.length >= LEAST_ABLE, `only ${able.length} of ${checks.length} checks know something`);
  const repairs = JSON.parse((await cli("repairs")).stdout) as { id: string; needs?: string[] }[];
  const needy = new Map(repairs.map((one) => [one.id, one.needs ?? []]));
  ensure(
    needy.get("unit.restart")?.[0]?.includes("nginx.service"),
    "unit.restart does not say that it needs a rule for nginx.service",
  );
  ensure(
    needy.get("journal.vacuum")?.[0]?.includes("sudo cortex privileges install"),
    "journal.vacuum does not say what to run",
  );
  return `${able.length} of ${checks.length} checks work without any right, the others say why; ${[...needy.values()].filter((one) => one.length > 0).length} repairs say what they need`;
}

const scenario: Scenario = {
  name: "least-privilege",
  quick: true,
  timeoutMs: 90_000,
  run: (rig) => judge(rig, DROP),
  /** Started with all rights that root has. */
  control: (rig) => judge(rig, []),
};
export default scenario;
