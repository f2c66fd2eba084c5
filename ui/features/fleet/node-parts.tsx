/** What rows and cards of a node share. */
import { For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Meter } from "../../kit/meter.tsx";
import type { NodeItem } from "../../data/types.ts";
import { bucketOf, type Marks } from "./fleet.model.ts";
import type { Entry, FleetView } from "./fleet-view.model.ts";
import { text } from "./texts.ts";

export interface DrawnProps {
  /** How many rows there are; `entries` are those to be drawn, from place `from` on. */
  all: number;
  from: number;
  /** Room for the others, px. */
  before: number;
  after: number;
  entries: Entry[];
  marks: Marks;
  view: FleetView;
}

/** What a silent node said last is old news: shown, but in grey. */
export const isOld = (node: NodeItem) => bucketOf(node) === "silent" || bucketOf(node) === "offline";

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

export function RepairsOff(props: { node: NodeItem }) {
  return (
    <Show when={props.node.repairs === false}>
      <Badge tone="warn">
        <Icon name="shield-off" class="mr-1 size-3" />
        {text().fleet.repairsOff}
      </Badge>
    </Show>
  );
}

/** The head of a group, as said in the reader's words. */
export function groupName(group: string, name: string): string {
  if (name === "") return text().fleet.view.noGroup;
  if (group !== "state") return name;
  return (text().fleet.buckets as Record<string, string>)[name] ?? name;
}
