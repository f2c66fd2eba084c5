import { Key } from "@solid-primitives/keyed";
import { Show, createSignal, type Accessor, type JSX } from "solid-js";
import { createHeldList } from "../lib/held-list.ts";
import { text } from "../texts/i18n.ts";
import { Button } from "./button.tsx";
import { More } from "./more.tsx";

/** A list that stands still under the pointer, says how many newcomers wait, and draws `rows` items at a time. */
export function HeldList<T extends { id: string }>(props: {
  items: readonly T[];
  rows: number;
  /** Asked for more than is here, or nearly: what lies beyond may be fetched. */
  onEnd?: (() => void) | undefined;
  children: (item: Accessor<T>) => JSX.Element;
}) {
  const [pages, setPages] = createSignal(1);
  const list = createHeldList(() => props.items);
  const limit = () => props.rows * pages();
  const more = () => {
    list.release();
    setPages(pages() + 1);
    if (limit() + props.rows > list.items().length) props.onEnd?.();
  };
  return (
    <div {...list.hold}>
      <Show when={list.waiting() > 0}>
        <div class="flex justify-center border-b border-line py-1">
          <Button small kind="ghost" onClick={list.release}>
            {text().common.waiting(list.waiting())}
          </Button>
        </div>
      </Show>
      <ul>
        <Key each={list.items().slice(0, limit())} by="id">
          {(item) => props.children(item)}
        </Key>
      </ul>
      <Show when={list.items().length > limit()}>
        <More label={text().common.more(Math.min(props.rows, list.items().length - limit()))} onMore={more} />
      </Show>
    </div>
  );
}
