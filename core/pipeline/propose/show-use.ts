/** The attempt that just began is counted where people look, whoever allowed it. */
import { type Log, messageOf } from "cortex";
import type { Problems } from "../watch/problems.ts";
import type { Candidate } from "./candidates.ts";
import type { Judge } from "./judge.ts";

/** Shows how many attempts are used, and that nothing holds any more. Never throws: the act goes on, only its display is late. */
export type ShowUse = (problemId: string, candidate: Candidate) => void;

export function createShowUse(deps: {
  problems: Problems;
  judge: Judge;
  log: (plugin: string, instance: string) => Log;
}): ShowUse {
  return (problemId, candidate) => {
    try {
      const problem = deps.problems.get(problemId);
      if (problem?.state !== "open") return;
      const { state } = deps.judge.guards(problem, candidate, { lockHolder: null, inTheWay: [] });
      deps.problems.update(problemId, { guards: { ...state, hold: null, holdText: null } });
    } catch (error) {
      deps.log("core", "repairer").warn("An attempt could not be shown.", { reason: messageOf(error) });
    }
  };
}
