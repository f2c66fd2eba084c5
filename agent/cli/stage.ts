/**
 * What is being done about a problem, and so whether it waits for a person, and which nodes do. It is the rule by which the dashboard lists what needs
 * somebody; a test holds the two to the same answers, since the dashboard takes only types from the program.
 */
import { PASSING_HOLDS } from "../../core/domain/problem.ts";
import type { IntentItem, NodeItem, ProblemItem } from "../../core/monitor/items.ts";

export type Stage =
  "resolved" | "repairing" | "proposed" | "because" | "held" | "person" | "watching" | "observed";

const isPassing = (hold: string): boolean => (PASSING_HOLDS as readonly string[]).includes(hold);

/** A repair that was decided on and is not over: it runs, or what it did is being verified. */
export const isActing = ({ kind, state }: IntentItem): boolean =>
  kind === "repair" && (state === "approved" || state === "executing" || state === "verifying");

/** `intent` is the newest one about the problem, where one is known. */
export function stageOf(problem: ProblemItem, intent: IntentItem | undefined): Stage {
  if (problem.state === "resolved") return "resolved";
  if (intent !== undefined && isActing(intent)) return "repairing";
  if (problem.becauseOf !== null) return "because";
  const { hold } = problem.guards;
  const asks = intent === undefined && problem.intentId !== null && hold === "autonomy_ask";
  if (asks || (intent?.state === "proposed" && !intent.shadow)) return "proposed";
  if (problem.severity === "observe") return "observed";
  if (problem.level === "L3" && (hold === null || !isPassing(hold))) return "person";
  // Who switched repairs off has taken over what they would have done.
  if (hold === "switch_off") return "person";
  return hold === null ? "watching" : "held";
}

/** The newest intent about each problem, by the problem's id. */
export function newestByProblem(intents: readonly IntentItem[]): Map<string, IntentItem> {
  const newest = new Map<string, IntentItem>();
  for (const intent of intents) {
    if (intent.problemId === null) continue;
    const known = newest.get(intent.problemId);
    if (known === undefined || known.createdAt < intent.createdAt) newest.set(intent.problemId, intent);
  }
  return newest;
}

/** Nodes that are not heard as they should be, or are kept out: somebody has to look. */
const SILENT: readonly NodeItem["state"][] = ["late", "offline", "quarantined"];
export const isSilent = ({ state }: Pick<NodeItem, "state">): boolean => SILENT.includes(state);
