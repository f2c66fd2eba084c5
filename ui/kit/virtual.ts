/** Draws only the rows of a long list that are near the window: all of them are of the same height. */
import {
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
  onMount,
  untrack,
  type Accessor,
} from "solid-js";
import { visibleRows } from "./virtual.model.ts";

/** Shorter lists are drawn whole: the browser's own search finds everything in them. */
const WHOLE = 40;

export function createVirtual(options: {
  count: Accessor<number>;
  /** Height of a row, px, as long as none was measured; when it changes, rows are measured again. */
  rowPx: Accessor<number>;
  /** What surrounds the rows; its first `[data-row]` is measured. */
  element: () => HTMLElement | undefined;
  /** Changes when the list goes to another place of the page. */
  place?: Accessor<unknown>;
}) {
  const [view, setView] = createSignal({ top: 0, height: 0 });
  const [rowPx, setRowPx] = createSignal(untrack(options.rowPx));
  let frame = 0;

  const look = () => {
    frame = 0;
    const element = options.element();
    if (element === undefined) return;
    const row = element.querySelector<HTMLElement>("[data-row]");
    const height = row?.getBoundingClientRect().height ?? 0;
    if (height > 0) setRowPx(height);
    setView({ top: -element.getBoundingClientRect().top, height: innerHeight });
  };
  const later = () => {
    if (frame === 0) frame = requestAnimationFrame(look);
  };
  createEffect(
    on(
      options.rowPx,
      (px) => {
        setRowPx(px);
        later();
      },
      { defer: true },
    ),
  );
  onMount(() => {
    look();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later, { passive: true });
    // What stands above grows, shrinks or goes elsewhere: the list moves without a scroll.
    const sizes = new ResizeObserver(later);
    sizes.observe(document.body);
    onCleanup(() => {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
    });
  });

  createEffect(on(() => options.place?.(), later, { defer: true }));

  return createMemo(
    () => {
      const count = options.count();
      if (count <= WHOLE) return { from: 0, to: count, before: 0, after: 0 };
      return visibleRows({ ...view(), rowPx: rowPx(), count });
    },
    undefined,
    { equals: (a, b) => a.from === b.from && a.to === b.to && a.before === b.before && a.after === b.after },
  );
}
