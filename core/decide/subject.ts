import type { Decision } from "../domain/decide/decision.ts";
import type { RuleSubject } from "../domain/decide/policy.ts";
import type { Nodes } from "../monitor/nodes.ts";
import type { IntentBody } from "../wire/intent.ts";
import type { World } from "./world.ts";

/** What rules look at, for a decision at a moment. Place and tags of the node are as they are now. */
export function subjectOf(
  { world, nodes }: { world: Pick<World, "problemOf">; nodes: Nodes },
  decision: Decision,
  intent: IntentBody,
  at: number,
): RuleSubject {
  const place = nodes.place(decision.node);
  const problem = world.problemOf(decision.node, intent);
  return {
    repair: decision.repair,
    class: decision.class,
    problemType: problem?.type ?? null,
    owner: intent.owner,
    group: place?.group ?? null,
    labels: place?.labels ?? {},
    tags: [...(nodes.item(decision.node)?.tags ?? []), ...(problem?.tags ?? [])],
    severity: problem?.severity ?? null,
    at,
    offsetMinutes: -new Date(at).getTimezoneOffset(),
  };
}
