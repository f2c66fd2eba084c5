/** A critical service on a machine that joined over TLS: it waits, is approved at the Monitor, and runs once at the machine. */
import type { DecisionItem } from "../../../core/monitor/items.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { answers, serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService, repairs } from "../loop/one-repair.ts";
import { machineWithService } from "./machine.ts";
import { decisionOf, decisionsOf, intentReaches, pendingDecision } from "./waiting.ts";

const scenario: Scenario = {
  name: "remote-decision",
  quick: true,
  timeoutMs: 180_000,
  threats: ["T24", "T27"],
  async run(rig) {
    const { monitor, line, port, machine } = await machineWithService(rig, ["critical"]);
    await killService(port);
    const decision = await pendingDecision(monitor, 30_000);
    ensureEqual(decision.node, machine.id, "node of the decision");
    await ensureLeftAlone(monitor, port, 2000, "nobody decided");
    const at = now();
    const ran = await monitor.cli("decisions", "approve", decision.id, "--reason", "from afar");
    ensureEqual(ran.code, 0, `approve (${ran.stderr.trim()})`);
    const servedMs = (await serving(port, 30_000)) - at;
    await intentReaches(monitor, decision, "verified", 30_000);
    ensureEqual((await decisionOf(monitor, decision.id)).delivery?.state, "told", "delivery");

    // The line is cut when the yes is given: it is told when the line is back, and runs once.
    await killService(port);
    const second = await pendingDecision(monitor, 30_000);
    line.cut(true);
    ensureEqual(
      (await monitor.cli("decisions", "approve", second.id)).code,
      0,
      "approve while the line is cut",
    );
    ensure(!(await answers(port)), "it ran although the line is cut");
    await until(async () => (await decisionOf(monitor, second.id)).delivery?.state === "due", {
      what: "the yes waits for the line",
      timeoutMs: 10_000,
    });
    line.cut(false);
    await serving(port, 60_000);
    await intentReaches(monitor, second, "verified", 60_000);
    const applied = (await repairs(monitor)).map(
      (one) => one.outcome.filter(({ step }) => step === "apply").length,
    );
    ensureEqual(applied, [1, 1], "how often each was applied");
    const { items } = await decisionsOf(monitor);
    ensureEqual(
      items.map((one: DecisionItem) => one.state),
      ["approved", "approved"],
      "decisions",
    );
    return `approved at the Monitor, serving at the machine ${inTime(servedMs)} later, verified; approved over a cut line: told when it was back, applied once`;
  },
  /** Without the tag nobody waits: what "left alone" looks for is there. */
  async control(rig) {
    const { monitor, port } = await machineWithService(rig, []);
    await killService(port);
    await serving(port, 20_000);
    await ensureLeftAlone(monitor, port, 1000, "nobody decided");
    return "left alone";
  },
};
export default scenario;
