import { Key } from "@solid-primitives/keyed";
import { createMemo, For, Show } from "solid-js";
import { HeatStrip } from "../../kit/heat-strip.tsx";
import { Status } from "../../kit/status.tsx";
import { ROW_LINK } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { NodeItem } from "../../data/types.ts";
import { bucketOf, nodeLook, type Marks } from "./fleet.model.ts";
import type { Entry, FleetView } from "./fleet-view.model.ts";
import { heatStateOf } from "./node-heat.ts";
import { type DrawnProps, groupName, NodeMeters, RepairsOff } from "./node-parts.tsx";
import { text } from "./texts.ts";

const GRID = ["", "grid-cols-1", "grid-cols-2", "grid-cols-3"];

export function NodeCards(props: DrawnProps & { perRow: number }) {
  return (
    <ul>
      <Room px={props.before} />
      <Key each={props.entries} by="id">
        {(entry) => <EntryRow {...props} entry={entry()} />}
      </Key>
      <Room px={props.after} />
    </ul>
  );
}

function EntryRow(props: { entry: Entry; perRow: number; marks: Marks; view: FleetView }) {
  const group = () => (props.entry.kind === "group" ? props.entry : null);
  const nodes = createMemo(() => (props.entry.kind === "nodes" ? props.entry.nodes : []));
  return (
    <Show
      when={group()}
      fallback={
        <li data-row class={`grid gap-px border-line bg-line not-last:border-b ${GRID[props.perRow]}`}>
          <Key each={nodes()} by="id">
            {(node) => <NodeCard node={node()} marks={props.marks} />}
          </Key>
          <For each={Array.from({ length: props.perRow - nodes().length })}>
            {() => <span class="bg-surface" />}
          </For>
        </li>
      }
    >
      {(head) => (
        <li class="flex items-baseline gap-2 border-b border-line bg-page px-4 pt-4 pb-2 text-sm font-medium text-muted">
          {groupName(props.view.group, head().name)}
          <span class="font-normal text-faint">{formatCount(head().count, locale())}</span>
        </li>
      )}
    </Show>
  );
}

function NodeCard(props: { node: NodeItem; marks: Marks }) {
  return (
    <div class="relative min-w-0 bg-surface px-4 py-3 hover:bg-raised">
      <div class="flex items-center gap-2">
        <a href={`/nodes/${props.node.id}`} class={`min-w-0 truncate text-md font-medium ${ROW_LINK}`}>
          {props.node.name}
        </a>
        <RepairsOff node={props.node} />
        <Status
          class="ml-auto"
          look={nodeLook(props.node, props.marks, text())}
          quiet={bucketOf(props.node) === "healthy"}
        />
      </div>
      <p class="mt-0.5 flex gap-1.5 text-sm text-muted">
        <span class="min-w-0 truncate">{[props.node.group, props.node.os].filter(Boolean).join(" · ")}</span>
        <Time at={props.node.lastSeenAt} class="ml-auto" />
      </p>
      <HeatStrip heat={props.node.history} current={heatStateOf(props.node)} class="mt-2 block h-4 w-full" />
      <NodeMeters node={props.node} />
    </div>
  );
}

function Room(props: { px: number }) {
  return (
    <Show when={props.px > 0}>
      <li aria-hidden="true" style={{ height: `${props.px}px` }} />
    </Show>
  );
}
