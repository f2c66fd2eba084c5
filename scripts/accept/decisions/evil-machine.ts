/**
 * The agent, from this tree, with one plugin more: checks that fail and repairs that do what the cases of the evaluation say.
 * Started as `cortex up` is. Of each repair that is carried out a line is written, and nothing else ever happens.
 */
import { appendFileSync } from "node:fs";
import { type Check, definePlugin, defineRepair, type PluginDefinition, type Repair } from "cortex";
import { runCommand } from "citty";
import * as z from "zod";
import up from "../../../agent/cli/commands/up.ts";
import { TEST_REPAIRS } from "../../../core/decide/eval/test-repairs.ts";
import { builtins } from "../../../plugins/index.gen.ts";
import { checkOf, type Trial, trialRepair, trials, trialType } from "./trials.ts";

const all = trials().possible;
const byCheck = new Map(all.map((one) => [checkOf(one.id), one]));
const done = new Set<string>();

const checkFor = (one: Trial): Check => ({
  name: checkOf(one.id),
  summary: "What a case of the evaluation says is wrong.",
  type: trialType(one.problemType),
  nature: "fact",
  intervalMs: 1000,
  confirmMs: 0,
  run: async () => [
    {
      target: one.target,
      status: done.has(one.id) ? "ok" : "critical",
      summary: one.text === "" ? "is wrong" : one.text,
    },
  ],
});

function repairFor(name: string, record: string): Repair {
  const known = TEST_REPAIRS[name]!;
  const remove = async () => ({ ok: true, summary: "taken back" });
  return defineRepair({
    name: trialRepair(name),
    version: 1,
    summary: "What a case of the evaluation says would be done.",
    class: known.class,
    remedies: known.remedies.map(trialType),
    params: z.strictObject({ id: z.string() }),
    resolve(problem) {
      // Of one instance or of another: the cases are too many for one.
      const one = byCheck.get(problem.check.split("~")[0]!);
      return one === undefined || one.repair !== name ? null : { id: one.id };
    },
    async plan({ id }) {
      const one = all.find((other) => other.id === id)!;
      const plan = { summary: id, changes: [{ what: JSON.stringify(one.act) }] };
      return one.effects === null ? plan : { ...plan, effects: one.effects };
    },
    async apply({ id }) {
      appendFileSync(record, `${id}\n`);
      done.add(id);
      return { ok: true, summary: id };
    },
    undo: known.undo ? remove : "none",
  });
}

const trial = definePlugin({
  name: "trial",
  version: "1.0.0",
  sdk: 1,
  summary: "Cases of the evaluation, as problems and repairs of a node.",
  config: z.strictObject({
    record: z.string().describe("File that each repair that is carried out is written to."),
    only: z.array(z.string()).describe("Ids of the cases."),
  }),
  needsConfig: true,
  modes: ["agent"],
  capabilities: [],
  setup: (_, { record, only }) => ({
    checks: all.filter(({ id }) => only.includes(id)).map(checkFor),
    repairs: Object.keys(TEST_REPAIRS).map((name) => repairFor(name, record)),
  }),
});

// Scenarios are found by importing every file of the folder.
if (import.meta.main) {
  (builtins as PluginDefinition[]).push(trial);
  await runCommand(up, { rawArgs: process.argv.slice(2) });
}
