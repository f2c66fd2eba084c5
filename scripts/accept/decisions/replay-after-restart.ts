/** T28: an approval that was used stays used, whichever way the machine went down since; what it started is not started again. */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import { answers } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import type { Machine } from "../identity/remote.ts";
import { forgetApproval } from "./forgetful.ts";
import { machineWithService } from "./machine.ts";
import { takeOver } from "./taken-over.ts";
import { intentReaches, pendingDecision } from "./waiting.ts";

/** Serves while a file says that it may; every start is written down. */
const PROGRAM = `
import http.server, os, sys
port, allowed, starts = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(starts, "a") as log:
    log.write("start\\n")
if not os.path.exists(allowed):
    sys.exit(1)
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

/** The yes was used, the repair did not hold, and nothing would stop a second try any more. */
async function usedUp(rig: Rig) {
  const program = rig.file("service.py", PROGRAM);
  const [allowed, starts] = [rig.file("allowed", ""), join(rig.folder, "starts")];
  const started = () => (existsSync(starts) ? readFileSync(starts, "utf8").split("\n").length - 1 : 0);
  const start = (port: number) => ({ start: ["/usr/bin/python3", program, String(port), allowed, starts] });
  const { monitor, line, machine, port } = await machineWithService(rig, ["critical"], takeOver, start);
  rmSync(allowed);
  await killService(port);
  const decision = await pendingDecision(monitor, 30_000);
  const before = started();
  ensureEqual((await monitor.cli("decisions", "approve", decision.id)).code, 0, "approve");
  const { command } = await line.caught(decision.intent!.id);
  ensure((await line.say(command)).ok, "the yes is taken the first time");
  await intentReaches(monitor, decision, "failed", 60_000);
  ensure(started() > before, "the approved repair started nothing");
  appendFileSync(allowed, "");
  return { line, machine, port, command, started };
}

type UsedUp = Awaited<ReturnType<typeof usedUp>>;

async function ensureNotAgain({ line, machine, port, command, started }: UsedUp, how: string): Promise<void> {
  await online(machine);
  const before = started();
  const result = await line.say(command);
  await pause(3000);
  ensure(
    started() === before && !(await answers(port)),
    `${how}: a used approval started it again (${JSON.stringify(result)})`,
  );
}

const online = (machine: Machine) =>
  until(async () => (await machine.link())?.state === "online", {
    what: "the machine is online",
    timeoutMs: 60_000,
    everyMs: 100,
  });

const scenario: Scenario = {
  name: "replay-after-restart",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T28"],
  async run(rig) {
    const used = await usedUp(rig);
    await ensureNotAgain(used, "at once");
    await used.machine.kill();
    used.machine.start();
    await ensureNotAgain(used, "after SIGKILL");
    await used.machine.stop();
    used.machine.start();
    await ensureNotAgain(used, "after SIGTERM");
    return "a used approval told again at once, after SIGKILL and after SIGTERM: 0 starts in 3 replays";
  },
  /** The memory of used approvals taken away while it was down. */
  async control(rig) {
    const used = await usedUp(rig);
    await used.machine.stop();
    forgetApproval(used.machine.dataDir, used.command.intent);
    used.machine.start();
    await ensureNotAgain(used, "with a forgetful machine");
    return "not started again";
  },
};
export default scenario;
