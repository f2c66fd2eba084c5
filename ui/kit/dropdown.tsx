import { createUniqueId, type JSX } from "solid-js";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";

const GAP_PX = 6;

/** A button that opens a small panel beside itself: a native popover, closed by Escape or a press outside. */
export function Dropdown(props: { label: string; icon: IconName; children: JSX.Element }) {
  const id = createUniqueId();
  let button: HTMLSpanElement | undefined;
  let panel!: HTMLDivElement;
  const place = () => {
    const box = button!.getBoundingClientRect();
    const { style } = panel;
    style.right = `${Math.max(8, document.documentElement.clientWidth - box.right)}px`;
    // Where there is more room.
    const isAbove = box.top > innerHeight - box.bottom;
    style.top = isAbove ? "auto" : `${box.bottom + GAP_PX}px`;
    style.bottom = isAbove ? `${innerHeight - box.top + GAP_PX}px` : "auto";
    style.maxHeight = `${(isAbove ? box.top : innerHeight - box.bottom) - 2 * GAP_PX}px`;
  };
  return (
    <span ref={button}>
      <Button small icon={props.icon} popovertarget={id} aria-label={props.label}>
        <span class="max-sm:sr-only">{props.label}</span>
      </Button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        onBeforeToggle={place}
        class="inset-auto m-0 w-72 overflow-y-auto rounded-lg border border-line-strong bg-raised p-0 text-ink"
      >
        {props.children}
      </div>
    </span>
  );
}
