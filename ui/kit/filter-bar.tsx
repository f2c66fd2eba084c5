import type { JSX } from "solid-js";

/** Filters in one row above a list; on a phone the search has a line of its own and the others share the next. */
export function FilterBar(props: { children: JSX.Element }) {
  return (
    <div class="flex flex-wrap gap-2 border-b border-line px-4 py-2.5 max-sm:[&>*]:flex-1 max-sm:[&>label]:basis-full">
      {props.children}
    </div>
  );
}
