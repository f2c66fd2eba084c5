import { Show, type JSX } from "solid-js";
import { Icon } from "./icon.tsx";

/** A plain table that scrolls inside itself when it must; the page never does. */
export function Table(props: {
  label: string;
  head: JSX.Element;
  /** How many rows there are when not all of them are drawn; columns then keep their widths whatever is drawn. */
  rowCount?: number | undefined;
  children: JSX.Element;
}) {
  return (
    <div class="overflow-x-auto">
      <table
        aria-label={props.label}
        aria-rowcount={props.rowCount}
        class="w-full border-collapse text-left"
        classList={{ "table-fixed": props.rowCount !== undefined }}
      >
        <thead>
          <tr class="border-b border-line text-sm text-muted">{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

export function Th(props: {
  class?: string | undefined;
  /** Which way the rows are sorted by this column, if they are. */
  sorted?: "ascending" | "descending" | undefined;
  children: JSX.Element;
}) {
  return (
    <th
      scope="col"
      aria-sort={props.sorted}
      class={`h-8 px-3 font-medium first:pl-4 last:pr-4 whitespace-nowrap ${props.class ?? ""}`}
    >
      {props.children}
    </th>
  );
}

/** A column head that sorts: pressed again, it turns the order around. */
export function SortTh(props: {
  class?: string;
  label: string;
  sorted: "ascending" | "descending" | undefined;
  onSort: () => void;
}) {
  return (
    <Th class={props.class} sorted={props.sorted}>
      <button
        type="button"
        onClick={() => props.onSort()}
        class="inline-flex min-h-6 cursor-pointer items-center gap-1 rounded-sm font-medium hover:text-ink"
        classList={{ "text-ink": props.sorted !== undefined }}
      >
        {props.label}
        <Show when={props.sorted}>
          <Icon name={props.sorted === "ascending" ? "arrow-up" : "arrow-down"} class="size-3" />
        </Show>
      </button>
    </Th>
  );
}

/** A row whose link (marked `row-link`) covers all of it. */
export function Tr(props: {
  class?: string;
  index?: number | undefined;
  dense?: boolean | undefined;
  children: JSX.Element;
}) {
  return (
    <tr
      data-row
      aria-rowindex={props.index}
      class={`relative ${props.dense === true ? "h-7 [&>td]:py-0" : "h-9"} border-line not-last:border-b hover:bg-hover focus-within:bg-hover ${props.class ?? ""}`}
    >
      {props.children}
    </tr>
  );
}

/** Room for rows that are not drawn. */
export function RowRoom(props: { px: number }) {
  return (
    <Show when={props.px > 0}>
      <tr aria-hidden="true" style={{ height: `${props.px}px` }} />
    </Show>
  );
}

export function Td(props: { class?: string; title?: string; colSpan?: number; children: JSX.Element }) {
  return (
    <td
      title={props.title}
      colSpan={props.colSpan}
      class={`px-3 py-1.5 first:pl-4 last:pr-4 ${props.class ?? ""}`}
    >
      {props.children}
    </td>
  );
}

/** On a link inside a positioned row: the whole row answers to the pointer, the focus ring is the row's. */
export const ROW_LINK =
  "after:(absolute inset-0 content-empty) focus-visible:(outline-none after:outline-2 after:outline-accent after:-outline-offset-2)";

/** The linked name of a row: one line, on a phone two. */
export const ROW_TITLE = `min-w-0 font-medium max-sm:line-clamp-2 sm:truncate ${ROW_LINK}`;
