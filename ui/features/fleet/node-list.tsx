/** Nodes as a table, or as cards where a table has no room. */
import { createEffect, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Meter } from "../../kit/meter.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, RowRoom, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { createVirtual } from "../../kit/virtual.ts";
import { text } from "../../lib/i18n.ts";
import { isNarrow } from "../../lib/media.ts";
import type { NodeItem } from "../../lib/types.ts";
import { bucketOf, nodeLook, type Marks } from "./fleet.model.ts";

interface ListProps {
  nodes: NodeItem[];
  marks: Marks;
}

/** A long list draws only the rows near the window, and asks for more when its end comes near. */
export function NodeList(props: ListProps & { onEnd?: () => void }) {
  let element: HTMLDivElement | undefined;
  const rows = createVirtual({
    count: () => props.nodes.length,
    rowPx: isNarrow() ? CARD_PX : ROW_PX,
    element: () => element,
  });
  createEffect(() => rows().to >= props.nodes.length - NEAR_END && props.onEnd?.());
  const drawn = () => ({
    ...rows(),
    all: props.nodes.length,
    marks: props.marks,
    nodes: props.nodes.slice(rows().from, rows().to),
  });
  return (
    <div ref={element}>
      <Show when={isNarrow()} fallback={<NodeTable {...drawn()} />}>
        <NodeCards {...drawn()} />
      </Show>
    </div>
  );
}

const ROW_PX = 37;
const CARD_PX = 105;
/** Rows before the end at which more are asked for. */
const NEAR_END = 60;

interface DrawnProps extends ListProps {
  /** How many there are; `nodes` are those to be drawn, from place `from` on. */
  all: number;
  from: number;
  /** Room for the others, px. */
  before: number;
  after: number;
}

/** What a silent node said last is old news: shown, but in grey. */
const isOld = (node: NodeItem) => bucketOf(node) === "silent" || bucketOf(node) === "offline";

function NodeTable(props: DrawnProps) {
  const isWhole = () => props.nodes.length === props.all;
  const c = () => text().fleet.columns;
  return (
    <Table
      label={text().fleet.nodes}
      rowCount={isWhole() ? undefined : props.all + 1}
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
      <RowRoom px={props.before} />
      <For each={props.nodes}>
        {(node, index) => (
          <Tr index={isWhole() ? undefined : props.from + index() + 2}>
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
      <RowRoom px={props.after} />
    </Table>
  );
}

function NodeCards(props: DrawnProps) {
  return (
    <ul>
      <CardRoom px={props.before} />
      <For each={props.nodes}>
        {(node) => (
          <li data-row class="relative border-line px-4 py-3 not-last:border-b">
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
      <CardRoom px={props.after} />
    </ul>
  );
}

function CardRoom(props: { px: number }) {
  return (
    <Show when={props.px > 0}>
      <li aria-hidden="true" style={{ height: `${props.px}px` }} />
    </Show>
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
