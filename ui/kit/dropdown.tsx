import { createUniqueId, type JSX } from "solid-js";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";
import { EDGE_PX, placeBeside } from "./place.model.ts";
import { Popover } from "./popover.tsx";

const WIDTH_PX = 288;

/** Of something that is not shown yet. */
function heightOf(panel: HTMLElement): number {
  panel.style.display = "block";
  const height = panel.offsetHeight;
  panel.style.display = "";
  return height;
}

/** A button that opens a small panel beside itself. */
export function Dropdown(props: { label: string; icon: IconName; children: JSX.Element }) {
  const id = createUniqueId();
  let button: HTMLSpanElement | undefined;
  const place = (panel: HTMLElement) => {
    const { style } = panel;
    style.width = `${WIDTH_PX}px`;
    style.maxHeight = `${innerHeight - 2 * EDGE_PX}px`;
    const placed = placeBeside(button!.getBoundingClientRect(), WIDTH_PX, heightOf(panel), {
      width: document.documentElement.clientWidth,
      height: innerHeight,
    });
    style.left = `${placed.left}px`;
    style.top = `${placed.top}px`;
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
