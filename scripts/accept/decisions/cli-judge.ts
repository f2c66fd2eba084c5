/** The program `claude` as a judge of the built binary: a real process a question, killed when it is late. */
import { createStandInClaude } from "../../../core/testing/stand-in-claude.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { letJudgeDecide, prove } from "./judges.ts";
import { decisionsOf, intentReaches, pendingDecision, startCritical } from "./waiting.ts";

async function before(rig: Rig, model: string) {
  const cli = createStandInClaude(rig.folder);
  const one = await startCritical(rig, {
    plugins: {
      "decider-claude-cli": [
        {
          program: cli.program,
          model,
          api_key: "sk-accept-cli-012345",
          home: rig.folder,
          request_timeout: "3s",
        },
      ],
    },
  });
  await letJudgeDecide(one.cortex);
  await prove(one.cortex, [model], "claude-cli");
  await serving(one.port);
  const { at } = await killService(one.port);
  return { ...one, cli, at };
}

const scenario: Scenario = {
  name: "cli-judge",
  quick: true,
  timeoutMs: 120_000,
  threats: ["T79"],
  async run(rig) {
    const { cortex, port, cli, at } = await before(rig, "allow");
    const servedMs = (await serving(port, 20_000)) - at;
    const [decision] = (await decisionsOf(cortex)).items;
    ensureEqual(decision?.voices.at(-1)?.by, "decider:claude-cli", "who decided");
    await intentReaches(cortex, decision!, "verified");
    const [call] = cli.calls();
    ensureEqual(call!.argv[call!.argv.indexOf("--tools") + 1], "", "its tools");
    ensure(![...call!.argv, call!.stdin].join().includes("sk-accept"), "the key is among what it was told");
    await cortex.stop();

    for (const [model, reason] of [
      ["wants-tool", "judge_nonsense"],
      ["logged-out", "judge_unavailable"],
      ["slow-headers", "judge_timeout"],
    ] as const) {
      const failed = await before(rig, model);
      const waits = await pendingDecision(failed.cortex, 20_000);
      ensureEqual(waits.voices.at(-1)!.reason, reason, `${model}: why a person is asked`);
      await until(async () => (await rig.run(["pgrep", "-f", failed.cli.program])).code !== 0, {
        what: `${model}: no program is left behind`,
        timeoutMs: 5000,
      });
      await failed.cortex.stop();
    }
    return `serving ${inTime(servedMs)} after the kill by the word of the program; reaching for a tool, logged out or late: a person, and no process is left`;
  },
  /** The program says yes: the same look for "left alone" sees the repair. */
  async control(rig) {
    const { cortex, port } = await before(rig, "allow");
    await serving(port, 20_000);
    await ensureLeftAlone(cortex, port, 500, "the program reaches for a tool");
    return "left alone";
  },
};
export default scenario;
