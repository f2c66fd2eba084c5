import { For, Show, type JSX } from "solid-js";
import { HeatStrip } from "../../kit/heat-strip.tsx";
import { Meter } from "../../kit/meter.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, RowRoom, SortTh, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../lib/i18n.ts";
import type { NodeItem } from "../../lib/types.ts";
import { bucketOf, nodeLook } from "./fleet.model.ts";
import { COLUMNS, type Column, type Sort } from "./fleet-view.model.ts";
import { heatStateOf } from "./node-heat.ts";
import type { DrawnProps } from "./node-list.tsx";
import { groupName, isOld, RepairsOff } from "./node-parts.tsx";
import { text } from "./texts.ts";

/** Width and place of each column that can be hidden, and what it sorts by. */
const LOOKS: Record<Column, { class: string; sort?: Sort }> = {
  history: { class: "w-40 max-lg:hidden" },
  cpu: { class: "w-28", sort: "cpu" },
  memory: { class: "w-28", sort: "memory" },
  disk: { class: "w-28", sort: "disk" },
  problems: { class: "w-24 text-right", sort: "problems" },
  system: { class: "w-52 max-xl:hidden" },
  version: { class: "w-24" },
  seen: { class: "w-24 text-right", sort: "seen" },
};

const CELLS: Record<Column, (node: NodeItem) => JSX.Element> = {
  history: (node) => <HeatStrip heat={node.history} current={heatStateOf(node)} class="block h-4 w-full" />,
  cpu: (node) => meter(text().fleet.columns.cpu, node.metrics.cpuRatio, node),
  memory: (node) => meter(text().fleet.columns.memory, node.metrics.memoryRatio, node),
  disk: (node) => meter(text().fleet.columns.disk, node.metrics.diskRatio, node),
  problems: (node) => <ProblemCount node={node} />,
  system: (node) => (
    <span class="block truncate text-sm text-muted" title={node.kernel ?? ""}>
      {node.os}
    </span>
  ),
  version: (node) => <span class="text-sm text-muted">{node.version}</span>,
  seen: (node) => <Time at={node.lastSeenAt} class="text-sm text-muted" />,
};

const meter = (label: string, ratio: number | undefined, node: NodeItem) => (
  <Meter label={label} ratio={ratio} old={isOld(node)} left />
);

export function NodeTable(props: DrawnProps & { onSort: ((sort: Sort) => void) | undefined }) {
  const isWhole = () => props.entries.length === props.all;
  const c = () => text().fleet.columns;
  const columns = () => COLUMNS.filter((column) => !props.view.hidden.includes(column));
  const sorted = (sort: Sort) => {
    if (props.view.sort !== sort) return undefined;
    return (sort === "name") === props.view.reverse ? "descending" : "ascending";
  };
  const Head = (head: { label: string; class?: string; sort?: Sort }) => (
    <Show when={head.sort !== undefined && props.onSort} fallback={<Th class={head.class}>{head.label}</Th>}>
      {(onSort) => (
        <SortTh
          label={head.label}
          class={head.class ?? ""}
          sorted={sorted(head.sort!)}
          onSort={() => onSort()(head.sort!)}
        />
      )}
    </Show>
  );
  return (
    <Table
      label={text().fleet.nodes}
      rowCount={isWhole() ? undefined : props.all + 1}
      head={
        <>
          <Head label={c().state} class="w-32" sort="attention" />
          <Head label={c().name} sort="name" />
          <For each={columns()}>{(column) => <Head label={c()[column]} {...LOOKS[column]} />}</For>
        </>
      }
    >
      <RowRoom px={props.before} />
      <For each={props.entries}>
        {(entry, index) => (
          <Show
            when={entry.kind === "nodes" && entry.nodes[0]}
            fallback={
              <tr class="h-9 border-line not-last:border-b">
                <th
                  scope="rowgroup"
                  colSpan={columns().length + 2}
                  class="bg-page px-4 text-left text-sm font-medium text-muted"
                >
                  {entry.kind === "group" && groupName(props.view.group, entry.name)}{" "}
                  <span class="font-normal text-faint">
                    {entry.kind === "group" && formatCount(entry.count, locale())}
                  </span>
                </th>
              </tr>
            }
          >
            {(node) => (
              <Tr index={isWhole() ? undefined : props.from + index() + 2} dense={props.view.dense}>
                <Td>
                  <Status
                    look={nodeLook(node(), props.marks, text())}
                    quiet={bucketOf(node()) === "healthy"}
                  />
                </Td>
                <Td class="max-w-72">
                  <span class="flex items-center gap-2">
                    <a href={`/nodes/${node().id}`} class={`truncate font-medium ${ROW_LINK}`}>
                      {node().name}
                    </a>
                    <Show when={node().group}>
                      {(group) => <span class="shrink-2 truncate text-sm text-muted">{group()}</span>}
                    </Show>
                    <RepairsOff node={node()} />
                  </span>
                </Td>
                <For each={columns()}>
                  {(column) => <Td class={LOOKS[column].class}>{CELLS[column](node())}</Td>}
                </For>
              </Tr>
            )}
          </Show>
        )}
      </For>
      <RowRoom px={props.after} />
    </Table>
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
