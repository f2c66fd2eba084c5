/** What was done on a node, and what it could do. */
import { For, Show } from "solid-js";
import { Badge } from "../../../kit/badge.tsx";
import { More } from "../../../kit/more.tsx";
import { Panel } from "../../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../../kit/table.tsx";
import { Time } from "../../../kit/time.tsx";
import { createPaged, type Paged } from "../../../data/paged.ts";
import type { Intent, NodeItem } from "../../../data/types.ts";
import { IntentList } from "../../intents/intent-list.tsx";
import { text } from "../texts.ts";

const ROWS = 50;

export function NodeRepairs(props: {
  node: NodeItem;
  intents: Intent[];
  past: { state: Paged<Intent>; more: () => void; reload: () => void };
}) {
  return (
    <div class="grid gap-5">
      <Panel title={text().intent.list}>
        <QueryView
          state={props.past.state}
          isEmpty={props.intents.length === 0}
          skeleton={<Skeleton rows={5} rowClass="h-14" />}
          onRetry={props.past.reload}
          empty={<Empty small icon="wrench" title={text().intent.empty} body={text().intent.emptyBody} />}
        >
          <IntentList intents={props.intents} rows={ROWS} />
          <Show when={props.past.state.next}>
            <More label={text().intent.older} onMore={props.past.more} />
          </Show>
        </QueryView>
      </Panel>
      <Held node={props.node.id} />
    </div>
  );
}

function Held(props: { node: string }) {
  const paged = createPaged("repairs", () => ({ node: props.node }));
  const t = () => text().nodeTab;
  const c = () => text().nodeTab.columns;
  return (
    <Panel title={t().repairsHeld} count={paged.state.ready ? paged.state.items.length : undefined}>
      <QueryView
        state={paged.state}
        isEmpty={paged.state.items.length === 0}
        skeleton={<Skeleton rows={5} rowClass="h-9" />}
        onRetry={paged.reload}
        empty={<Empty small icon="wrench" title={t().repairsNone} />}
      >
        <Table
          label={t().repairsHeld}
          head={
            <>
              <Th>{c().repair}</Th>
              <Th class="w-16">{c().class}</Th>
              <Th class="w-28">{c().mode}</Th>
              <Th class="max-lg:hidden">{c().remedies}</Th>
              <Th class="w-28 text-right max-md:hidden">{c().done}</Th>
              <Th class="w-24 text-right max-md:hidden">{c().last}</Th>
            </>
          }
        >
          <For each={paged.state.items}>
            {(repair) => (
              <Tr>
                <Td class="w-full max-w-0">
                  <p class="truncate" title={repair.summary}>
                    <span class="font-medium">{repair.id}</span>{" "}
                    <span class="text-sm text-muted">{repair.summary}</span>
                  </p>
                  <For each={repair.needs ?? []}>
                    {(need) => <p class="break-words text-sm text-warn">{need}</p>}
                  </For>
                </Td>
                <Td>
                  <Badge title={text().intent.classes[repair.class]}>{repair.class}</Badge>
                </Td>
                <Td class="whitespace-nowrap text-muted">{t().modes[repair.mode]}</Td>
                <Td
                  class="max-w-52 truncate text-sm text-muted max-lg:hidden"
                  title={repair.remedies.join(", ")}
                >
                  {repair.remedies.join(", ")}
                </Td>
                <Td class="text-right whitespace-nowrap max-md:hidden">
                  <span class={repair.attempts === 0 ? "text-faint" : ""}>
                    {t().doneCount(repair.successes, repair.failures)}
                  </span>
                </Td>
                <Td class="text-right text-sm text-muted max-md:hidden">
                  <Show when={repair.lastAt} fallback="–">
                    {(at) => <Time at={at()} />}
                  </Show>
                </Td>
              </Tr>
            )}
          </For>
        </Table>
      </QueryView>
    </Panel>
  );
}
