/** What was frozen on a node before repairs acted, by the problem it belongs to. */
import { Key } from "@solid-primitives/keyed";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Time } from "../../../kit/time.tsx";
import type { Paged } from "../../../data/paged.ts";
import type { Problem } from "../../../data/types.ts";
import { DetailLink } from "../../../shell/detail-link.tsx";
import { EvidenceList } from "../../problems/evidence-list.tsx";
import { text } from "../texts.ts";

export function NodeEvidence(props: {
  problems: Problem[];
  over: { state: Paged<Problem>; reload: () => void };
}) {
  const holders = () =>
    props.problems
      .filter((problem) => problem.evidence.length > 0)
      .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  return (
    <Panel title={text().problem.evidence}>
      <QueryView
        state={props.over.state}
        isEmpty={holders().length === 0}
        skeleton={<Skeleton rows={4} rowClass="h-14" />}
        onRetry={props.over.reload}
        empty={
          <Empty icon="note" title={text().nodeTab.evidenceNone} body={text().nodeTab.evidenceNoneBody} />
        }
      >
        <ul>
          <Key each={holders()} by="id">
            {(problem) => (
              <li class="border-line px-4 py-3 not-last:border-b">
                <p class="mb-2 flex items-baseline gap-3">
                  <DetailLink
                    to={{ kind: "problem", id: problem().id }}
                    class="min-w-0 truncate font-medium hover:underline"
                  >
                    {problem().summary}
                  </DetailLink>
                  <Time at={problem().openedAt} class="ml-auto shrink-0 text-sm text-muted" />
                </p>
                <EvidenceList ids={problem().evidence} node={problem().node} />
              </li>
            )}
          </Key>
        </ul>
      </QueryView>
    </Panel>
  );
}
