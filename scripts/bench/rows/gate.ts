import { shippedCases } from "../../../core/decide/eval/set.ts";
import { labelled } from "../../../core/decide/eval/decide-case.ts";
import { sceneOf } from "../../../core/decide/eval/scene.ts";
import { gate } from "../../../core/domain/decide/gate.ts";
import { median } from "../../accept/lib/stats.ts";
import type { Row } from "../row.ts";

/** What is promised, ms. */
const BUDGET_MS = 1;

export const gateRow: Row = {
  name: "gate",
  summary: "gate: one intent through every step",
  run(rig) {
    const inputs = labelled(shippedCases()).map(({ situation }) => sceneOf(situation).input);
    const rounds = rig.quick ? 5 : 50;
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      for (const input of inputs) {
        const began = performance.now();
        gate(input);
        const between = performance.now();
        // The least that any judge of an intent does: look at its effects once.
        JSON.stringify(input.intent.effects);
        floor.push(performance.now() - between);
        ours.push(between - began);
      }
    return Promise.resolve({
      figures: [
        {
          figure: "gate, per intent (median)",
          unit: "ms",
          ours: median(ours),
          floor: median(floor),
          budget: BUDGET_MS,
          note: `${inputs.length} situations of the evaluation; floor: their effects as JSON once`,
        },
      ],
    });
  },
};
