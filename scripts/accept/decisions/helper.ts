/** T41: an agent without a right to anything has a service of root restarted, by a signed approval and through the helper alone. */
import { chmodSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { joinMachine, LIVELY, startLine } from "../identity/remote.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv } from "../lib/run.ts";
import { pause, until } from "../lib/wait.ts";
import { answers, serving, WIDE_BUDGETS } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { rootSide, type RootSide } from "./root-side.ts";
import { intentOf, intentReaches, pendingDecision } from "./waiting.ts";

const UNIT = "web.service";
/** A person would have to look; nothing may have come back by itself. */
const LEFT_ALONE_MS = 3000;

async function machineOf(rig: Rig, root: RootSide) {
  const monitor = await rig.cortex({ config: { version: 1, link: LIVELY.link } });
  const line = await startLine(rig, monitor);
  const timing = { interval: "1s", confirm: "1s" };
  const machine = await joinMachine(rig, monitor, {
    name: "edge-1",
    line,
    token: ["--auto-approve"],
    config: {
      ...WIDE_BUDGETS,
      privileges: {
        units: [UNIT],
        file: join(rig.folder, "none.json"),
        helper: { socket: root.socket, policy: join(root.settings, "helper.yaml") },
      },
      plugins: { systemd: { critical: [UNIT], tags: ["critical"], unit_failed: timing } },
    },
  });
  const folder = dirname(machine.dataDir);
  await rig.run(["chown", "-R", `${root.uid}`, folder]);
  chmodSync(folder, 0o700);
  const where = ["--data-dir", machine.dataDir, "--config", join(folder, "config.yaml")];
  const program = await rig.binary();
  const env = { ...plainEnv(), HOME: folder };
  rig.spawn([...root.asUser, program, "up", ...where, "--plugins-dir", join(folder, "plugins")], {
    cwd: "/",
    env,
  });
  const cli = (...args: string[]) => rig.run([...root.asUser, program, ...args, ...where], { cwd: "/", env });
  await until(
    async () => {
      const { code, stdout } = await cli("link", "--json");
      return code === 0 && (JSON.parse(stdout) as { state: string }).state === "online";
    },
    { what: "the machine is online", timeoutMs: 30_000, everyMs: 200 },
  );
  return { monitor, machine, cli };
}

/** What root does once, on the node: a policy, and whose word counts. */
async function trustMonitor(root: RootSide, dataDir: string, monitorDir: string): Promise<void> {
  const key = await root.helper("key", "--json", "--data-dir", monitorDir);
  const { words } = JSON.parse(key.stdout) as { words: string };
  const add = ["trust", "add", "--from-node", "--settings", root.settings, "--data-dir", dataDir];
  const looked = await root.helper(...add);
  ensureEqual(
    [looked.code, looked.stdout.includes(words)],
    [64, true],
    "words are shown, and nothing is added unseen",
  );
  const added = await root.helper(...add, "--yes");
  ensureEqual(added.code, 0, `trust add (${added.stderr.trim()})`);
}

async function judge(rig: Rig, trusts: boolean): Promise<string> {
  const root = await rootSide(rig);
  const port = await rig.port();
  root.unit(UNIT, port);
  await rig.run([...root.asRoot, "systemctl", "start", "--", UNIT]);
  await serving(port);
  const { monitor, machine, cli } = await machineOf(rig, root);
  const init = await root.helper(
    "init",
    "--settings",
    root.settings,
    "--data-dir",
    machine.dataDir,
    "--user",
    root.user,
  );
  ensureEqual(init.code, 0, `helper init (${init.stderr.trim()})`);
  const lacking = await cli("repairs", "--json");
  ensure(
    lacking.stdout.includes("needs a polkit rule for web.service"),
    "the agent does not say what it lacks",
  );
  root.writePolicy({ node: machine.id, decided: { units: { [UNIT]: ["start"] } } });
  if (trusts) await trustMonitor(root, machine.dataDir, monitor.dataDir);
  await root.listen();
  const doctor = await cli("doctor", "--json");
  ensure(
    doctor.stdout.includes(trusts ? `with an approval ${UNIT} (start)` : "trusts nobody"),
    "doctor is silent about the helper",
  );

  const { pid } = await killService(port);
  const decision = await pendingDecision(monitor, 30_000);
  await pause(LEFT_ALONE_MS);
  ensure(!(await answers(port)), "it runs, and nobody approved it");
  const at = performance.now();
  const ran = await monitor.cli("decisions", "approve", decision.id);
  ensureEqual(ran.code, 0, `approve (${ran.stderr.trim()})`);
  await intentReaches(monitor, decision, trusts ? "verified" : "failed", 30_000);
  ensure(await answers(port), "it was approved, and does not serve");
  const servedMs = performance.now() - at;

  const fresh = root.pidOf(UNIT);
  ensure(fresh !== null && fresh !== pid, "the same process serves");
  ensure(
    /^Uid:\t0\t0/m.test(readFileSync(`/proc/${fresh}/status`, "utf8")),
    "the service does not belong to root",
  );
  ensureEqual(root.acts(), [`start ${UNIT}`, `start ${UNIT}`], "what systemd was told");
  const { outcome } = await intentOf(monitor, decision);
  ensureEqual(outcome.filter(({ step }) => step === "apply").length, 1, "how often it was applied");
  const log = await root.helper("log", "--json", "--state", root.state);
  const lines = JSON.parse(log.stdout) as { kind: string; data: { approvedBy?: string[] } }[];
  ensureEqual(
    lines.map(({ kind }) => kind),
    ["opened", "began", "ended"],
    "the helper's journal",
  );
  ensureEqual(lines[1]!.data.approvedBy?.length, 1, "who approved it, in the helper's journal");
  return `a service of root, killed under an agent without any right: left alone until the yes, verified ${(servedMs / 1000).toFixed(1)} s after it, 1 act, in the helper's journal with who approved it`;
}

const scenario: Scenario = {
  name: "helper",
  quick: false,
  timeoutMs: 120_000,
  threats: ["T41"],
  run: (rig) => judge(rig, true),
  /** The same helper and policy, but root trusts nobody's word. */
  control: (rig) => judge(rig, false),
};
export default scenario;
