/** Nodes as a table, or as cards where a table has no room. */
import { For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Meter } from "../../kit/meter.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { text } from "../../lib/i18n.ts";
import { isNarrow } from "../../lib/media.ts";
import type { NodeItem } from "../../lib/types.ts";
import { bucketOf, nodeLook } from "./fleet.model.ts";

interface ListProps {
  nodes: NodeItem[];
  repairing: ReadonlySet<string>;
}

export function NodeList(props: ListProps) {
  return (
    <Show when={isNarrow()} fallback={<NodeTable nodes={props.nodes} repairing={props.repairing} />}>
      <NodeCards nodes={props.nodes} repairing={props.repairing} />
    </Show>
  );
}

/** What a silent node said last is old news: shown, but dimmed. */
const isOld = (node: NodeItem) => bucketOf(node) === "silent" || bucketOf(node) === "offline";

function NodeTable(props: ListProps) {
  const c = () => text().fleet.columns;
  return (
    <Table
      label={text().fleet.nodes}
      head={
        <>
          <Th class="w-32">{c().state}</Th>
          <Th>{c().name}</Th>
          <Th class="w-36">{c().cpu}</Th>
          <Th class="w-36">{c().memory}</Th>
          <Th class="w-36">{c().disk}</Th>
          <Th class="w-24">{c().problems}</Th>
          <Th class="max-lg:hidden">{c().system}</Th>
          <Th class="w-28 text-right">{c().seen}</Th>
        </>
      }
    >
      <For each={props.nodes}>
        {(node) => (
          <Tr>
            <Td>
              <Status
                look={nodeLook(node, props.repairing.has(node.id), text())}
                quiet={bucketOf(node) === "healthy"}
              />
            </Td>
            <Td class="max-w-64">
              <span class="flex items-center gap-2">
                <a href={`/nodes/${node.id}`} class={`truncate font-medium ${ROW_LINK}`}>
                  {node.name}
                </a>
                <Show when={node.group}>
                  {(group) => <span class="truncate text-sm text-muted">{group()}</span>}
                </Show>
                <RepairsOff node={node} />
              </span>
            </Td>
            <Td class={isOld(node) ? "opacity-50" : ""}>
              <Meter label={c().cpu} ratio={node.metrics?.cpuRatio} />
            </Td>
            <Td class={isOld(node) ? "opacity-50" : ""}>
              <Meter label={c().memory} ratio={node.metrics?.memoryRatio} />
            </Td>
            <Td class={isOld(node) ? "opacity-50" : ""}>
              <Meter label={c().disk} ratio={node.metrics?.diskRatio} />
            </Td>
            <Td>
              <ProblemCount node={node} />
            </Td>
            <Td class="max-w-56 truncate text-sm text-muted max-lg:hidden" title={node.kernel}>
              {node.os}
            </Td>
            <Td class="text-right text-sm text-muted">
              <LastSeen node={node} />
            </Td>
          </Tr>
        )}
      </For>
    </Table>
  );
}

function NodeCards(props: ListProps) {
  const c = () => text().fleet.columns;
  return (
    <ul>
      <For each={props.nodes}>
        {(node) => (
          <li class="relative border-line px-4 py-3 not-last:border-b">
            <div class="flex items-center gap-2">
              <a href={`/nodes/${node.id}`} class={`min-w-0 truncate text-md font-medium ${ROW_LINK}`}>
                {node.name}
              </a>
              <RepairsOff node={node} />
              <Status
                class="ml-auto"
                look={nodeLook(node, props.repairing.has(node.id), text())}
                quiet={bucketOf(node) === "healthy"}
              />
            </div>
            <p class="mt-0.5 flex gap-1.5 text-sm text-muted">
              <span class="min-w-0 truncate">{[node.group, node.os].filter(Boolean).join(" · ")}</span>
              <span class="ml-auto">
                <LastSeen node={node} />
              </span>
            </p>
            <dl class="mt-2 grid grid-cols-3 gap-4 text-sm" classList={{ "opacity-50": isOld(node) }}>
              <For
                each={[
                  { name: c().cpu, ratio: node.metrics?.cpuRatio },
                  { name: c().memory, ratio: node.metrics?.memoryRatio },
                  { name: c().disk, ratio: node.metrics?.diskRatio },
                ]}
              >
                {(meter) => (
                  <div>
                    <dt class="text-muted">{meter.name}</dt>
                    <dd>
                      <Meter
                        label={meter.name}
                        ratio={meter.ratio}
                        class="[&>:first-child]:(w-auto min-w-7 text-left)"
                      />
                    </dd>
                  </div>
                )}
              </For>
            </dl>
          </li>
        )}
      </For>
    </ul>
  );
}

function RepairsOff(props: { node: NodeItem }) {
  return (
    <Show when={!props.node.repairs}>
      <Badge tone="warn">
        <Icon name="shield-off" class="mr-1 size-3" />
        {text().fleet.repairsOff}
      </Badge>
    </Show>
  );
}

function ProblemCount(props: { node: NodeItem }) {
  return (
    <Show when={props.node.openProblems > 0} fallback={<span class="text-faint">0</span>}>
      <span class="sr-only">{text().fleet.hasProblems(props.node.openProblems)}</span>
      <span aria-hidden="true" class="font-medium">
        {props.node.openProblems}
      </span>
    </Show>
  );
}

function LastSeen(props: { node: NodeItem }) {
  return (
    <Show when={props.node.lastSeenAt} fallback={text().fleet.never}>
      {(at) => <Time at={at()} />}
    </Show>
  );
}
