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
import { bucketOf, nodeLook, type Marks } from "./fleet.model.ts";

interface ListProps {
  nodes: NodeItem[];
  marks: Marks;
}

export function NodeList(props: ListProps) {
  return (
    <Show when={isNarrow()} fallback={<NodeTable nodes={props.nodes} marks={props.marks} />}>
      <NodeCards nodes={props.nodes} marks={props.marks} />
    </Show>
  );
}

/** What a silent node said last is old news: shown, but in grey. */
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
          <Th class="w-32">{c().cpu}</Th>
          <Th class="w-32">{c().memory}</Th>
          <Th class="w-32">{c().disk}</Th>
          <Th class="w-20 text-right">{c().problems}</Th>
          <Th class="max-xl:hidden">{c().system}</Th>
          <Th class="w-24 text-right">{c().seen}</Th>
        </>
      }
    >
      <For each={props.nodes}>
        {(node) => (
          <Tr>
            <Td>
              <Status look={nodeLook(node, props.marks, text())} quiet={bucketOf(node) === "healthy"} />
            </Td>
            <Td class="max-w-72">
              <span class="flex items-center gap-2">
                <a href={`/nodes/${node.id}`} class={`truncate font-medium ${ROW_LINK}`}>
                  {node.name}
                </a>
                <Show when={node.group}>
                  {(group) => <span class="shrink-2 truncate text-sm text-muted">{group()}</span>}
                </Show>
                <RepairsOff node={node} />
              </span>
            </Td>
            <Td>
              <Meter label={c().cpu} ratio={node.metrics.cpuRatio} old={isOld(node)} left />
            </Td>
            <Td>
              <Meter label={c().memory} ratio={node.metrics.memoryRatio} old={isOld(node)} left />
            </Td>
            <Td>
              <Meter label={c().disk} ratio={node.metrics.diskRatio} old={isOld(node)} left />
            </Td>
            <Td class="text-right">
              <ProblemCount node={node} />
            </Td>
            <Td class="max-w-52 truncate text-sm text-muted max-xl:hidden" title={node.kernel ?? ""}>
              {node.os}
            </Td>
            <Td class="text-right text-sm text-muted">
              <Time at={node.lastSeenAt} />
            </Td>
          </Tr>
        )}
      </For>
    </Table>
  );
}

function NodeCards(props: ListProps) {
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
                look={nodeLook(node, props.marks, text())}
                quiet={bucketOf(node) === "healthy"}
              />
            </div>
            <p class="mt-0.5 flex gap-1.5 text-sm text-muted">
              <span class="min-w-0 truncate">{[node.group, node.os].filter(Boolean).join(" · ")}</span>
              <Time at={node.lastSeenAt} class="ml-auto" />
            </p>
            <NodeMeters node={node} />
          </li>
        )}
      </For>
    </ul>
  );
}

/** CPU, memory and disk side by side. */
export function NodeMeters(props: { node: NodeItem }) {
  const c = () => text().fleet.columns;
  return (
    <dl class="mt-2 grid grid-cols-3 gap-4 text-sm">
      <For
        each={[
          { name: c().cpu, ratio: props.node.metrics.cpuRatio },
          { name: c().memory, ratio: props.node.metrics.memoryRatio },
          { name: c().disk, ratio: props.node.metrics.diskRatio },
        ]}
      >
        {(meter) => (
          <div>
            <dt class="text-muted">{meter.name}</dt>
            <dd>
              <Meter label={meter.name} ratio={meter.ratio} old={isOld(props.node)} left />
            </dd>
          </div>
        )}
      </For>
    </dl>
  );
}

function RepairsOff(props: { node: NodeItem }) {
  return (
    <Show when={props.node.repairs === false}>
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
      <span aria-hidden="true" class="font-medium tabular-nums">
        {props.node.openProblems}
      </span>
    </Show>
  );
}
