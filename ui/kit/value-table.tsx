import { For } from "solid-js";
import { now } from "../lib/clock.ts";
import { formatPoint } from "../lib/format.model.ts";
import { enNode } from "../texts/en/node.ts";
import { locale, textsWith } from "../texts/i18n.ts";
import { formatValue, type Columns, type Line, type Unit } from "./time-series.model.ts";

const text = textsWith(enNode);

/** The numbers of a chart in rows, newest first. It scrolls inside the place of the chart. */
export function ValueTable(props: { title: string; lines: readonly Line[]; columns: Columns; unit: Unit }) {
  const places = () => props.columns.times.map((_, index) => index).reverse();
  const shown = (line: number, place: number) => {
    const value = props.columns.values[line]?.[place];
    return typeof value === "number" ? formatValue(props.unit, value, locale()) : "–";
  };
  // One look at the clock: a table of hundreds of rows must not be built again each second.
  const opened = now();
  return (
    <div
      class="h-full overflow-auto rounded-sm border border-line"
      tabIndex={0}
      role="group"
      aria-label={props.title}
    >
      <table class="w-full text-sm">
        <thead class="sticky top-0 bg-surface text-left text-muted">
          <tr>
            <th scope="col" class="px-2 py-1 font-medium">
              {text().chart.time}
            </th>
            <For each={props.lines}>
              {(line) => (
                <th scope="col" class="px-2 py-1 text-right font-medium">
                  {line.label}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={places()}>
            {(place) => (
              <tr class="border-t border-line">
                <td class="px-2 py-0.5 text-muted">
                  {formatPoint(props.columns.times[place]!, opened, locale())}
                </td>
                <For each={props.lines}>
                  {(_, index) => <td class="px-2 py-0.5 text-right">{shown(index(), place)}</td>}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
