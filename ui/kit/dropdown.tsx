import { createUniqueId, type JSX } from "solid-js";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";
import { Popover } from "./popover.tsx";

const GAP_PX = 6;
const EDGE_PX = 8;
const WIDTH_PX = 288;

/** A button that opens a small panel beside itself. */
export function Dropdown(props: { label: string; icon: IconName; children: JSX.Element }) {
  const id = createUniqueId();
  let button: HTMLSpanElement | undefined;
  const place = ({ style }: HTMLElement) => {
    const box = button!.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    // Under its button's right edge, as far as that leaves all of it on the screen.
    style.right = `${Math.max(EDGE_PX, Math.min(room - box.right, room - WIDTH_PX - EDGE_PX))}px`;
    style.width = `${WIDTH_PX}px`;
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
      <Popover id={id} onOpen={place} class="overflow-y-auto">
        {props.children}
      </Popover>
    </span>
  );
}
