/** Nodes as a table or as cards; a phone has cards always. A long list draws only the rows near the window. */
import { createEffect, createMemo, Show } from "solid-js";
import { createVirtual } from "../../kit/virtual.ts";
import { isNarrow, isWide } from "../../lib/media.ts";
import type { NodeItem } from "../../data/types.ts";
import type { Marks } from "./fleet.model.ts";
import { entriesOf, type FleetView, type Sort } from "./fleet-view.model.ts";
import { NodeCards } from "./node-cards.tsx";
import type { DrawnProps } from "./node-parts.tsx";
import { NodeTable } from "./node-table.tsx";

/** Heights before one was measured, px. */
const ROW_PX = 37;
const DENSE_PX = 29;
const CARD_PX = 131;
/** Rows before the end at which more are asked for. */
const NEAR_END = 60;

export function NodeList(props: {
  nodes: readonly NodeItem[];
  marks: Marks;
  view: FleetView;
  /** Undefined where only a part of the fleet is here: its order is the server's. */
  onSort: ((sort: Sort) => void) | undefined;
  onEnd?: () => void;
  /** Changes when the list goes to another place of the page. */
  place: unknown;
}) {
  let element: HTMLDivElement | undefined;
  const asCards = () => isNarrow() || props.view.layout === "cards";
  const perRow = () => (!asCards() || isNarrow() ? 1 : isWide() ? 3 : 2);
  const entries = createMemo(() => entriesOf(props.nodes, props.view.group, perRow()));
  const rows = createVirtual({
    count: () => entries().length,
    rowPx: () => (asCards() ? CARD_PX : props.view.dense ? DENSE_PX : ROW_PX),
    element: () => element,
    place: () => props.place,
  });
  const length = createMemo(() => entries().length);
  createEffect(() => rows().to >= length() - NEAR_END && props.onEnd?.());
  const drawn = (): DrawnProps => ({
    ...rows(),
    all: entries().length,
    marks: props.marks,
    view: props.view,
    entries: entries().slice(rows().from, rows().to),
  });
  return (
    <div ref={element}>
      <Show when={asCards()} fallback={<NodeTable {...drawn()} onSort={props.onSort} />}>
        <NodeCards {...drawn()} perRow={perRow()} />
      </Show>
    </div>
  );
}
