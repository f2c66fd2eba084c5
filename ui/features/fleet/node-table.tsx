import { Key } from "@solid-primitives/keyed";
import { createMemo, For, Show, type JSX } from "solid-js";
import { HeatStrip } from "../../kit/heat-strip.tsx";
import { Meter } from "../../kit/meter.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK, RowRoom, SortTh, Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { NodeItem } from "../../data/types.ts";
import { bucketOf, nodeLook, type Marks } from "./fleet.model.ts";
import { COLUMNS, type Column, type Entry, type FleetView, type Sort } from "./fleet-view.model.ts";
import { heatStateOf } from "./node-heat.ts";
import { type DrawnProps, groupName, isOld, RepairsOff } from "./node-parts.tsx";
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

/** Components, so that a change of the node changes what is there instead of making it anew. */
const CELLS: Record<Column, (props: { node: NodeItem }) => JSX.Element> = {
  history: (props) => (
    <HeatStrip heat={props.node.history} current={heatStateOf(props.node)} class="block h-4 w-full" />
  ),
  cpu: (props) => (
    <Meter
      label={text().fleet.columns.cpu}
      ratio={props.node.metrics.cpuRatio}
      old={isOld(props.node)}
      left
    />
  ),
  memory: (props) => (
    <Meter
      label={text().fleet.columns.memory}
      ratio={props.node.metrics.memoryRatio}
      old={isOld(props.node)}
      left
    />
  ),
  disk: (props) => (
    <Meter
      label={text().fleet.columns.disk}
      ratio={props.node.metrics.diskRatio}
      old={isOld(props.node)}
      left
    />
  ),
  problems: (props) => <ProblemCount node={props.node} />,
  system: (props) => (
    <span class="block truncate text-sm text-muted" title={props.node.kernel ?? ""}>
      {props.node.os}
    </span>
  ),
  version: (props) => <span class="text-sm text-muted">{props.node.version}</span>,
  seen: (props) => <Time at={props.node.lastSeenAt} class="text-sm text-muted" />,
};

export function NodeTable(props: DrawnProps & { onSort: ((sort: Sort) => void) | undefined }) {
  const isWhole = () => props.entries.length === props.all;
  const c = () => text().fleet.columns;
  const columns = createMemo(() => COLUMNS.filter((column) => !props.view.hidden.includes(column)));
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
      <Key each={props.entries} by="id">
        {(entry, index) => (
          <EntryRow
            entry={entry()}
            index={isWhole() ? undefined : props.from + index() + 2}
            columns={columns()}
            marks={props.marks}
            view={props.view}
          />
        )}
      </Key>
      <RowRoom px={props.after} />
    </Table>
  );
}

function EntryRow(props: {
  entry: Entry;
  index: number | undefined;
  columns: Column[];
  marks: Marks;
  view: FleetView;
}) {
  const node = createMemo(() => (props.entry.kind === "nodes" ? props.entry.nodes[0] : undefined));
  return (
    <Show when={node()} fallback={<GroupRow {...props} />}>
      {(known) => (
        <Tr index={props.index} dense={props.view.dense}>
          <Td>
            <Status look={nodeLook(known(), props.marks, text())} quiet={bucketOf(known()) === "healthy"} />
          </Td>
          <Td class="max-w-72">
            <span class="flex items-center gap-2">
              <a href={`/nodes/${known().id}`} class={`truncate font-medium ${ROW_LINK}`}>
                {known().name}
              </a>
              <Show when={known().group}>
                {(group) => <span class="shrink-2 truncate text-sm text-muted">{group()}</span>}
              </Show>
              <RepairsOff node={known()} />
            </span>
          </Td>
          <For each={props.columns}>
            {(column) => {
              const Cell = CELLS[column];
              return (
                <Td class={LOOKS[column].class}>
                  <Cell node={known()} />
                </Td>
              );
            }}
          </For>
        </Tr>
      )}
    </Show>
  );
}

function GroupRow(props: { entry: Entry; columns: Column[]; view: FleetView }) {
  const group = () => (props.entry.kind === "group" ? props.entry : null);
  return (
    <tr class="h-9 border-line not-last:border-b">
      <th
        scope="rowgroup"
        colSpan={props.columns.length + 2}
        class="bg-page px-4 text-left text-sm font-medium text-muted"
      >
        {groupName(props.view.group, group()?.name ?? "")}{" "}
        <span class="font-normal text-faint">{formatCount(group()?.count ?? 0, locale())}</span>
      </th>
    </tr>
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
