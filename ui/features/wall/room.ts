/** The screen's own measures. */
import { createSignal, onCleanup, type Accessor } from "solid-js";
import { rootPx, type Room } from "./wall.model.ts";

/** Sets the size of everything for as long as the caller is shown. */
export function scaleToScreen(): void {
  const { style } = document.documentElement;
  const scale = () => (style.fontSize = `${rootPx(innerWidth)}px`);
  scale();
  // Nothing scrolls on a wall: no room is kept for a bar.
  style.overflowY = "auto";
  addEventListener("resize", scale);
  onCleanup(() => {
    removeEventListener("resize", scale);
    style.fontSize = style.overflowY = "";
  });
}

/** How much room an element has, rem. */
export function createRoom(): [room: Accessor<Room>, ref: (element: HTMLElement) => void] {
  const [room, setRoom] = createSignal<Room>({ width: 0, height: 0 });
  const watch = new ResizeObserver(([entry]) => {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const { width, height } = entry!.contentRect;
    setRoom({ width: width / rem, height: height / rem });
  });
  onCleanup(() => watch.disconnect());
  return [room, (element) => watch.observe(element)];
}
